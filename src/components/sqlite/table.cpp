// SQL about one table: what it looks like, how it is made, how rows go in.

#include "components/sqlite/table.h"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <cctype>

#include "config/wording.h"

namespace batchout {
namespace {

// The affinity that SQLite takes from the name is what counts; BOOLEAN gives NUMERIC, which keeps 0 and 1.
std::string_view declared_type(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "BOOLEAN";
    case Kind::integer:
      return "INTEGER";
    case Kind::real:
      return "REAL";
    case Kind::decimal:  // TEXT keeps all digits, NUMERIC would keep 15.
    case Kind::text:
    case Kind::json:
    case Kind::date:
    case Kind::datetime:
      return "TEXT";
    case Kind::dynamic:
      return "";
  }
  return "";
}

// SQLite's names do not tell ASCII capitals from small letters.
bool same_name(const std::string& a, const std::string& b) {
  return ::strcasecmp(a.c_str(), b.c_str()) == 0;
}

// Copied: SQLite's memory holds until the next step only.
std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? std::string() : std::string(text);
}

std::unexpected<Error> misfit(std::string message) {
  return fail(Verdict::configuration, "BO543", std::move(message));
}

std::unexpected<Error> no_column(const SqliteTable& table, const std::string& name, const std::string& column) {
  std::vector<std::string> names;
  for (const SqliteTable::Column& present : table.columns) names.push_back(present.name);
  return misfit(
      fmt::format("The table has no such column, {}: {}.{}", suggestion(column, names, "it has"), name, column));
}

}  // namespace

bool SqliteTable::has(const std::string& name) const {
  return std::ranges::any_of(columns, [&](const Column& column) { return same_name(column.name, name); });
}

// table_xinfo lists generated columns, too (hidden 2 and 3), which table_info leaves out. An unknown table has no rows
// there.
Result<SqliteTable> sqlite_table(SqliteStore& store, const std::string& name) {
  BATCHOUT_TRY(const SqliteStatement statement,
               store.prepare("SELECT name, type, \"notnull\" AND dflt_value IS NULL AND pk = 0, hidden > 1, dflt_value"
                             " FROM pragma_table_xinfo(?1)"));
  sqlite3_bind_text(statement.get(), 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  SqliteTable table;
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement.get())) == SQLITE_ROW)
    table.columns.push_back({text_of(statement.get(), 0), text_of(statement.get(), 1),
                             sqlite3_column_int(statement.get(), 2) != 0, sqlite3_column_int(statement.get(), 3) != 0,
                             text_of(statement.get(), 4)});
  if (code != SQLITE_DONE) return store.error(code, "The table cannot be looked at");
  return table;
}

Result<std::vector<SqliteAffinity>> sqlite_affinities(const SqliteTable& table, const std::string& name,
                                                      const TableShape& shape) {
  std::vector<SqliteAffinity> affinities;
  for (const ColumnShape& column : shape.columns) {
    const auto target =
        std::ranges::find_if(table.columns, [&](const auto& present) { return same_name(present.name, column.name); });
    if (target == table.columns.end()) return no_column(table, name, column.name);
    if (target->computed)
      return misfit(fmt::format("The table computes this column, so it cannot be written: {}.{}", name, column.name));
    affinities.push_back(sqlite_affinity(target->declared));
  }
  for (const SqliteTable::Column& target : table.columns) {
    const bool written = std::ranges::any_of(
        shape.columns, [&](const ColumnShape& column) { return same_name(column.name, target.name); });
    if (target.demanded && !written)
      return misfit(
          fmt::format("A column that is not written must not be null and has no default: {}.{}", name, target.name));
  }
  return affinities;
}

std::unexpected<Error> sqlite_no_table(SqliteStore& store, const std::string& name) {
  std::vector<std::string> names;
  if (const auto statement = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"))
    while (sqlite3_step(statement->get()) == SQLITE_ROW) names.push_back(text_of(statement->get(), 0));
  std::string hint = suggestion(name, names, "the file has");
  if (hint.empty()) hint = "the file has no tables; leave out create: false";
  return misfit(fmt::format("The table is not there, {}: {}", hint, name));
}

// The rules of https://sqlite.org/datatype3.html, section 3.1.
SqliteAffinity sqlite_affinity(std::string_view declared) {
  std::string type(declared);
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto has = [&type](std::string_view part) { return type.contains(part); };
  if (has("INT")) return SqliteAffinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return SqliteAffinity::text;
  if (type.empty() || has("BLOB")) return SqliteAffinity::none;
  if (has("REAL") || has("FLOA") || has("DOUB")) return SqliteAffinity::real;
  return SqliteAffinity::numeric;
}

std::string sqlite_identifiers(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + sqlite_identifier(name);
  return list;
}

// Without keys SQLite numbers the rows by itself (rowid).
std::string sqlite_create_table(const SqliteConfig& config, const TableShape& shape) {
  std::string columns;
  for (const ColumnShape& column : shape.columns) {
    if (!columns.empty()) columns += ", ";
    columns += sqlite_identifier(column.name);
    if (const std::string_view type = declared_type(column.kind); !type.empty()) columns.append(" ").append(type);
  }
  if (!config.keys.empty()) columns += fmt::format(", PRIMARY KEY ({})", sqlite_identifiers(config.keys));
  return fmt::format("CREATE TABLE {} ({})", sqlite_identifier(config.table), columns);
}

Result<> sqlite_check_rules(const SqliteConfig& config, const TableShape& shape,
                            const std::vector<SqliteAffinity>& affinities) {
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    const MergeRule rule = config.rule_of(shape.columns[i].name);
    const bool digits = shape.columns[i].kind == Kind::decimal && affinities[i] == SqliteAffinity::text;
    if (digits && (rule == MergeRule::max || rule == MergeRule::min || shape.columns[i].name == config.version_column))
      return misfit(
          fmt::format("The column keeps decimals as texts, which are not ordered as numbers are; declare it "
                      "as NUMERIC, or make the column an integer: {}.{}",
                      config.table, shape.columns[i].name));
    const bool texts = affinities[i] == SqliteAffinity::text || affinities[i] == SqliteAffinity::none;
    if ((rule != MergeRule::add || !texts) && (rule != MergeRule::append || affinities[i] == SqliteAffinity::text))
      continue;
    return misfit(fmt::format("The rule {} does not suit the declared type of the column: {}.{}",
                              SettingType<MergeRule>::print(rule), config.table, shape.columns[i].name));
  }
  return {};
}

}  // namespace batchout
