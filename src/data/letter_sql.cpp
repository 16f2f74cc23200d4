// A letter without bytes belongs to the last one before it that has those of the same payload: the first letter of a
// payload in a batch keeps them.

#include "data/letter_sql.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "data/dead_letters.h"

namespace batchout {
namespace {

std::string among(std::string_view column, std::span<const std::int64_t> numbers) {
  return fmt::format("{} IN ({})", column, fmt::join(numbers, ", "));
}

std::string carrier_of(const LetterDialect& dialect) {
  return fmt::format(
      "CASE WHEN d.payload_size = 0 OR {0}(d.payload) > 0 THEN d.id ELSE coalesce((SELECT max(c.id) FROM {1} c WHERE "
      "c.pipeline = d.pipeline AND c.source = d.source AND c.unit = d.unit AND c.pos = d.pos AND c.id < d.id AND "
      "{0}(c.payload) > 0), 0) END",
      dialect.size, dialect.table);
}

std::string conditions_of(const LetterDialect& dialect, const LetterFilter& filter) {
  std::string out;
  const auto equal = [&](std::string_view column, const std::string& value) {
    if (!value.empty()) out += fmt::format(" AND d.{} = {}", column, dialect.literal(value));
  };
  equal("stage", filter.stage);
  equal("code", filter.code);
  equal("place", filter.place);
  equal("source", filter.source);
  equal("unit", filter.unit);
  equal("status", filter.status);
  if (filter.since) out += fmt::format(" AND d.created_at >= {}", dialect.instant(*filter.since));
  if (!filter.ids.empty()) out += " AND " + among("d.id", filter.ids);
  return out;
}

/// The ids of a page; what is found for carriers is all of their places, looked up by the index from the few ids.
std::string page_of(const LetterDialect& dialect, const std::string& pipeline, const LetterFilter& filter,
                    std::int64_t after, std::size_t count) {
  std::string from = fmt::format("{} d WHERE", dialect.table);
  if (!filter.carriers.empty())
    from = fmt::format(
        "{0} p CROSS JOIN {0} d WHERE {1} AND d.pipeline = p.pipeline AND d.source = p.source AND d.unit = p.unit AND "
        "d.pos = p.pos AND",
        dialect.table, among("p.id", filter.carriers));
  return fmt::format("SELECT DISTINCT d.id FROM {} d.pipeline = {} AND d.id > {}{} ORDER BY d.id LIMIT {}", from,
                     dialect.literal(pipeline), after, conditions_of(dialect, filter), count);
}

LetterColumn::Value text_or_null(std::string_view text) {
  if (text.empty()) return {};
  return text;
}

std::int64_t number_in(std::string_view text, std::int64_t otherwise) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && !text.empty() ? number : otherwise;
}

}  // namespace

std::span<const LetterColumn> added_letter_columns() {
  using Record = const DeadLetterRecord&;
  using Value = LetterColumn::Value;
  static constexpr LetterColumn kColumns[] = {
      {"input", "text NOT NULL DEFAULT ''", "TEXT NOT NULL DEFAULT ''", [](Record r) { return Value(r.input); }},
      {"row_no", "bigint", "INTEGER", [](Record r) { return Value(r.row); }},
      {"row_count", "bigint", "INTEGER", [](Record r) { return Value(r.rows); }},
      {"metadata", "jsonb", "TEXT", [](Record r) { return text_or_null(r.metadata); }},
      {"attempts", "bigint NOT NULL DEFAULT 1", "INTEGER NOT NULL DEFAULT 1", nullptr},
      {"resolved_at", "timestamptz", "TEXT", nullptr},
      {"pos_end", "bigint", "INTEGER", [](Record r) { return r.next ? Value(*r.next) : Value(); }},
      {"error_class", "text", "TEXT", [](Record r) { return Value(r.error_class); }},
      {"payload_sha256", "text", "TEXT", [](Record r) { return text_or_null(r.payload_sha256); }},
      {"batch", "bigint", "INTEGER", [](Record r) { return Value(static_cast<std::int64_t>(r.batch)); }},
      {"version", "text", "TEXT", [](Record r) { return Value(r.version); }},
      {"config_hash", "text", "TEXT", [](Record r) { return text_or_null(r.config_hash); }},
      {"writer", "text", "TEXT", [](Record r) { return text_or_null(r.writer); }},
      {"row_values", "jsonb", "TEXT", [](Record r) { return text_or_null(r.values); }},
      {"target", "text", "TEXT", [](Record r) { return text_or_null(r.target); }},
  };
  return kColumns;
}

LetterColumns::LetterColumns(std::string_view names) {
  const std::string among = fmt::format(",{},", names);
  for (const LetterColumn& column : added_letter_columns())
    there_.push_back(among.contains(fmt::format(",{},", column.name)));
}

LetterColumns LetterColumns::all() {
  LetterColumns columns("");
  columns.there_.assign(columns.there_.size(), true);
  return columns;
}

bool LetterColumns::has(std::string_view name) const {
  const auto columns = added_letter_columns();
  const auto found = std::ranges::find(columns, name, &LetterColumn::name);
  return found != columns.end() && there_[static_cast<std::size_t>(found - columns.begin())];
}

bool LetterColumns::complete() const {
  return std::ranges::find(there_, false) == there_.end();
}

std::vector<const LetterColumn*> LetterColumns::written() const {
  std::vector<const LetterColumn*> out;
  for (const LetterColumn& column : added_letter_columns())
    if (column.value != nullptr && has(column.name)) out.push_back(&column);
  return out;
}

