// A module of SQLite per table. SQLite offers comparisons in `best_index`, where the way to the rows is chosen and put
// into a text; `filter` gets that text and the operands, and begins to read.

#include "components/sqlite/block_table.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "components/sqlite/cell_value.h"
#include "components/sqlite/store.h"

namespace batchout {

void BlockTable::show(std::span<const Block> blocks, std::function<bool()> stopped) {
  blocks_ = blocks;
  stopped_ = std::move(stopped);
  rows_ = 0;
  for (const Block& block : blocks) rows_ += block.rows();
  indexes_.clear();
  indexes_.resize(shape_->columns.size());
}

const CellIndex& BlockTable::index(std::size_t column) {
  if (!indexes_[column]) indexes_[column] = std::make_unique<CellIndex>(blocks_, column);
  return *indexes_[column];
}

namespace {

/// What SQLite hands around for a table; its own part comes first.
struct Module {
  sqlite3_vtab base{};
  BlockTable* table = nullptr;
};

/// A comparison of a column with an operand that is known while reading. The text of the value is held here.
struct Condition {
  std::size_t column = 0;
  Comparison comparison = Comparison::equal;
  SqlValue operand;
  std::string text;
};

/// A place among the rows that the conditions do not rule out; its base is SQLite's part. The rows are those of one
/// chain of a hash, or those in a list, or all.
struct Cursor {
  sqlite3_vtab_cursor base{};
  BlockTable* table = nullptr;
  std::vector<Condition> conditions;
  const CellIndex* index = nullptr;
  std::uint64_t key = 0;
  std::uint32_t entry = CellIndex::kEnd;
  bool listed = false;
  std::vector<RowPlace> list;
  std::size_t in_list = 0;
  RowPlace at;

  bool ended() const {
    if (index != nullptr) return entry == CellIndex::kEnd;
    return listed ? in_list >= list.size() : at.block >= table->blocks().size();
  }

  /// Shows what is equal to `operand`.
  void look_up(std::size_t column, const SqlValue& operand) {
    index = &table->index(column);
    key = equality_key(operand);
    entry = index->first(key);
  }

  /// Adds what may be equal to `operand` to the list. Nulls equal nothing.
  void add_to_list(std::size_t column, const SqlValue& operand) {
    if (operand.type == SqlValue::Type::null) return;
    const CellIndex& hash = table->index(column);
    const std::uint64_t wanted = equality_key(operand);
    for (std::uint32_t found = hash.first(wanted); found != CellIndex::kEnd; found = hash.next(found))
      if (hash.key(found) == wanted) list.push_back(hash.place(found));
  }

  /// Rows come in their order, each once, whatever the order of the values that they equal.
  void begin_list() {
    const auto place = [](const RowPlace& row) { return std::pair(row.block, row.row); };
    std::ranges::sort(list, {}, place);
    const auto repeated = std::ranges::unique(list, {}, place);
    list.erase(repeated.begin(), repeated.end());
    in_list = 0;
    listed = true;
  }

  /// To the first row that may match, from the present one on. SQLITE_INTERRUPT if the query is to end.
  int settle() {
    constexpr std::size_t kRowsPerLook = 16 * 1024;
    for (std::size_t passed = 1; !ended() && !may_match(); ++passed) {
      if (passed % kRowsPerLook == 0 && table->stopped()) return SQLITE_INTERRUPT;
      step();
    }
    return SQLITE_OK;
  }

  void step() {
    if (index != nullptr) {
      entry = index->next(entry);
    } else if (listed) {
      ++in_list;
    } else if (++at.row >= table->blocks()[at.block].rows()) {
      at = {at.block + 1, 0};
    }
  }

