// Writes rows to a table of a SQLite file, inside its store's transaction.
//
// One prepared statement takes the rows in their order, so of equal keys the last one wins. A row that the table
// refuses leaves the others alone: SQLite undoes a failed statement by itself. A deletion that it refuses, and where
// foreign keys are checked any row that leaves one without its row, waits for the other tables.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "components/sqlite/lists.h"
#include "components/sqlite/store.h"
#include "components/sqlite/table.h"
#include "config/wording.h"
#include "data/render.h"
#include "registry/refused_rows.h"
#include "registry/registry.h"
#include "registry/target_name.h"

namespace batchout {
namespace {

// Bytes.
constexpr std::size_t kExcerptMax = 256;

// Why a row does not go into the table. `column` is beyond the columns if the whole row is concerned.
struct Refusal {
  std::string code;
  std::string message;
  std::size_t column = 0;
  // Only for now.
  bool waits = false;
};

class SqliteOutput final : public Output,
                           public LateWork,
                           public RefusedRows,
                           public TargetName,
                           private SqliteRowWriter {
 public:
  SqliteOutput(SqliteConfig config, SqliteStore& store, const Context& context)
      : config_(std::move(config)),
        name_(context.name),
        store_(store),
        skips_unchanged_(config_.skips_unchanged(context.dialect)) {
    store_.demand(config_);
    store_.writes(this, config_.table);
  }

  // May be called again on the same connection, and makes the table only while it is missing.
  Result<> open(const TableShape& shape) override {
    whole_ = shape;
    BATCHOUT_CHECK(store_.agrees_to(config_));
    BATCHOUT_TRY(SqliteTable table, sqlite_table(store_, config_.table));
    find_written(table);
    BATCHOUT_CHECK(find_keys());
    if (table.columns.empty()) {
      if (!config_.creates()) return sqlite_no_table(store_, config_.table);
      BATCHOUT_CHECK(store_.execute(sqlite_create_table(config_, shape_)));
      BATCHOUT_TRY(table, sqlite_table(store_, config_.table));
    }
    BATCHOUT_TRY(affinities_, sqlite_affinities(table, config_.table, shape_));
    if (config_.upserts()) BATCHOUT_CHECK(sqlite_check_rules(config_, shape_, affinities_));
    const SqliteMerge merge{config_, table, shape_, skips_unchanged_};
    BATCHOUT_TRY(insert_, prepare(merge.insert_sql()));
    if (!config_.delete_when.empty()) {
      BATCHOUT_TRY(delete_, prepare(merge.delete_sql()));
    }
    BATCHOUT_TRY(lists_, SqliteLists::open(store_, config_, name_, shape_, keys_));
    marks_ = DeleteMarks(config_, whole_);
    scratch_.resize(shape_.columns.size());
    generation_ = store_.generation();
    counter_.reset();
    return {};
  }

  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override {
    // A table that this output made is gone again after a rollback, and so is its statement after a reconnect.
    if (generation_ != store_.generation()) BATCHOUT_CHECK(open(TableShape(whole_)));
    const std::vector<Block::View> columns = columns_of(block);
    counter_.start(block.rows());
    if (lists_.used()) lists_.start(block, counter_.first());
    std::uint64_t taken = 0;
    for (std::size_t row = 0; row < block.rows(); ++row) {
      BATCHOUT_TRY(const std::optional<Refusal> refusal, store_row(columns, row));
      if (!refusal || refusal->waits) ++taken;
      if (!refusal) continue;
      if (refusal->waits) {
        // Rules look at what is there, so for them it matters that it should have gone.
        const bool yields = marks_.marks(row) && config_.rules.empty() && config_.absent == AbsentCells::null;
        store_.waiting().add({this, block, row, counter_.first() + row, key_of(columns, row), yields, {}});
        continue;
      }
      rejects.push_back(reject(block, columns, row, *refusal));
      counter_.refuse(row);
      if (lists_.used()) lists_.refuse(row);
    }
    return taken;
  }

  // Without rows since a rollback there is no list either.
  Result<> finish(Rejects&) override {
    counter_.end();
    return lists_.used() && generation_ == store_.generation() ? lists_.replace() : Result<>();
  }

  // What is refused now is so for good.
  Result<> finish_late(Rejects& rejects) override {
    counter_.end();
    if (generation_ != store_.generation()) return {};
    const auto refuse = [&](const Block& block, std::size_t row, std::uint64_t number, const Error& why) {
      const std::vector<Block::View> columns = columns_of(block);
      rejects.push_back(reject(block, columns, row, {why.code, why.message, columns.size()}));
      counter_.refuse_number(number);
    };
    BATCHOUT_TRY(std::vector<SqliteWaitingRow> refused, store_.waiting().end(*this));
    for (SqliteWaitingRow& row : refused) refuse(row.block, row.row, row.number, row.why);
    return lists_.used() ? lists_.replace_late(refuse) : Result<>();
  }

  std::span<const std::uint64_t> refused_rows() const override { return counter_.refused(); }
  Rewrite rewrite() const override {
    if (!config_.upserts()) return Rewrite::adds;
    if (!config_.replace_within.empty()) return Rewrite::replaces_lists;
    if (config_.version_column.empty()) return Rewrite::overwrites;
    return config_.delete_when.empty() ? Rewrite::keeps_newer : Rewrite::brings_back;
  }
  std::string target() const override { return config_.table; }

 private:
  // A column that only says what is to be deleted need not be in the table, and is not made with it.
  void find_written(const SqliteTable& table) {
    shape_ = whole_;
    shape_.columns.clear();
    sources_.clear();
    for (std::size_t i = 0; i < whole_.columns.size(); ++i) {
      const std::string& name = whole_.columns[i].name;
      if (config_.delete_when.contains(name) && !table.has(name)) continue;
      shape_.columns.push_back(whole_.columns[i]);
      sources_.push_back(i);
    }
  }

  Result<> find_keys() {
    keys_.clear();
    std::vector<std::string> names;
    for (const ColumnShape& column : shape_.columns) names.push_back(column.name);
    for (const std::string& key : config_.keys) {
      const auto column = std::ranges::find(names, key);
      if (column == names.end())
        return fail(Verdict::configuration, "BO543",
                    fmt::format("A key is not among the columns that are written, {}: {}",
                                suggestion(key, names, "these are"), key));
      keys_.push_back(static_cast<std::size_t>(column - names.begin()));
    }
    return {};
  }

  // SQLite finds out that keys have no unique index when the statement is compiled; its words are the only sign.
  Result<SqliteStatement> prepare(const std::string& sql) {
    auto statement = store_.prepare(sql);
    if (statement || config_.mode != SqliteMode::upsert ||
        !statement.error().message.contains("ON CONFLICT clause does not match"))
      return statement;
    return fail(Verdict::configuration, "BO544",
                fmt::format("The keys need a unique index: CREATE UNIQUE INDEX {} ON {} ({})",
                            sqlite_identifier(config_.table + "_key"), sqlite_identifier(config_.table),
                            sqlite_identifiers(config_.keys)));
  }

  // Turns to the rows of a block.
  std::vector<Block::View> columns_of(const Block& block) {
    std::vector<Block::View> columns;
    for (const std::size_t source : sources_) columns.push_back(block.column(source));
    marks_.start(block);
    return columns;
  }

  // Without an upsert rows do not meet.
  std::string key_of(const std::vector<Block::View>& columns, std::size_t row) const {
    std::string key;
    for (const std::size_t column : config_.upserts() ? keys_ : std::vector<std::size_t>()) {
      append_text(columns[column].cell(row), shape_.columns[column].zone, key);
      key += '\0';
    }
    return key;
  }

  // None if the row is in the table. An error ends the batch.
  Result<std::optional<Refusal>> store_row(const std::vector<Block::View>& columns, std::size_t row) {
    if (lists_.used()) {
      BATCHOUT_TRY(auto refusal, note_row(columns, row));
      if (refusal || lists_.empties(row)) return refusal;
    }
    for (const std::size_t key : keys_)
      if (columns[key].cell(row).empty())
        return Refusal{"BO421", fmt::format("A key is null: {}", shape_.columns[key].name), key};
    if (!store_.waiting().empty() && store_.waiting().holds(*this, key_of(columns, row)))
      return Refusal{"BO422", "A row of its keys was refused", columns.size(), true};
    if (auto refusal = bind_row(columns, row)) return refusal;
    Result<> stored = store_.checks_keys() ? store_.tried([&] { return run_row(); }) : run_row();
    if (stored) return std::nullopt;
    Error& failure = stored.error();
    const bool waits = current_ == delete_.get() || store_.checks_keys();
    if (failure.verdict == Verdict::row && store_.in_transaction())
      return Refusal{std::move(failure.code), std::move(failure.message), columns.size(), waits};
    return std::unexpected(failure.verdict == Verdict::row ? sqlite_ended(std::move(failure)) : std::move(failure));
  }

  Result<> run_row() { return store_.step(current_, "A row was refused"); }

  Result<> store_again(const Block& block, std::size_t row) override {
    const std::vector<Block::View> columns = columns_of(block);
    if (const auto refusal = bind_row(columns, row)) return fail(Verdict::row, refusal->code, refusal->message);
    return run_row();
  }

  // Makes `current_` the statement of a row.
  std::optional<Refusal> bind_row(const std::vector<Block::View>& columns, std::size_t row) {
    const bool deletes = marks_.marks(row);
    current_ = deletes ? delete_.get() : insert_.get();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Cell cell = columns[i].cell(row);
      const bool version = shape_.columns[i].name == config_.version_column;
      if (version && cell.empty()) return Refusal{"BO426", "A row has no version: " + shape_.columns[i].name, i};
      if (deletes && !version && std::ranges::find(keys_, i) == keys_.end()) continue;
      if (auto refusal = bind(i, cell, shape_.columns[i].zone)) return refusal;
      if (!deletes && config_.absent == AbsentCells::keep)
        sqlite3_bind_int(current_, static_cast<int>(columns.size() + i) + 1, cell.tag == Tag::absent ? 1 : 0);
    }
    return std::nullopt;
  }

