// A SQLite file as a store: one connection, one transaction for all tables in it.
//
// The file is in WAL mode unless told otherwise, so that readers do not hold up a batch. Every transaction takes the
// writer's lock at its beginning: two processes then wait for each other instead of failing in the middle.

#include "components/sqlite/store.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/ascii.h"
#include "base/failpoint.h"
#include "base/files.h"
#include "components/sqlite/dead_letters.h"
#include "components/sqlite/positions.h"

namespace batchout {
namespace {

constexpr std::string_view kNameRule = "a name has at least one character and no NUL";

bool is_name(const std::string& name) {
  return !name.empty() && !name.contains('\0');
}

std::string small(std::string text) {
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

// SQLite says only that it cannot open a file; this is what it was if it will not pass by itself, and what to do. Empty
// if the fault may pass. WAL needs two files beside the database, so its folder has to be writable.
std::string lasting_fault(const std::string& path) {
  struct stat status{};
  const std::string folder = folder_of(path);
  if (::access(folder.c_str(), F_OK) != 0) return "create its folder";
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return "it is a folder, name a file in it";
    if (!S_ISREG(status.st_mode)) return "it is no regular file";
    if (::access(path.c_str(), R_OK | W_OK) != 0) return "this process may not read and write it";
  } else if (errno != ENOENT) {
    return errno_text(errno);
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return "this process may not write to its folder, where SQLite makes files";
  return {};
}

}  // namespace

void SqliteConfig::describe(Spec<SqliteConfig>& s) {
  s.named("output", "sqlite", "Writes rows to a table of a SQLite file, in one transaction per batch.")
      .field("path", &SqliteConfig::path, "The file; it is made if it is not there.")
      .required()
      .field("table", &SqliteConfig::table, "Table to write to.")
      .required()
      .field("mode", &SqliteConfig::mode, "What happens to a row whose key is already there.")
      .field("keys", &SqliteConfig::keys, "Columns that identify a row.")
      .field("synchronous", &SqliteConfig::synchronous,
             "full: a commit survives a power cut; normal: the last ones may be lost, rows stay whole.")
      .field("journal_mode", &SqliteConfig::journal_mode,
             "wal: readers do not wait; the others keep one file only and work on network file systems, where wal does "
             "not.")
      .field("busy_timeout", &SqliteConfig::busy_timeout, "How long a lock of another process is waited for.")
      .range(0, 3600)
      .field("create", &SqliteConfig::create,
             "if_missing (or true), the default, makes the table, false wants it to be there.")
      .check(
          "path", [](const SqliteConfig& c) { return !c.path.empty() && c.path != ":memory:"; },
          "must name a file; a database in memory would be gone with its rows")
      .check(
          "table", [](const SqliteConfig& c) { return is_name(c.table); }, kNameRule)
      .check(
          "keys", [](const SqliteConfig& c) { return std::ranges::all_of(c.keys, is_name); }, kNameRule)
      .check(
          "keys", [](const SqliteConfig& c) { return c.mode != SqliteMode::upsert || !c.keys.empty(); },
          "needed with mode: upsert")
      .check(
          "create",
          [](const SqliteConfig& c) {
            return c.create.is_null() || c.create.type() == Node::Type::boolean ||
                   (c.create.is_text() && c.create.text() == "if_missing");
          },
          "must be if_missing, true or false");
  describe_rules(s);
}

std::string SqliteConfig::store_key(std::string_view folder) const {
  return "sqlite:" + path_key(folder, path);
}

// Null and a text both mean yes: other texts have been refused.
bool SqliteConfig::creates() const {
  return create.type() != Node::Type::boolean || create.boolean();
}

SqliteStore::SqliteStore(const SqliteConfig& config, const Context& context)
    : path_(resolve_path(context.folder, config.path)),
      shown_(config.path),
      synchronous_(config.synchronous),
      journal_mode_(config.journal_mode),
      busy_timeout_(config.busy_timeout),
      pipeline_(context.pipeline),
      traces_{.sources = {}, .targets = {}, .place = place_of_pipeline(context.folder)} {}

// Called by constructors of outputs, before the first connection: settings do not change within a transaction.
void SqliteStore::demand(const SqliteConfig& config) {
  synchronous_ = std::min(synchronous_, config.synchronous);
  busy_timeout_.value = std::max(busy_timeout_.value, config.busy_timeout.value);
  traces_.targets.insert(config.table);
}

Result<> SqliteStore::agrees_to(const SqliteConfig& config) const {
  if (config.journal_mode == journal_mode_) return {};
  return fail(
      Verdict::configuration, "BO541",
      fmt::format("Two outputs want different journals of one file; give both the same journal_mode: {}", shown_));
}

// One transaction for all: nobody else writes meanwhile anyhow.
Result<std::vector<Claim>> SqliteStore::claim(std::span<const Unit> units) {
  if (in_transaction()) rollback();
  BATCHOUT_CHECK(begin(0));
  for (const Unit& unit : units) traces_.sources.insert(unit.source);
  const Result<> named = name_claimed_ ? Result<>{} : claim_name_in(*this, pipeline_, traces_);
  auto claimed = named ? claim_in(*this, pipeline_, units) : std::unexpected(named.error());
  if (claimed)
    if (auto done = execute("COMMIT"); !done) claimed = std::unexpected(std::move(done).error());
  name_claimed_ = name_claimed_ || claimed.has_value();
  if (!claimed) rollback();
  return claimed;
}

// IMMEDIATE takes the writer's lock now; SQLite waits for it as long as the busy timeout, then the batch is tried
// again.
Result<> SqliteStore::begin(std::uint64_t batch) {
  waiting_.clear();
  batch_ = batch;
  if (violated_batch_ != batch) violated_batch_.reset();
  // A file deleted or replaced under an open connection would take rows that nobody ever sees.
  if (connection_ && moved()) connection_.reset();
  if (!connection_) BATCHOUT_CHECK(connect());
  return execute("BEGIN IMMEDIATE");
}

// Never in doubt: a local file answers. A failed COMMIT may leave the transaction open, which `rollback` ends.
Result<Outcome> SqliteStore::commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) {
  BATCHOUT_CHECK(keep(plain_letters(dead_letters)));
  BATCHOUT_CHECK(advance_in(*this, pipeline_, advance));
  failpoint("before_commit");
  auto done = execute("COMMIT");
  failpoint("commit_answered");
  if (done) return Outcome::committed;
  return std::unexpected(checked_too_late(std::move(done).error()));
}

// Only deferred foreign keys fail as late as this. Nothing is stored, so the batch can be tried again with each row
// checked.
Error SqliteStore::checked_too_late(Error error) {
  if (error.verdict != Verdict::row) return error;
  error.verdict = Verdict::configuration;
  if (checks_keys()) return error;
  violated_batch_ = batch_;
  error.verdict = Verdict::environment;
  error.code = "BO540";
  error.message += "; the batch is tried again, and the foreign keys checked for each row";
  return error;
}

Result<> SqliteStore::check_transaction() {
  if (!has_open_keys()) return {};
  return std::unexpected(checked_too_late(
      {Verdict::row, "BO541", fmt::format("COMMIT would fail: {}: FOREIGN KEY constraint failed", shown_), {}}));
}

bool SqliteStore::has_open_keys() const {
  int open = 0, ignored = 0;
  sqlite3_db_status(connection_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &open, &ignored, 0);
  return open != 0;
}

Result<> SqliteStore::tried(const std::function<Result<>()>& work) {
  if (!checks_keys()) return work();
  BATCHOUT_CHECK(execute("SAVEPOINT batchout_rows"));
  Result<> done = work();
  if (done && has_open_keys())
    done = fail(Verdict::row, "BO422", fmt::format("A row was refused: {}: FOREIGN KEY constraint failed", shown_));
  // A trigger may have ended the transaction.
  if (!in_transaction()) return done;
  if (!done) BATCHOUT_CHECK(execute("ROLLBACK TO batchout_rows"));
  BATCHOUT_CHECK(execute("RELEASE batchout_rows"));
  return done;
}

Result<> SqliteStore::keep(std::span<const NewLetter> letters) {
  return keep_dead_letters_in(*this, pipeline_, letters);
}

// A file that is not there is not made for that.
Result<> SqliteStore::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  if (::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  if (connection_ && moved()) connection_.reset();
  if (!connection_) BATCHOUT_CHECK(connect());
  return read_dead_letters_in(*this, pipeline_, filter, payloads, sink);
}

Result<> SqliteStore::resolve(std::span<const std::int64_t> ids, std::string_view status) {
  return resolve_dead_letters_in(*this, pipeline_, ids, status);
}

Result<> SqliteStore::note_failure(std::span<const std::int64_t> ids, const Reject& reject) {
  return note_letter_failure_in(*this, pipeline_, ids, reject);
}

Result<std::size_t> SqliteStore::prune(std::int64_t until) {
  return prune_dead_letters_in(*this, pipeline_, until);
}

// A file that is not there keeps nothing, and is not made by looking.
Result<std::vector<KeptPosition>> SqliteStore::kept() {
  if (!connection_ && ::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) return std::vector<KeptPosition>{};
  if (!connection_) BATCHOUT_CHECK(connect());
  return kept_in(*this, pipeline_);
}

Result<> SqliteStore::change(std::span<const PositionChange> changes) {
  auto done = begin(0);
  if (!done && done.error().code == "BO542" && connection_ &&
      (sqlite3_errcode(connection_.get()) & 0xFF) == SQLITE_BUSY) {
    done.error().verdict = Verdict::fenced;
    done.error().message += "; another process holds the file: end it, or try again";
  }
  if (done) done = change_in(*this, pipeline_, changes);
  if (done) done = execute("COMMIT");
  if (!done) rollback();
  return done;
}

// Some errors (a full disk) make SQLite roll back by itself; then there is no transaction any more.
void SqliteStore::rollback() {
  if (!in_transaction()) return;
  ++generation_;
  if (!execute("ROLLBACK")) connection_.reset();
}

// What is left of a view's or a missing table's name has no keys.
Result<> SqliteStore::find_references() {
  references_.clear();
  std::set<TableName> present;
  for (const auto& [output, table] : tables_) present.insert(table);
  for (const TableName& table : present) {
    BATCHOUT_TRY(const SqliteStatement keys,
                 prepare(fmt::format("PRAGMA foreign_key_list({})", sqlite_identifier(table.second))));
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(keys.get())) == SQLITE_ROW) {
      const auto* name = reinterpret_cast<const char*>(sqlite3_column_text(keys.get(), 2));
      TableName parent{"", small(name == nullptr ? "" : name)};
      if (parent != table && present.contains(parent)) references_.emplace(table, std::move(parent));
    }
    if (code != SQLITE_DONE) return error(code, "The foreign keys cannot be read");
  }
  return {};
}