std::vector<const LetterColumn*> LetterColumns::missing() const {
  std::vector<const LetterColumn*> out;
  for (const LetterColumn& column : added_letter_columns())
    if (!has(column.name)) out.push_back(&column);
  return out;
}

std::string select_letters_sql(const LetterDialect& dialect, const std::string& pipeline, const LetterFilter& filter,
                               std::int64_t after, std::size_t count, bool payloads, const LetterColumns& columns) {
  const auto added = [&](std::string_view name) {
    if (!columns.has(name)) return std::string("NULL");
    const std::string column = fmt::format("d.{}", name);
    return name == "resolved_at" ? dialect.time(column) : column;
  };
  std::string payload = "NULL";
  if (payloads) payload = dialect.payload.empty() ? "d.payload" : fmt::format("{}(d.payload, 'hex')", dialect.payload);
  return fmt::format(
      "SELECT d.id, d.pipeline, d.status, {}, {}, {}, d.source, d.unit, d.pos, d.stage, d.place, {}, d.number, d.code, "
      "d.column_name, d.error, d.excerpt, {}, {}, {}, d.payload_size, {}(d.payload), {}, {}, {}, {}, {}, {}, {}, {}, "
      "{}, {}, {} "
      "FROM ({}) w CROSS JOIN {} d WHERE d.id = w.id ORDER BY d.id",
      dialect.time("d.created_at"), added("resolved_at"), added("attempts"), added("input"), added("row_no"),
      added("row_count"), added("metadata"), dialect.size, carrier_of(dialect), added("pos_end"), added("error_class"),
      added("payload_sha256"), added("batch"), added("version"), added("config_hash"), added("writer"),
      added("row_values"), added("target"), payload, page_of(dialect, pipeline, filter, after, count), dialect.table);
}

bool has_carrier(const LetterFilter& filter, const Letter& letter) {
  return filter.carriers.empty() || std::ranges::binary_search(filter.carriers, letter.carrier);
}

// Of letters of earlier versions it is not known which row they are about; what was refused before there were rows is
// about the whole payload.
Letter letter_of(const std::function<std::string_view(int column)>& text) {
  Letter letter;
  letter.id = number_in(text(0), 0);
  letter.pipeline = text(1);
  letter.status = text(2);
  letter.created_at = text(3);
  letter.resolved_at = text(4);
  letter.attempts = number_in(text(5), 1);
  letter.source = text(6);
  letter.unit = text(7);
  letter.position = number_in(text(8), 0);
  letter.stage = text(9);
  letter.place = text(10);
  letter.input = text(11);
  letter.number = number_in(text(12), 0);
  letter.code = text(13);
  letter.column = text(14);
  letter.error = text(15);
  letter.excerpt = text(16);
  letter.row = number_in(text(17), letter.stage == "read" || letter.stage == "extract" ? kWholePayload : kUnknownRow);
  letter.rows = number_in(text(18), 0);
  letter.metadata = text(19);
  letter.size = static_cast<std::uint64_t>(number_in(text(20), 0));
  letter.kept = static_cast<std::uint64_t>(number_in(text(21), 0));
  letter.carrier = number_in(text(22), 0);
  if (!text(23).empty()) letter.next = number_in(text(23), 0);
  letter.error_class = text(24);
  letter.payload_sha256 = text(25);
  letter.batch = number_in(text(26), 0);
  letter.version = text(27);
  letter.config_hash = text(28);
  letter.writer = text(29);
  letter.values = text(30);
  letter.target = text(31);
  return letter;
}

std::string resolve_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                                std::span<const std::int64_t> ids, std::string_view status) {
  return fmt::format("UPDATE {} SET status = {}, resolved_at = {} WHERE pipeline = {} AND status = 'new' AND {}",
                     dialect.table, dialect.literal(status), dialect.now, dialect.literal(pipeline), among("id", ids));
}

std::string prune_letters_sql(const LetterDialect& dialect, const std::string& pipeline, std::int64_t until) {
  return fmt::format(
      "DELETE FROM {0} AS d WHERE d.pipeline = {1} AND d.status <> 'new' AND coalesce(d.resolved_at, d.created_at) < "
      "{2} "
      "AND NOT EXISTS (SELECT 1 FROM {0} n WHERE n.pipeline = d.pipeline AND n.source = d.source AND n.unit = d.unit "
      "AND "
      "n.pos = d.pos AND n.status = 'new'){3}",
      dialect.table, dialect.literal(pipeline), dialect.instant(until),
      dialect.reuses_ids ? fmt::format(" AND d.id < (SELECT max(id) FROM {})", dialect.table) : "");
}

std::string fail_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                             std::span<const std::int64_t> ids, const Reject& reject, const LetterColumns& columns) {
  std::string error_class_too;
  if (columns.has("error_class"))
    error_class_too = fmt::format("error_class = {}, ", dialect.literal(error_class(reject.code)));
  return fmt::format(
      "UPDATE {} SET attempts = CASE WHEN attempts < {} THEN attempts + 1 ELSE attempts END, {}code = {}, column_name "
      "= {}, error = {}, excerpt = {} WHERE pipeline = {} AND status = 'new' AND {}",
      dialect.table, kAttemptsMax, error_class_too, dialect.literal(reject.code),
      dialect.literal(shown_text(reject.column)), dialect.literal(error_text(reject.message)),
      dialect.literal(shown_text(reject.excerpt)), dialect.literal(pipeline), among("id", ids));
}

}  // namespace batchout
