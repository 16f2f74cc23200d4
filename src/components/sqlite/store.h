// A SQLite file as a store: one connection, one transaction for all tables in it.

#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "components/sqlite/waiting.h"
#include "data/letter_book.h"
#include "data/pipeline_traces.h"
#include "data/position_book.h"
#include "data/table_order.h"
#include "data/upsert_rules.h"
#include "registry/idle_transaction.h"
#include "registry/source_listener.h"
#include "registry/write_order.h"

namespace batchout {

enum class SqliteMode : std::uint8_t { insert, upsert };
enum class SqliteSynchronous : std::uint8_t { full, normal };
/// How SQLite takes a transaction back: memory and off are not among them, a crash would leave half of a batch.
enum class SqliteJournal : std::uint8_t { wal, delete_, truncate, persist };

template <>
struct Choices<SqliteMode> {
  static constexpr std::string_view names[] = {"insert", "upsert"};
};
template <>
struct Choices<SqliteSynchronous> {
  static constexpr std::string_view names[] = {"full", "normal"};
};
template <>
struct Choices<SqliteJournal> {
  static constexpr std::string_view names[] = {"wal", "delete", "truncate", "persist"};
};

/// Relative paths resolve in the folder of the configuration.
struct SqliteConfig : UpsertRules {
  std::string path, table;
  SqliteMode mode = SqliteMode::insert;
  std::vector<std::string> keys;
  SqliteSynchronous synchronous = SqliteSynchronous::full;
  SqliteJournal journal_mode = SqliteJournal::wal;
  Duration busy_timeout = std::chrono::seconds(5);
  /// A text or a boolean, so it is kept as it is written; a check has refused the rest.
  Node create = "if_missing";

  static void describe(Spec<SqliteConfig>& s);
  std::string store_key(std::string_view folder) const;
  bool upserts() const { return mode == SqliteMode::upsert; }
  /// Whether a missing table is made.
  bool creates() const;
};

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteStatement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Used by one thread, so SQLite's own mutexes are switched off.
class SqliteStore final : public Store,
                          public WriteOrder,
                          public SourceListener,
                          public IdleTransaction,
                          public LetterBook,
                          public PositionBook {
 public:
  SqliteStore(const SqliteConfig& config, const Context& context);

  StoreTraits traits() const override {
    return {.transactional = true, .keeps_positions = true, .keeps_dead_letters = true};
  }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override;
  void listen_to(std::function<bool(std::string_view source)> reads) override { traces_.reads = std::move(reads); }
  void expect_idleness() override {}
  Result<> check_transaction() override;
  Result<> begin(std::uint64_t batch) override;
  Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) override;
  void rollback() override;
  Result<std::vector<std::size_t>> order(std::span<const Output* const> outputs) override;
  Result<std::vector<KeptPosition>> kept() override;
  Result<> change(std::span<const PositionChange> changes) override;

  Result<> keep(std::span<const NewLetter> letters) override;
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) override;
  Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) override;
  Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) override;
  Result<std::size_t> prune(std::int64_t until) override;

  /// Tells which table an output writes to.
  void writes(const Output* output, const std::string& table);
  /// Of several outputs the stricter settings hold.
  void demand(const SqliteConfig& config);
  /// An error if another output wants another journal: a file has one.
  Result<> agrees_to(const SqliteConfig& config) const;

  /// There must be a connection.
  Result<SqliteStatement> prepare(const std::string& sql);
  Result<> execute(const std::string& sql);
  /// Runs a statement without results to its end, and makes it ready for the next time. An error with the verdict `row`
  /// has the code of a refused row.
  Result<> step(sqlite3_stmt* statement, std::string_view doing);
  /// True in another try of a batch in which COMMIT has found a foreign key without its row: it is known then that each
  /// row leaves none behind, or which one does.
  bool checks_keys() const { return violated_batch_ == batch_; }
  /// Does work for rows. Where keys are checked, it is undone, and an error with the verdict `row`, if it leaves a
  /// foreign key without its row; it is undone as well if it fails.
  Result<> tried(const std::function<Result<>()>& work);
  /// Rows of the batch at hand that wait for others.
  SqliteWaiting& waiting() { return waiting_; }

  /// The error of the last call, with what was being done.
  std::unexpected<Error> error(int code, std::string_view doing) const;

  /// Grows when statements and tables of before may be gone: after connecting and after a rollback.
  std::uint64_t generation() const { return generation_; }
  bool in_transaction() const { return connection_ && sqlite3_get_autocommit(connection_.get()) == 0; }

 private:
  struct CloseConnection {
    // Statements that are still held keep the connection alive until they are finalized.
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };

  Result<> connect();
  Result<> configure();
  Result<> find_references();
  Error checked_too_late(Error error);
  bool has_open_keys() const;
  bool moved() const;

  std::string path_;
  /// The path as it is written, for messages.
  std::string shown_;
  SqliteSynchronous synchronous_;
  SqliteJournal journal_mode_;
  Duration busy_timeout_;
  std::string pipeline_;
  /// Of the pipeline: tables of the outputs, and the place. Sources come with the claim.
  PipelineTraces traces_;
  /// Nobody else has the name of the pipeline.
  bool name_claimed_ = false;
  std::unique_ptr<sqlite3, CloseConnection> connection_;
  std::uint64_t generation_ = 0;
  /// Names in small letters, since SQLite does not tell them from capitals.
  std::map<const Output*, TableName> tables_;
  References references_;
  std::uint64_t references_generation_ = 0;
  SqliteWaiting waiting_{*this};
  std::uint64_t batch_ = 0;
  /// Its COMMIT has found a foreign key without its row.
  std::optional<std::uint64_t> violated_batch_;
  /// Of the file when it was opened.
  std::uint64_t device_ = 0, inode_ = 0;
};

/// An identifier, quoted for SQL.
std::string sqlite_identifier(std::string_view name);

/// The code of a row that was refused with an extended code of SQLite, whose verdict is `row`, and its words.
std::string_view sqlite_refusal(int code, std::string_view text);

/// The error of a row that has ended the transaction: a trigger or a conflict clause may. Other rows are gone, too.
Error sqlite_ended(Error error);

/// What an error of SQLite means for a batch.
Verdict sqlite_verdict(int code);

}  // namespace batchout