void SqliteStore::writes(const Output* output, const std::string& table) {
  tables_[output] = {"", small(table)};
}

Result<std::vector<std::size_t>> SqliteStore::order(std::span<const Output* const> outputs) {
  if (references_generation_ != generation_) {
    BATCHOUT_CHECK(find_references());
    references_generation_ = generation_;
  }
  std::vector<TableName> tables;
  for (const Output* output : outputs) tables.push_back(tables_.at(output));
  return parents_first(tables, references_);
}

Result<> SqliteStore::connect() {
  ++generation_;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path_.c_str(), &opened,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  connection_.reset(opened);
  auto ready = code == SQLITE_OK ? configure() : error(code, "The database cannot be opened");
  if (!ready) {
    connection_.reset();
    if (const std::string lasting = lasting_fault(path_); !lasting.empty())
      return fail(Verdict::configuration, "BO541",
                  fmt::format("The database cannot be opened; {}: {}", lasting, shown_));
    return ready;
  }
  struct stat status{};
  if (::stat(path_.c_str(), &status) == 0) {
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
  return {};
}

// The journal's mode stays with the file, the others hold for this connection. Without WAL a power cut could bring back
// the journal of a transaction that is committed, unless its folder is synced, too.
Result<> SqliteStore::configure() {
  sqlite3_extended_result_codes(connection_.get(), 1);
  sqlite3_busy_timeout(connection_.get(), static_cast<int>(busy_timeout_.value.count()));
  BATCHOUT_CHECK(execute("PRAGMA journal_mode = " + SettingType<SqliteJournal>::print(journal_mode_)));
  const char* full = journal_mode_ == SqliteJournal::wal ? "FULL" : "EXTRA";
  BATCHOUT_CHECK(
      execute(fmt::format("PRAGMA synchronous = {}", synchronous_ == SqliteSynchronous::full ? full : "NORMAL")));
  return execute("PRAGMA foreign_keys = ON");
}

// By device and inode: a file that was moved away keeps them under its new name, a new one has others.
bool SqliteStore::moved() const {
  struct stat status{};
  return ::stat(path_.c_str(), &status) != 0 || status.st_dev != device_ || status.st_ino != inode_;
}

// Only the first statement of `sql` is compiled.
Result<SqliteStatement> SqliteStore::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code, "A statement was refused");
  return SqliteStatement(statement);
}

