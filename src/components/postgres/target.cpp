// Reading the catalog. Domains are resolved to the type below them, because that is what is encoded.

#include "components/postgres/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "components/postgres/connection.h"
#include "components/postgres/identifier.h"

namespace batchout::postgres {
namespace {

// Bits of a trigger's type: 1 for each row, 2 before, 4 on insert.
constexpr const char* kFindTable = R"(
SELECT c.oid, c.relkind IN ('r', 'p', 'f', 'v'),
       EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgtype & 7 = 7)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2)";

// Tables, partitioned and foreign ones, and views: whatever can be inserted into.
constexpr const char* kTables = R"(
SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f', 'v') ORDER BY 1 LIMIT 1000)";

// One row per column; the recursion walks from a domain to its base type and collects NOT NULL on the way.
constexpr const char* kColumns = R"(
WITH RECURSIVE step AS (
  SELECT a.attnum, a.attname, a.atttypid AS type, a.atttypmod AS modifier, a.attnotnull AS not_null,
         pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared,
         a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL AS filled,
         a.attgenerated <> '' AS generated, a.attidentity = 'a' AS identity_always, false AS domain,
         coalesce((SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
                   WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
                  pg_catalog.pg_get_expr(t.typdefaultbin, 0), '') AS default_value
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT s.attnum, s.attname, t.typbasetype, t.typtypmod, s.not_null OR t.typnotnull, s.declared, s.filled,
         s.generated, s.identity_always, true, s.default_value
  FROM step s JOIN pg_catalog.pg_type t ON t.oid = s.type WHERE t.typtype = 'd')
SELECT s.attname, s.declared, t.typname, t.typtype, t.typcategory, n.nspname = 'pg_catalog', s.modifier, s.not_null,
       s.filled, s.generated, s.identity_always, s.domain, t.oid, s.default_value,
       CASE WHEN s.domain THEN pg_catalog.format_type(t.oid, s.modifier) ELSE '' END
FROM step s JOIN pg_catalog.pg_type t ON t.oid = s.type JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype <> 'd' ORDER BY s.attnum)";

constexpr const char* kLabels =
    "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = $1::pg_catalog.oid ORDER BY enumsortorder";

// Indexes that ON CONFLICT (columns) can infer.
constexpr const char* kUniqueKeys = R"(
SELECT i.indexrelid, a.attname
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(number, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = $1::pg_catalog.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
  AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
ORDER BY i.indexrelid, k.place)";

// The transaction that made each row of the catalog. A concurrent build of an index may change its row in place. With
// the names as parameters the server would plan it anew each time.
constexpr const char* kMark = R"(
SELECT pg_catalog.concat(c.oid, ' ', c.xmin, '|',
  (SELECT pg_catalog.string_agg(a.xmin::pg_catalog.text, ' ' ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0), '|',
  (SELECT pg_catalog.string_agg(d.xmin::pg_catalog.text, ' ' ORDER BY d.adnum)
   FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid), '|',
  (SELECT pg_catalog.string_agg(pg_catalog.concat(i.xmin, i.indisvalid), ' ' ORDER BY i.indexrelid)
   FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid), '|',
  (SELECT pg_catalog.string_agg(t.xmin::pg_catalog.text, ' ' ORDER BY t.oid)
   FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = {} AND c.relname = {})";

// By pg_type.typname. Types of other schemas may carry the same names, so they count only from pg_catalog.
constexpr std::array<std::pair<std::string_view, Family>, 17> kFamilies = {{
    {"bool", Family::boolean},
    {"int2", Family::int2},
    {"int4", Family::int4},
    {"int8", Family::int8},
    {"float4", Family::float4},
    {"float8", Family::float8},
    {"numeric", Family::numeric},
    {"text", Family::text},
    {"varchar", Family::text},
    {"bpchar", Family::text},
    {"date", Family::date},
    {"timestamp", Family::timestamp},
    {"timestamptz", Family::timestamptz},
    {"json", Family::json},
    {"jsonb", Family::jsonb},
    {"uuid", Family::uuid},
    {"bytea", Family::other},
}};

bool is_true(std::string_view text) {
  return text == "t";
}

Family family_of(std::string_view type, char kind, char category, bool builtin) {
  if (kind == 'e') return Family::enumeration;
  if (category == 'A') return Family::array;
  if (builtin)
    for (const auto& [name, family] : kFamilies)
      if (name == type) return family;
  return Family::other;
}

// A type modifier is the length plus 4, for numeric precision and scale (11 bits, signed since version 15) in one.
void apply_modifier(TargetColumn& column, std::string_view text) {
  std::int32_t modifier = -1;
  std::from_chars(text.data(), text.data() + text.size(), modifier);
  if (modifier < 4) return;
  modifier -= 4;
  if (column.family == Family::text) column.characters = modifier;
  if (column.family == Family::numeric) {
    column.precision = (modifier >> 16) & 0xFFFF;
    column.scale = ((modifier & 0x7FF) ^ 1024) - 1024;
  }
}

// The others call different values equal (1.5 and 1.50, 0 and -0, texts of some collations), have no `=` (json), or one
// that may live outside pg_catalog.
bool has_plain_equality(Family family) {
  return family == Family::boolean || (family >= Family::int2 && family <= Family::int8) || family == Family::date ||
         family == Family::timestamp || family == Family::timestamptz || family == Family::uuid;
}

// Columns of `rows` are those of kColumns, in order.
TargetColumn column_from(const Rows& rows, std::size_t row) {
  const auto flag = [&](int number) { return is_true(rows.at(row, number)); };
  TargetColumn column;
  column.name = rows.at(row, 0);
  column.type = rows.at(row, 1);
  column.builtin = flag(5) || rows.at(row, 3) == "e";
  column.family = family_of(rows.at(row, 2), rows.at(row, 3).front(), rows.at(row, 4).front(), column.builtin);
  apply_modifier(column, rows.at(row, 6));
  column.not_null = flag(7);
  column.needs_value = column.not_null && !flag(8);
  column.generated = flag(9);
  column.identity_always = flag(10);
  column.default_value = rows.at(row, 13);
  column.base_type = rows.at(row, 14);
  column.plain_equality = has_plain_equality(column.family) && !flag(11);
  return column;
}

Result<std::vector<TargetColumn>> read_columns(Connection& connection, std::string_view doing, const std::string& oid) {
  BATCHOUT_TRY(const Rows rows, connection.query_prepared(doing, kColumns, std::array{oid}));
  std::vector<TargetColumn> columns;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    TargetColumn& column = columns.emplace_back(column_from(rows, row));
    if (column.family != Family::enumeration) continue;
    BATCHOUT_TRY(const Rows labels,
                 connection.query_prepared(doing, kLabels, std::array{std::string(rows.at(row, 12))}));
    for (std::size_t i = 0; i < labels.size(); ++i) column.labels.emplace_back(labels.at(i, 0));
  }
  return columns;
}

Result<std::vector<std::vector<std::string>>> read_unique_keys(Connection& connection, std::string_view doing,
                                                               const std::string& oid) {
  BATCHOUT_TRY(const Rows rows, connection.query_prepared(doing, kUniqueKeys, std::array{oid}));
  std::vector<std::vector<std::string>> keys;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (row == 0 || rows.at(row, 0) != rows.at(row - 1, 0)) keys.emplace_back();
    keys.back().emplace_back(rows.at(row, 1));
  }
  return keys;
}

