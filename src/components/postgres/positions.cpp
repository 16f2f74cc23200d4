// One table, `batchout_delivery.source_position`. The claim rests on what READ COMMITTED promises of ON CONFLICT DO
// UPDATE (PostgreSQL documentation, 13.2.1): it waits for a transaction that has changed the row, and sees what that
// committed.

#include "components/postgres/positions.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "components/postgres/dead_letters.h"
#include "components/postgres/identifier.h"
#include "components/postgres/pipeline_name.h"

namespace batchout::postgres {
namespace {

constexpr std::string_view kClaiming = "Claiming a unit in batchout_delivery.source_position";
constexpr std::string_view kPrivilege = "42501";

std::string literal_or_null(std::int64_t number) {
  return number == Position::kUnset ? "NULL" : fmt::format("{}", number);
}

std::string this_process() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{}/{}/{}", host.data(), ::getpid(), now);
}

// Nothing of an empty text, which is what NULL looks like.
std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc()) return std::nullopt;
  return number;
}

Claim claim_of(const Rows& rows, const Unit& unit) {
  Claim claim;
  claim.epoch = number_in(rows.at(0, 0)).value_or(0);
  if (const auto number = number_in(rows.at(0, 1)))
    claim.position = Position{unit.id, *number, std::string(rows.at(0, 2))};
  return claim;
}

}  // namespace

// Dead letters, too, so that a role that lacks the right is told at once. Not `batchout`: where a role has that name,
// the schema would come first in its search path and catch tables of others. Room in the pages for a row that changes
// with every batch.
std::string position_tables_sql() {
  return "CREATE SCHEMA IF NOT EXISTS batchout_delivery;"
         " CREATE TABLE IF NOT EXISTS batchout_delivery.source_position ("
         "pipeline text NOT NULL, source text NOT NULL, unit text NOT NULL, next_pos bigint, "
         "token text NOT NULL DEFAULT '', epoch bigint NOT NULL, owner text NOT NULL, "
         "batch_no bigint NOT NULL DEFAULT 0, updated_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
         "PRIMARY KEY (pipeline, source, unit)) WITH (fillfactor = 50); " +
         pipeline_table_sql() + " " + dead_letter_table_sql();
}

// What is missing may be the schema, a table or a right to use them: the server's words say which.
std::unexpected<Error> positions_refused(const Connection& connection, const Error& error) {
  if (connection.failed_state() != kPrivilege) return std::unexpected(error);
  return fail(
      Verdict::configuration, "BO531",
      "Positions cannot be kept beside the rows; grant the role usage of the schema batchout_delivery, and select, "
      "insert and update on source_position in it: " +
          error.message);
}

Positions::Positions(std::string pipeline) : pipeline_(std::move(pipeline)), owner_(this_process()) {}

Result<std::vector<Claim>> Positions::claim(Connection& connection, std::span<const Unit> units) {
  if (!has_tables_) BATCHOUT_CHECK(make_position_tables(connection));
  has_tables_ = true;
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return Name(units[i].source, units[i].name); });
  std::vector<Claim> claims(units.size());
  for (const std::size_t i : order) {
    failpoint("before_claim");
    BATCHOUT_TRY(claims[i], claim_one(connection, units[i]));
    failpoint("after_claim");
  }
  return claims;
}

// Two that make it at once would meet in the catalog, whose unique indexes know no IF NOT EXISTS.
Result<> make_position_tables(Connection& connection) {
  constexpr std::string_view kMaking = "Making the table batchout_delivery.source_position";
  const auto there = connection.query(kMaking, "SELECT to_regclass('batchout_delivery.source_position') IS NULL");
  if (!there) return positions_refused(connection, there.error());
  if (there->at(0, 0) == "f") return {};
  Result<> made =
      connection.run(kMaking, "BEGIN; SELECT pg_advisory_xact_lock(6207415236); " + position_tables_sql() + " COMMIT");
  if (made) return made;
  const bool refused = connection.failed_state() == kPrivilege;
  connection.rollback();
  if (!refused) return made;
  return fail(
      Verdict::configuration, "BO537",
      fmt::format(
          "Positions cannot be kept beside the rows, because the role may not make the schema batchout_delivery; "
          "have it made by an administrator, and let the role select, insert and update there: {}",
          position_tables_sql()));
}

