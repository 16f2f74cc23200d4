// One connection and one transaction for all outputs that write to the same database.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "components/postgres/config.h"
#include "components/postgres/connection.h"
#include "components/postgres/dead_letters.h"
#include "components/postgres/positions.h"
#include "components/postgres/references.h"
#include "components/postgres/waiting.h"
#include "data/letter_book.h"
#include "data/position_book.h"
#include "registry/idle_transaction.h"
#include "registry/letter_check.h"
#include "registry/source_listener.h"
#include "registry/stop_listener.h"
#include "registry/write_order.h"

namespace batchout::postgres {

/// The address is that of the first output; others with the same store_key differ at most in password and name.
class PostgresStore final : public Store,
                            public WriteOrder,
                            public SourceListener,
                            public StopListener,
                            public IdleTransaction,
                            public LetterBook,
                            public LetterCheck,
                            public PositionBook {
 public:
  PostgresStore(const Config& config, const Context& context);

  StoreTraits traits() const override {
    return {.transactional = true, .keeps_positions = true, .keeps_dead_letters = true};
  }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override;
  void listen_to(std::function<bool(std::string_view source)> reads) override { reads_ = std::move(reads); }
  void listen(std::stop_token stop) override;
  void expect_idleness() override { idles_ = true; }
  Result<> check_transaction() override;
  Result<> begin(std::uint64_t batch) override;
  Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) override;
  void rollback() override;
  Result<std::vector<KeptPosition>> kept() override;
  Result<> change(std::span<const PositionChange> changes) override;

  Result<> check_letters() override;
  Result<> keep(std::span<const NewLetter> letters) override;
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) override;
  Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) override;
  Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) override;
  Result<std::size_t> prune(std::int64_t until) override;

  /// The connection of the open transaction. Whatever was made in the session is gone when `generation` has changed:
  /// the connection is another one, or the transaction that made it was rolled back.
  Result<Connection*> connection();
  std::uint64_t generation() const { return generation_; }

  /// Number of the batch at hand.
  std::uint64_t batch() const { return batch_; }

  /// Makes a table known that an output writes to.
  void add_table(const Output* output, TableName table) { tables_[output] = std::move(table); }
  Result<std::vector<std::size_t>> order(std::span<const Output* const> outputs) override;
  /// True if a table of another output refers to that of `output`; known from the first `order` on.
  bool has_children(const Output* output) const;

  /// Reads the foreign keys among the tables, once per connection.
  Result<> read_keys();
  /// As read.
  const std::vector<ForeignKey>& foreign_keys() const { return keys_; }
  /// Those of the batch at hand.
  Waiting& waiting() { return waiting_; }
  /// True if rows of `output` are to wait from the start: in another try of a batch in which COMMIT has found a row
  /// without one that it needs in its own table, or in a circle.
  bool holds(const Output* output) const;
  /// True if rows of `output` that were just refused may be good once others have been stored.
  Result<bool> lets_wait(const Output* output);

  /// When foreign keys are checked: as the table says, or those of circles not before the end of the attempt if they
  /// can wait.
  enum class Keys : std::uint8_t { as_they_are, at_the_end };
  /// Does work within a savepoint, which is rolled back to if it fails with the verdict `row` or has no time.
  std::optional<Refused> attempt(std::string_view doing, Keys keys, const std::function<Result<>()>& work);

  /// A name that no other output of this store uses for its temporary table.
  std::string next_stage_name();

 private:
  Result<std::vector<Claim>> claim_in_session(std::span<const Unit> units);
  Result<> start();
  Result<> read_keys_with(Connection& connection);
  std::string set_constraints(bool deferred, std::string_view when) const;
  Error checked_too_late(Error error);
  Result<> connect();
  void disconnect();
  bool of_use() const;

  Address address_;
  Log log_;
  /// What is to be said of the trust in the server has been said.
  bool warned_ = false;
  std::stop_token stop_;
  std::optional<Connection> connection_;
  /// Other stores are written within a transaction.
  bool idles_ = false;
  /// Between `begin` and the end of the transaction.
  bool begun_ = false;
  /// From 1: outputs start with 0, which is no generation.
  std::uint64_t generation_ = 1;
  std::uint64_t stages_ = 0;
  std::uint64_t batch_ = 0;
  std::string pipeline_;
  std::map<const Output*, TableName> tables_;
  /// Those among the tables, and of them those of circles.
  std::vector<ForeignKey> keys_, circles_;
  References references_;
  /// For which the foreign keys have been read; 0: none.
  std::uint64_t keys_generation_ = 0;
  /// Rows of circles wait from the start, and their deferred keys are checked with each attempt.
  bool holds_circles_ = false;
  Waiting waiting_{*this};
  /// Constraints, as SQL, that COMMIT has found violated in the batch of that number.
  std::set<std::string> violated_;
  std::uint64_t violated_batch_ = 0;
  Positions positions_;
  LetterReach reach_;
  /// Where the configuration of the pipeline is.
  std::string place_;
  /// As PipelineTraces.
  std::function<bool(std::string_view source)> reads_;
  /// Nobody else has the name of the pipeline.
  bool name_claimed_ = false;
};

}  // namespace batchout::postgres