 private:
  bool may_match() {
    if (index != nullptr) {
      if (index->key(entry) != key) return false;
      at = index->place(entry);
    }
    if (listed) at = list[in_list];
    const Block& block = table->blocks()[at.block];
    if (at.row >= block.rows()) return false;
    char room[kPlainSizeMax];
    return std::ranges::none_of(conditions, [&](const Condition& condition) {
      const Cell cell = block.column(condition.column).cell(at.row);
      const SqlValue value = sql_value(cell, block.shape().columns[condition.column].zone, room);
      return surely_not(value, condition.comparison, condition.operand);
    });
  }
};

int connect(sqlite3* connection, void* data, int, const char* const*, sqlite3_vtab** out, char**) {
  auto& table = *static_cast<BlockTable*>(data);
  std::string declaration;
  for (const ColumnShape& column : table.shape().columns)
    declaration += (declaration.empty() ? "" : ", ") + sqlite_identifier(column.name);
  const int code = sqlite3_declare_vtab(connection, fmt::format("CREATE TABLE rows({})", declaration).c_str());
  if (code == SQLITE_OK) *out = &(new Module{{}, &table})->base;
  return code;
}

int disconnect(sqlite3_vtab* module) {
  delete reinterpret_cast<Module*>(module);
  return SQLITE_OK;
}

/// In place of a comparison: equality with any of several values.
constexpr char kAnyOf = 'i';

std::optional<Comparison> comparison_of(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return Comparison::equal;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return Comparison::less;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return Comparison::at_most;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return Comparison::greater;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return Comparison::at_least;
    default:
      return std::nullopt;
  }
}

/// Texts compare as bytes here, so other collations are left to SQLite.
bool is_binary(sqlite3_index_info* info, int constraint) {
  return std::strcmp(sqlite3_vtab_collation(info, constraint), "BINARY") == 0;
}

/// The costs only have to rank ways: a hash finds some rows at once, a condition saves SQLite the work for most rows.
void estimate(sqlite3_index_info& info, double rows, bool hashed, bool conditional) {
  constexpr double kFound = 4;
  constexpr double kPassing = 0.25;
  info.estimatedCost = hashed ? kFound : conditional ? rows * 0.5 : rows;
  info.estimatedRows = static_cast<sqlite3_int64>(hashed ? kFound : conditional ? rows * kPassing + 1 : rows + 1);
}

int best_index(sqlite3_vtab* module, sqlite3_index_info* info) {
  std::string way;
  int operands = 0;
  bool hashed = false;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    const auto comparison = comparison_of(constraint.op);
    // Column -1 is the row's number, which nobody needs.
    if (constraint.usable == 0 || !comparison || constraint.iColumn < 0 || !is_binary(info, i)) continue;
    // Several values at once: asked for one after another, the rows would come in the order of the values.
    const bool values = sqlite3_vtab_in(info, i, -1) != 0;
    if (values && (hashed || sqlite3_vtab_in(info, i, 1) == 0)) continue;
    info->aConstraintUsage[i].argvIndex = ++operands;
    way += fmt::format("{}{}", values ? kAnyOf : static_cast<char>(*comparison), constraint.iColumn);
    hashed = hashed || *comparison == Comparison::equal;
  }
  if (!way.empty()) {
    info->idxStr = sqlite3_mprintf("%s", way.c_str());
    info->needToFreeIdxStr = 1;
    if (info->idxStr == nullptr) return SQLITE_NOMEM;
  }
  estimate(*info, static_cast<double>(reinterpret_cast<Module*>(module)->table->rows()), hashed, !way.empty());
  return SQLITE_OK;
}

