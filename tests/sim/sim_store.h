// A database connection with one transaction, and a table in it: the simulated store and output.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "batchout/component.h"
#include "world.h"

namespace batchout::sim {

class SimStore final : public Store {
 public:
  SimStore(World& world, Database& database) : world_(world), database_(database) {}

  StoreTraits traits() const override;
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override;
  Result<> begin(std::uint64_t batch) override;
  Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) override;
  void rollback() override;

  /// For the output: true, and no connection any more, if the call at hand fails.
  bool loses_connection();
  bool in_transaction() const { return in_transaction_; }
  /// Counts connections: what an output has opened on an earlier one is gone.
  int connection() const { return connection_; }
  Transaction& pending() { return pending_; }
  World& world() { return world_; }
  bool refuses() const { return &database_ == &world_.databases[world_.refusing_number]; }
  /// A row that it would refuse is taken for now; false: it has to be refused at once.
  bool puts_off_refusing();

 private:
  Result<Outcome> send();

  World& world_;
  Database& database_;
  Transaction pending_;
  int connection_ = 0;
  bool connected_ = false;
  bool in_transaction_ = false;
  std::uint64_t batch_ = 0;
  /// COMMIT has refused this one, or is going to.
  std::uint64_t refused_batch_ = 0;
  bool refuses_at_commit_ = false;
};

class SimOutput final : public Output {
 public:
  explicit SimOutput(SimStore& store) : store_(store) {}

  Result<> open(const TableShape& shape) override;
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override;
  Result<> finish(Rejects& rejects) override;

 private:
  Result<> call(const char* name);
  bool refused(const Block& block, std::size_t row, std::string_view trace, Rejects& rejects) const;

  SimStore& store_;
  int connection_ = 0;  ///< On which the table was opened.
};

}  // namespace batchout::sim