Result<Claim> Positions::claim_one(Connection& connection, const Unit& unit) {
  const Name name(unit.source, unit.name);
  if (const auto doubtful = doubtful_.find(name); doubtful != doubtful_.end()) {
    const std::array<std::string, 5> parameters = {pipeline_, unit.source, unit.name, std::to_string(doubtful->second),
                                                   owner_};
    BATCHOUT_TRY(const Rows rows,
                 connection.query(kClaiming,
                                  "UPDATE batchout_delivery.source_position SET epoch = epoch + 1, owner = $5,"
                                  " updated_at = clock_timestamp() WHERE pipeline = $1 AND source = $2 AND unit = $3"
                                  " AND (epoch = $4::bigint OR (epoch = $4::bigint + 1 AND owner = $5))"
                                  " RETURNING epoch, next_pos, token",
                                  parameters));
    if (rows.size() == 1) {
      doubtful_.erase(doubtful);
      return claim_of(rows, unit);
    }
    // The next claim takes what it gets: by then the group has had its say.
    doubtful_.clear();
    return fail(Verdict::fenced, "BO536",
                fmt::format("Another process has claimed a unit while it was not known how our last transaction ended: "
                            "{}, unit \"{}\"",
                            unit.source, unit.name));
  }
  const std::array<std::string, 4> parameters = {pipeline_, unit.source, unit.name, owner_};
  auto rows =
      connection.query(kClaiming,
                       "INSERT INTO batchout_delivery.source_position AS s (pipeline, source, unit, epoch, owner)"
                       " VALUES ($1, $2, $3, 1, $4) ON CONFLICT (pipeline, source, unit) DO UPDATE"
                       " SET epoch = s.epoch + 1, owner = EXCLUDED.owner, updated_at = clock_timestamp()"
                       " RETURNING s.epoch, s.next_pos, s.token",
                       parameters);
  if (rows) return claim_of(*rows, unit);
  return positions_refused(connection, rows.error());
}

// Locks in one order, so that two owners of some of the units cannot wait for each other. An anonymous block, because a
// role may write rows without the right to make functions.
std::string Positions::advance_sql(std::span<const Move> moves) const {
  std::string steps;
  for (const Move& move : moves)
    steps += fmt::format("{}({}, {}, {}::bigint, {}::bigint, {}::bigint, {})", steps.empty() ? "" : ", ",
                         literal(move.unit.source), literal(move.unit.name), move.epoch, literal_or_null(move.from),
                         literal_or_null(move.to.number), literal(move.to.token));
  std::string_view check = " AND s.epoch = d.epoch AND s.next_pos IS NOT DISTINCT FROM d.from_pos";
  if (failpoint("no_position_check")) check = " AND s.epoch = d.epoch";
  if (failpoint("no_epoch_check")) check = "";
  return fmt::format(
      "DO {}",
      literal(fmt::format(
          "DECLARE moved bigint; BEGIN"
          " PERFORM 1 FROM batchout_delivery.source_position s WHERE s.pipeline = {0} AND (s.source, s.unit) IN"
          " (SELECT d.source, d.unit FROM (VALUES {1}) AS d(source, unit, epoch, from_pos, to_pos, token))"
          " ORDER BY s.source, s.unit FOR UPDATE;"
          " UPDATE batchout_delivery.source_position s SET next_pos = d.to_pos, token = d.token,"
          " batch_no = s.batch_no + 1, updated_at = clock_timestamp()"
          " FROM (VALUES {1}) AS d(source, unit, epoch, from_pos, to_pos, token)"
          " WHERE s.pipeline = {0} AND s.source = d.source AND s.unit = d.unit{2};"
          " GET DIAGNOSTICS moved = ROW_COUNT;"
          " IF moved <> {3} THEN RAISE EXCEPTION 'a unit has been claimed by another process'"
          " USING ERRCODE = 'BO001'; END IF; END",
          literal(pipeline_), steps, check, moves.size())));
}

void Positions::doubt(std::span<const Move> moves) {
  for (const Move& move : moves) doubtful_[{move.unit.source, move.unit.name}] = move.epoch;
}

}  // namespace batchout::postgres