int open(sqlite3_vtab* module, sqlite3_vtab_cursor** out) {
  auto* cursor = new Cursor;
  cursor->table = reinterpret_cast<Module*>(module)->table;
  *out = &cursor->base;
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete reinterpret_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

/// Begins to read what `way` says, which best_index made of the comparisons: a sign and a column for each operand.
/// Returns false if no row can match.
bool begin(Cursor& cursor, const char* way, int count, sqlite3_value** operands) {
  // The operands point to texts in the vector, which must not move them.
  cursor.conditions.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const char sign = *way++;
    std::size_t column = 0;
    way = std::from_chars(way, way + std::strlen(way), column).ptr;
    if (sign == kAnyOf) {
      sqlite3_value* value = nullptr;
      for (int code = sqlite3_vtab_in_first(operands[i], &value); code == SQLITE_OK;
           code = sqlite3_vtab_in_next(operands[i], &value))
        cursor.add_to_list(column, sql_value(value));
      cursor.begin_list();
      continue;
    }
    // How bytes compare is left to SQLite.
    if (sqlite3_value_type(operands[i]) == SQLITE_BLOB) continue;
    Condition& condition = cursor.conditions.emplace_back(Condition{column, static_cast<Comparison>(sign), {}, {}});
    condition.operand = sql_value(operands[i]);
    condition.text = condition.operand.text;
    condition.operand.text = condition.text;
    if (condition.operand.type == SqlValue::Type::null) return false;
  }
  const auto equality = std::ranges::find(cursor.conditions, Comparison::equal, &Condition::comparison);
  if (!cursor.listed && equality != cursor.conditions.end()) cursor.look_up(equality->column, equality->operand);
  return true;
}

int filter(sqlite3_vtab_cursor* base, int, const char* way, int count, sqlite3_value** operands) {
  auto& cursor = *reinterpret_cast<Cursor*>(base);
  cursor.conditions.clear();
  cursor.index = nullptr;
  cursor.listed = false;
  cursor.list.clear();
  cursor.at = {};
  if (!begin(cursor, way, count, operands)) {
    cursor.index = nullptr;
    cursor.list.clear();
    cursor.begin_list();
  }
  return cursor.settle();
}

int next(sqlite3_vtab_cursor* base) {
  auto& cursor = *reinterpret_cast<Cursor*>(base);
  cursor.step();
  return cursor.settle();
}

int eof(sqlite3_vtab_cursor* base) {
  return reinterpret_cast<Cursor*>(base)->ended() ? 1 : 0;
}

/// Texts of the blocks are not copied, they stay where they are until the query has ended.
int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int number) {
  const auto& cursor = *reinterpret_cast<Cursor*>(base);
  const Block& block = cursor.table->blocks()[cursor.at.block];
  const auto column = static_cast<std::size_t>(number);
  const Cell cell = block.column(column).cell(cursor.at.row);
  char room[kPlainSizeMax];
  const SqlValue value = sql_value(cell, block.shape().columns[column].zone, room);
  switch (value.type) {
    case SqlValue::Type::null:
      sqlite3_result_null(context);
      break;
    case SqlValue::Type::integer:
      sqlite3_result_int64(context, value.integer);
      break;
    case SqlValue::Type::real:
      sqlite3_result_double(context, value.real);
      break;
    case SqlValue::Type::text:
      // A null pointer would be taken for null.
      sqlite3_result_text64(context, value.text.empty() ? "" : value.text.data(), value.text.size(),
                            value.text.data() == room ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
      break;
  }
  return SQLITE_OK;
}

int row_number(sqlite3_vtab_cursor* base, sqlite3_int64* out) {
  const RowPlace at = reinterpret_cast<Cursor*>(base)->at;
  *out = static_cast<sqlite3_int64>(at.block) * static_cast<sqlite3_int64>(Block::kRowsMax) + at.row;
  return SQLITE_OK;
}

// Without xCreate the table is there by its name alone, and nobody can make another one.
sqlite3_module make_module() {
  sqlite3_module module{};
  module.iVersion = 0;
  module.xConnect = connect;
  module.xDisconnect = disconnect;
  module.xBestIndex = best_index;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = eof;
  module.xColumn = column;
  module.xRowid = row_number;
  return module;
}

}  // namespace

int add_block_table(sqlite3* connection, BlockTable& table) {
  static const sqlite3_module module = make_module();
  return sqlite3_create_module_v2(connection, table.name().c_str(), &module, &table, nullptr);
}

}  // namespace batchout
