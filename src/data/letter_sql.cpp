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

std::int64_t number_in(std::string_view text, std::int64_t otherwise) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && !text.empty() ? number : otherwise;
}

}  // namespace

std::string select_letters_sql(const LetterDialect& dialect, const std::string& pipeline, const LetterFilter& filter,
                               std::int64_t after, std::size_t count, bool payloads, bool old) {
  const auto added = [&](const std::string& column, std::string_view otherwise) {
    return old ? std::string(otherwise) : column;
  };
  std::string payload = "NULL";
  if (payloads) payload = dialect.payload.empty() ? "d.payload" : fmt::format("{}(d.payload, 'hex')", dialect.payload);
  return fmt::format(
      "SELECT d.id, d.pipeline, d.status, {}, {}, {}, d.source, d.unit, d.pos, d.stage, d.place, {}, d.number, d.code, "
      "d.column_name, d.error, d.excerpt, {}, {}, {}, d.payload_size, {}(d.payload), {}, {} FROM ({}) w CROSS "
      "JOIN {} d WHERE d.id = w.id ORDER BY d.id",
      dialect.time("d.created_at"), added(dialect.time("d.resolved_at"), "NULL"), added("d.attempts", "1"),
      added("d.input", "''"), added("d.row_no", "NULL"), added("d.row_count", "NULL"), added("d.metadata", "NULL"),
      dialect.size, carrier_of(dialect), payload, page_of(dialect, pipeline, filter, after, count), dialect.table);
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
  return letter;
}

std::string resolve_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                                std::span<const std::int64_t> ids, std::string_view status) {
  return fmt::format("UPDATE {} SET status = {}, resolved_at = {} WHERE pipeline = {} AND status = 'new' AND {}",
                     dialect.table, dialect.literal(status), dialect.now, dialect.literal(pipeline), among("id", ids));
}

std::string fail_letters_sql(const LetterDialect& dialect, const std::string& pipeline,
                             std::span<const std::int64_t> ids, const Reject& reject) {
  return fmt::format(
      "UPDATE {} SET attempts = CASE WHEN attempts < {} THEN attempts + 1 ELSE attempts END, code = {}, column_name = "
      "{}, error = {}, excerpt = {} WHERE pipeline = {} AND status = 'new' AND {}",
      dialect.table, kAttemptsMax, dialect.literal(reject.code), dialect.literal(shown_text(reject.column)),
      dialect.literal(shown_text(reject.message)), dialect.literal(shown_text(reject.excerpt)),
      dialect.literal(pipeline), among("id", ids));
}

}  // namespace batchout
