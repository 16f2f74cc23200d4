// Rows that are stored only once all others of the batch have been tried, because they may need each other, or wait for
// deletions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "batchout/block.h"
#include "components/postgres/isolate.h"
#include "components/postgres/references.h"

namespace batchout::postgres {

class PostgresStore;
class WaitingWriter;

struct WaitingRow {
  WaitingWriter* writer = nullptr;
  std::shared_ptr<const Block> block;
  std::size_t row = 0;
  /// As in registry/refused_rows.h.
  std::uint64_t number = 0;
  /// In the stage of its writer, if there is one.
  std::int64_t sequence = 0;
  /// Why it could not be stored when that was tried last; null: it has not been tried.
  std::shared_ptr<const Refused> why{};
};

/// An output whose rows may wait.
class WaitingWriter {
 public:
  virtual ~WaitingWriter() = default;

  virtual const TableName& table() const = 0;
  /// Appends the cells of a row in some columns of the table as one text. False if one of them has no value or is not
  /// written; then nothing is said of the text.
  virtual bool append_key(const WaitingRow& row, std::span<const std::string> columns, std::string& out) const = 0;
  /// By which rows meet: those of one key are stored in their order. Empty: they do not.
  virtual std::span<const std::string> meeting_columns() const = 0;
  /// True if a row means nothing once a later one of its key is stored.
  virtual bool yields(const WaitingRow& row) = 0;

  /// Does what its `finish` has put off; rows that fail may be added to those that wait.
  virtual Result<> remove_late() = 0;

  /// Makes these rows, all its own, those that `store_arranged` counts, from 0.
  virtual Result<> arrange(std::span<WaitingRow* const> rows) = 0;
  virtual Result<> store_arranged(std::size_t first, std::size_t last) = 0;
  /// The row, so counted, at which the last `store_arranged` failed; none: it is not known.
  virtual std::optional<std::size_t> failed_row() const = 0;
};

/// The rows of a batch that wait, over all tables of a store. They are tried in an order in which each comes behind
/// what it needs by the foreign keys, rows that need each other at once, and as long as that helps; deletions that were
/// put off come first. The server alone says what can be stored: the order only spares attempts.
class Waiting {
 public:
  explicit Waiting(PostgresStore& store) : store_(store) {}

  void clear();
  void add(WaitingRow row);
  /// The row will not be tried again.
  void refuse(WaitingRow row) { refused_.push_back(std::move(row)); }
  /// `writer` has put something off.
  void add_late(WaitingWriter& writer) { late_.push_back(&writer); }
  /// Something has been stored beside the rows that wait.
  void stored_others() { settled_ = false; }
  bool any() const { return !rows_.empty() || !late_.empty(); }

  /// Ends the waiting for the rows of a writer, and returns those that cannot be stored.
  Result<std::vector<WaitingRow>> end(const WaitingWriter& writer);

 private:
  /// Rows of one writer in the order of a pass: their places in `rows_`.
  using Places = std::vector<std::size_t>;

  /// Rows that are stored together or not at all, each group behind those that it needs.
  struct Groups {
    std::vector<Places> rows;
    /// Those that need what does not wait, or other such groups: unless that is stored already, they are bad.
    std::set<std::size_t> doubtful;

    void reverse();
  };

  Result<> settle();
  Result<bool> pass(Isolation& isolation, bool forwards);
  Groups grouped() const;
  void add_needs(const ForeignKey& key, std::vector<Places>& needs, std::vector<bool>& doubtful) const;
  void add_meetings(std::vector<Places>& needs) const;
  Result<> arrange(const std::vector<Places>& groups);
  std::optional<Refused> attempt(std::size_t first, std::size_t last);
  Result<> store_alone(std::size_t group);
  void settle_meetings(std::size_t group);

  PostgresStore& store_;
  std::vector<WaitingRow> rows_, refused_;
  std::vector<WaitingWriter*> late_;
  bool settled_ = false;
  /// Of first passes: it remembers how good the rows of batches are.
  Isolation isolation_;

  // Of the pass at hand.
  enum class State : std::uint8_t { waits, done, refused };
  std::vector<State> states_;
  /// The first row of each group, and the number of rows.
  std::vector<std::size_t> starts_;
  std::vector<std::pair<WaitingWriter*, Places>> writers_;
};

}  // namespace batchout::postgres