std::unexpected<Error> no_such_table(Connection& connection, std::string_view doing, const std::string& schema,
                                     const std::string& table) {
  auto rows = connection.query(doing, kTables, std::array{schema});
  if (!rows) return std::unexpected(std::move(rows).error());
  std::vector<std::string> names;
  for (std::size_t row = 0; row < rows->size(); ++row) names.emplace_back(rows->at(row, 0));
  const std::string known = names.empty() ? "the schema has no tables or does not exist"
                                          : "the schema has " + likely_names(table, std::move(names));
  return fail(
      Verdict::configuration, "BO532",
      fmt::format("There is no table to write to; create it or correct its name: {}.{}, {}", schema, table, known));
}

// How unlike two names are: edits needed to make one the other, letters compared without case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({replaced, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

}  // namespace

const TargetColumn* Target::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &TargetColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

bool Target::unique_on(const std::vector<std::string>& keys) const {
  const std::set<std::string> wanted(keys.begin(), keys.end());
  return std::ranges::any_of(unique_keys, [&](const std::vector<std::string>& index) {
    return std::set<std::string>(index.begin(), index.end()) == wanted;
  });
}

Result<bool> table_exists(Connection& connection, const std::string& schema, const std::string& table) {
  const std::string doing = fmt::format("Looking for the table {}.{}", schema, table);
  BATCHOUT_TRY(const Rows found, connection.query(doing, kFindTable, std::array{schema, table}));
  return found.size() > 0;
}

// Several statements in the batch's transaction; READ COMMITTED lets a change in between go unnoticed until rows are
// refused (check_unchanged). Prepared, since planning takes most of the time.
Result<Target> read_target(Connection& connection, const std::string& schema, const std::string& table) {
  const std::string doing = fmt::format("Reading the columns of {}.{}", schema, table);
  BATCHOUT_TRY(const Rows found, connection.query_prepared(doing, kFindTable, std::array{schema, table}));
  if (found.size() == 0) return no_such_table(connection, doing, schema, table);
  if (!is_true(found.at(0, 1)))
    return fail(Verdict::configuration, "BO532",
                fmt::format("The target is not a table; name a table: {}.{}", schema, table));
  const std::string oid(found.at(0, 0));
  Target target{schema, table, {}, is_true(found.at(0, 2)), {}};
  BATCHOUT_TRY(target.columns, read_columns(connection, doing, oid));
  if (target.fills_rows)
    for (TargetColumn& column : target.columns) column.not_null = false;
  BATCHOUT_TRY(target.unique_keys, read_unique_keys(connection, doing, oid));
  return target;
}

Result<std::string> read_mark(Connection& connection, const Target& target) {
  const bool plain = std::ranges::all_of(target.columns, [](const TargetColumn& column) {
    return column.builtin && column.base_type.empty() && column.family != Family::enumeration;
  });
  if (!plain) return std::string();
  const std::string doing = fmt::format("Looking at {}.{} again", target.schema, target.table);
  BATCHOUT_TRY(const Rows found,
               connection.query_prepared(doing, fmt::format(kMark, literal(target.schema), literal(target.table))));
  return std::string(found.size() == 0 ? "" : found.at(0, 0));
}

std::string likely_names(std::string_view wanted, std::vector<std::string> names) {
  constexpr std::size_t kShown = 8;
  std::ranges::stable_sort(names, {}, [&](const std::string& name) { return distance(wanted, name); });
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) out += fmt::format(" and {} more", names.size() - kShown);
  return out;
}

}  // namespace batchout::postgres