  // Before anything else: a row that is refused has not left its list. Of one without its keys nobody knows which it
  // was.
  Result<std::optional<Refusal>> note_row(const std::vector<Block::View>& columns, std::size_t row) {
    const auto lacks = [&](std::size_t key) { return columns[key].cell(row).empty(); };
    if (!lists_.empties(row) && std::ranges::any_of(keys_, lacks)) return std::optional<Refusal>();
    current_ = lists_.note(row);
    for (const std::size_t column : lists_.bound()) {
      const Cell cell = columns[column].cell(row);
      const std::string& name = shape_.columns[column].name;
      if (cell.empty() && std::ranges::find(config_.replace_within, name) != config_.replace_within.end())
        return Refusal{"BO421", "A column of replace_within is null: " + name, column};
      if (auto refusal = bind(column, cell, shape_.columns[column].zone)) return refusal;
    }
    BATCHOUT_CHECK(lists_.noted());
    return std::optional<Refusal>();
  }

  // Parameters count from 1. A boolean in a column of texts is written as a word, elsewhere as 0 or 1.
  std::optional<Refusal> bind(std::size_t column, const Cell& cell, const TimeZone* zone) {
    sqlite3_stmt* statement = current_;
    const int parameter = static_cast<int>(column) + 1;
    switch (cell.tag) {
      case Tag::absent:
      case Tag::null:
        sqlite3_bind_null(statement, parameter);
        return std::nullopt;
      case Tag::integer:
        sqlite3_bind_int64(statement, parameter, cell.integer);
        return std::nullopt;
      case Tag::real:
        // SQLite would store NULL.
        if (std::isnan(cell.real)) return Refusal{"BO423", "SQLite has no number that is not one (NaN)", column};
        sqlite3_bind_double(statement, parameter, cell.real);
        return std::nullopt;
      case Tag::boolean:
        if (affinities_[column] == SqliteAffinity::text) break;
        sqlite3_bind_int64(statement, parameter, cell.integer);
        return std::nullopt;
      case Tag::decimal:
        if (affinities_[column] == SqliteAffinity::integer || affinities_[column] == SqliteAffinity::numeric)
          return bind_digits(column, cell.text);
        return bind_text(column, cell.text);
      case Tag::text:
      case Tag::json:
        return bind_text(column, cell.text);
      case Tag::date:
      case Tag::datetime:
        break;
    }
    scratch_[column].clear();
    append_text(cell, zone, scratch_[column]);
    return bind_text(column, scratch_[column]);
  }

