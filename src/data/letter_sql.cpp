// A letter without bytes belongs to the last one before it that has those of the same payload: the first letter of a
// payload in a batch keeps them.

#include "data/letter_sql.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "data/dead_letters.h"

namespace batchout {
namespace {

std::string among(std::string_view column, std::span<const std::int64_t> numbers) {
  return fmt::format("{} IN ({})", column, fmt::join(numbers, ", "));
}

// At a place there may have been another payload, with letters between those of the same.
std::string carrier_of(const LetterDialect& dialect, const LetterColumns& columns) {
  constexpr std::string_view kSame = "AND coalesce(c.payload_sha256, '') = coalesce(d.payload_sha256, '') ";
  return fmt::format(
      "CASE WHEN d.payload_size = 0 OR {0}(d.payload) > 0 THEN d.id ELSE coalesce((SELECT c.id FROM {1} c WHERE "
      "c.pipeline = d.pipeline AND c.source = d.source AND c.unit = d.unit AND c.pos = d.pos AND c.id < d.id AND "
      "{0}(c.payload) > 0 {2}ORDER BY c.id DESC LIMIT 1), 0) END",
      dialect.size, dialect.table, columns.has("payload_sha256") ? kSame : "");
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
      {"source_mark", "text", "TEXT", [](Record r) { return text_or_null(r.mark); }},
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
                               std::int64_t after, std::size_t count, const LetterColumns& columns) {
  const auto added = [&](std::string_view name) {
    if (!columns.has(name)) return std::string("NULL");
    const std::string column = fmt::format("d.{}", name);
    return name == "resolved_at" ? dialect.time(column) : column;
  };
  return fmt::format(
      "SELECT d.id, d.pipeline, d.status, {}, {}, {}, d.source, d.unit, d.pos, d.stage, d.place, {}, d.number, d.code, "
      "d.column_name, d.error, d.excerpt, {}, {}, {}, d.payload_size, {}(d.payload), {}, {}, {}, {}, {}, {}, {}, {}, "
      "{}, {} "
      "FROM ({}) w CROSS JOIN {} d WHERE d.id = w.id ORDER BY d.id",
      dialect.time("d.created_at"), added("resolved_at"), added("attempts"), added("input"), added("row_no"),
      added("row_count"), added("metadata"), dialect.size, carrier_of(dialect, columns), added("pos_end"),
      added("error_class"), added("payload_sha256"), added("batch"), added("version"), added("config_hash"),
      added("writer"), added("row_values"), added("target"), page_of(dialect, pipeline, filter, after, count),
      dialect.table);
}

bool has_carrier(const LetterFilter& filter, const Letter& letter) {
  return filter.carriers.empty() || std::ranges::binary_search(filter.carriers, letter.carrier);
}

std::string select_payloads_sql(const LetterDialect& dialect, std::span<const std::int64_t> ids) {
  return fmt::format("SELECT id, {}payload{} FROM {} WHERE {}", dialect.payload_begin, dialect.payload_end,
                     dialect.table, among("id", ids));
}

Result<bool> give_letters(std::span<Letter> letters, const LetterFilter& filter, const PayloadReader& payloads,
                          const LetterSink& sink) {
  constexpr std::size_t kPayloadsAtOnce = 16;  // 1 MiB each.
  std::map<std::int64_t, std::string> read;
  const auto is_wanted = [&](const Letter& letter) {
    return payloads != nullptr && letter.kept > 0 && has_carrier(filter, letter);
  };
  for (std::size_t i = 0; i < letters.size(); ++i) {
    Letter& letter = letters[i];
    if (!has_carrier(filter, letter)) continue;
    if (is_wanted(letter)) {
      if (!read.contains(letter.id)) {
        std::vector<std::int64_t> ids;
        for (std::size_t next = i; next < letters.size() && ids.size() < kPayloadsAtOnce; ++next)
          if (is_wanted(letters[next])) ids.push_back(letters[next].id);
        read.clear();
        BATCHOUT_CHECK(payloads(ids, read));
        // Those that are not there shall not be asked for again.
        for (const std::int64_t id : ids) read.try_emplace(id);
      }
      letter.payload = std::move(read[letter.id]);
      if (letter.payload.empty()) continue;
    }
    BATCHOUT_TRY(const bool go_on, sink(std::move(letter)));
    if (!go_on) return false;
  }
  return true;
}

std::string letter_rows_index(const LetterDialect& dialect) {
  return fmt::format("{} (pipeline, source, unit, pos, row_no, number)", dialect.table);
}

std::string letter_payloads_index(const LetterDialect& dialect) {
  return fmt::format("{} (pipeline, source, unit, pos, id) WHERE {}(payload) > 0", dialect.table, dialect.size);
}

std::span<const std::string_view> compared_letter_columns() {
  static constexpr std::string_view kColumns[] = {
      "pipeline",    "source",  "unit",   "pos",       "stage",          "place",       "input",  "code",
      "column_name", "excerpt", "row_no", "row_count", "payload_sha256", "source_mark", "writer", "target"};
  return kColumns;
}

std::string alike_letter_sql(const LetterDialect& dialect) {
  std::string same;
  for (const std::string_view column : compared_letter_columns()) {
    const bool may_lack = column == "writer" || column == "target";
    same += may_lack ? fmt::format("coalesce(d.{0}, '') = coalesce(v.{0}, '') AND ", column)
                     : fmt::format("d.{0} = v.{0} AND ", column);
  }
  return fmt::format(
      "(SELECT d.id FROM {} d WHERE {}d.status = 'new' AND d.number BETWEEN v.number_min AND v.number_max LIMIT 1)",
      dialect.table, same);
}

std::pair<std::int64_t, std::int64_t> numbers_alike(const DeadLetterRecord& record) {
  if (!record.once) return {1, 0};
  if (record.row < 0) return {record.number, record.number};
  return {0, std::numeric_limits<std::int64_t>::max()};
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
