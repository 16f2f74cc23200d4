// Rows are kept where positions are forgotten: an epoch that began anew could be that of a process which still runs.

#include "components/postgres/position_book.h"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "components/postgres/identifier.h"
#include "components/postgres/positions.h"

namespace batchout::postgres {
namespace {

constexpr std::string_view kReading = "Reading positions in batchout_delivery.source_position";
constexpr std::string_view kChanging = "Changing positions in batchout_delivery.source_position";
constexpr std::string_view kLocked = "55P03";

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string statement_for(const std::string& pipeline, const PositionChange& change) {
  const std::string number = change.number ? fmt::format("{}", *change.number) : "NULL";
  return fmt::format(
      "INSERT INTO batchout_delivery.source_position AS s (pipeline, source, unit, next_pos, token, epoch, owner)"
      " VALUES ({}, {}, {}, {}, {}, 1, 'batchout positions') ON CONFLICT (pipeline, source, unit) DO UPDATE"
      " SET epoch = s.epoch + 1, next_pos = EXCLUDED.next_pos, token = EXCLUDED.token, owner = EXCLUDED.owner,"
      " updated_at = clock_timestamp()",
      literal(pipeline), literal(change.source), literal(change.unit), number, literal(change.token));
}

std::unexpected<Error> not_changed(Connection& connection, Error error) {
  if (connection.failed_state() == kLocked) {
    error.verdict = Verdict::fenced;
    error.message += "; another process holds the unit in a transaction: end it, or try again";
  }
  auto refused = positions_refused(connection, error);
  connection.rollback();
  return refused;
}

}  // namespace

Result<std::vector<KeptPosition>> kept_positions(Connection& connection, const std::string& pipeline) {
  const auto there = connection.query(kReading, "SELECT to_regclass('batchout_delivery.source_position') IS NULL");
  if (!there) return positions_refused(connection, there.error());
  std::vector<KeptPosition> kept;
  if (there->at(0, 0) == "t") return kept;
  const auto rows = connection.query(
      kReading, fmt::format("SELECT source, unit, next_pos, token, epoch, owner,"
                            " to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                            " FROM batchout_delivery.source_position WHERE pipeline = {} ORDER BY source COLLATE \"C\","
                            " unit COLLATE \"C\"",
                            literal(pipeline)));
  if (!rows) return positions_refused(connection, rows.error());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    const auto text = [&](int column) { return std::string(rows->at(row, column)); };
    KeptPosition& position = kept.emplace_back();
    position.source = text(0);
    position.unit = text(1);
    // NULL is an empty text.
    if (!rows->at(row, 2).empty()) position.number = number_of(rows->at(row, 2));
    position.token = text(3);
    position.epoch = number_of(rows->at(row, 4));
    position.owner = text(5);
    position.changed_at = text(6);
  }
  return kept;
}

// In the order in which claims and moves take their locks.
Result<> change_positions(Connection& connection, const std::string& pipeline,
                          std::span<const PositionChange> changes) {
  BATCHOUT_CHECK(make_position_tables(connection));
  std::vector<const PositionChange*> ordered;
  for (const PositionChange& change : changes) ordered.push_back(&change);
  std::ranges::sort(ordered, {}, [](const auto* change) { return std::tie(change->source, change->unit); });
  BATCHOUT_CHECK(connection.run(kChanging, "BEGIN"));
  for (const PositionChange* change : ordered)
    if (const auto done = connection.run(kChanging, statement_for(pipeline, *change)); !done)
      return not_changed(connection, done.error());
  BATCHOUT_TRY(const Outcome outcome, connection.commit());
  if (outcome == Outcome::committed) return {};
  return fail(
      Verdict::environment, "BO530",
      "The answer to a commit was lost, so it is not known whether the positions were changed; look at them, and "
      "change them again if need be");
}

}  // namespace batchout::postgres