  // SQLite would turn an integer beyond 64 bits into the nearest double. A number with a fraction goes as text, which
  // the column's affinity turns into a number.
  std::optional<Refusal> bind_digits(std::size_t column, std::string_view digits) {
    if (digits.find_first_of(".eE") == std::string_view::npos)
      return Refusal{"BO423", "An integer has more than 64 bits; a column of type TEXT would keep it", column};
    return bind_text(column, digits);
  }

  // `text` stays where it is until the statement has run.
  std::optional<Refusal> bind_text(std::size_t column, std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return Refusal{"BO424", "A text holds a NUL character", column};
    const int code = sqlite3_bind_text64(current_, static_cast<int>(column) + 1, text.data() ? text.data() : "",
                                         text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) return Refusal{"BO425", "A text is longer than SQLite can store", column};
    return std::nullopt;
  }

  Reject reject(const Block& block, const std::vector<Block::View>& columns, std::size_t row, const Refusal& refusal) {
    Reject reject;
    reject.stage = Reject::Stage::write;
    reject.code = refusal.code;
    reject.message = refusal.message;
    if (refusal.column < columns.size()) {
      reject.column = shape_.columns[refusal.column].name;
      append_text(columns[refusal.column].cell(row), shape_.columns[refusal.column].zone, reject.excerpt);
      if (reject.excerpt.size() > kExcerptMax) reject.excerpt.resize(kExcerptMax);
    }
    if (const std::uint32_t origin = block.origins()[row]; origin != Block::kNone) {
      reject.unit = block.values().units[origin];
      reject.position = block.values().positions[origin];
    }
    return reject;
  }

  SqliteConfig config_;
  std::string name_;
  SqliteStore& store_;
  bool skips_unchanged_;
  // As it comes, and what of it is written: for each column its place in what comes.
  TableShape whole_, shape_;
  std::vector<std::size_t> sources_;
  DeleteMarks marks_;
  RowCounter counter_;
  SqliteLists lists_;
  // Bound texts are borrowed until the next binding, so nothing of a block is used after its `write`.
  SqliteStatement insert_, delete_;
  // The one of the row at hand.
  sqlite3_stmt* current_ = nullptr;
  std::vector<std::size_t> keys_;
  std::vector<SqliteAffinity> affinities_;
  // Per column: a text that must outlive its binding.
  std::vector<std::string> scratch_;
  // Of the store when the table was opened.
  std::uint64_t generation_ = 0;
};

}  // namespace

void add_sqlite_input(Registry& registry);
void add_sqlite_query(Registry& registry);

void add_sqlite(Registry& registry) {
  registry.output<SqliteConfig, SqliteOutput, SqliteStore>();
  add_named_columns<SqliteConfig>(registry);
  add_sqlite_input(registry);
  add_sqlite_query(registry);
}

}  // namespace batchout