Result<> SqliteStore::execute(const std::string& sql) {
  const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, fmt::format("A statement failed ({})", sql));
  return {};
}

Result<> SqliteStore::step(sqlite3_stmt* statement, std::string_view doing) {
  const int code = sqlite3_step(statement);
  Result<> done;
  if (code != SQLITE_DONE) done = error(code, doing);
  if (!done && done.error().verdict == Verdict::row)
    done.error().code = sqlite_refusal(code, sqlite3_errmsg(connection_.get()));
  sqlite3_reset(statement);
  return done;
}

// Without a connection SQLite has only its general words for the code.
std::unexpected<Error> SqliteStore::error(int code, std::string_view doing) const {
  const char* text = connection_ ? sqlite3_errmsg(connection_.get()) : sqlite3_errstr(code);
  const Verdict verdict = sqlite_verdict(code);
  return fail(verdict, verdict == Verdict::environment ? "BO542" : "BO541",
              fmt::format("{}: {}: {}", doing, shown_, text));
}

std::string sqlite_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted += '"';
}

// Foreign keys with RESTRICT are triggers to SQLite.
std::string_view sqlite_refusal(int code, std::string_view text) {
  switch (code) {
    case SQLITE_CONSTRAINT_TRIGGER:
      return text == "FOREIGN KEY constraint failed" ? "BO422" : "BO432";
    case SQLITE_CONSTRAINT_DATATYPE:
    case SQLITE_MISMATCH:
      return "BO427";
    case SQLITE_TOOBIG:
      return "BO433";
    default:
      return "BO422";
  }
}

Error sqlite_ended(Error error) {
  error.verdict = Verdict::configuration;
  error.code = "BO541";
  return error;
}

// The low byte is the primary code, what is above it only details. Codes not listed, such as a file that is no
// database, do not pass by themselves.
Verdict sqlite_verdict(int code) {
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_INTERRUPT:
      return Verdict::environment;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return Verdict::row;
    case SQLITE_MISUSE:
    case SQLITE_INTERNAL:
    case SQLITE_RANGE:
      return Verdict::internal;
    default:
      return Verdict::configuration;
  }
}

}  // namespace batchout
