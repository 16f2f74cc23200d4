// Counts what a batch contained and words its warnings.

#include "engine/accounts.h"

#include <map>
#include <string>

#include <fmt/format.h>

#include "engine/guard.h"

namespace batchout {
namespace {

// The unit as people know it. Without a move in the batch, only the input is known.
std::string where(const Plan& plan, const Batch& batch, const Refused& refused) {
  const auto move = batch.moves.find({refused.input, refused.reject.unit});
  if (refused.input == PlannedSelection::kComputed) return "a row that a selector computed";
  if (move == batch.moves.end()) return "a payload of " + plan.inputs[refused.input].name;
  const Unit& unit = move->second.unit;
  return fmt::format("{}, unit \"{}\", position {}", unit.source, unit.name, refused.reject.position);
}

std::string place_of(const Plan& plan, const Refused& refused) {
  return refused.input == PlannedSelection::kComputed ? "selectors" : "inputs." + plan.inputs[refused.input].name;
}

// A topic full of bad messages makes one line a batch and code, not one a message.
void account_rejects(const Plan& plan, const Batch& batch, std::span<const Refused> rejects, const LogSink& log,
                     Summary& summary) {
  // The first reject in order of arrival stands for its kind; borrowed from `rejects`.
  struct Seen {
    const Refused* first = nullptr;
    std::uint64_t count = 0;
  };
  std::map<std::string, Seen> by_code;
  for (const Refused& refused : rejects) {
    Seen& seen = by_code[refused.reject.code];
    if (seen.count++ == 0) seen.first = &refused;
  }
  for (const auto& [code, seen] : by_code) {
    summary.rejects[code] += seen.count;
    const Reject& reject = seen.first->reject;
    const std::string column = reject.column.empty() ? "" : fmt::format(", column \"{}\"", reject.column);
    const std::string more = seen.count == 1 ? "" : fmt::format("; {} more of this kind in the batch", seen.count - 1);
    Log(log, place_of(plan, *seen.first))
        .warning(fmt::format("Refused [{}]: {}; {}{}{}", code, reject.message, where(plan, batch, *seen.first), column,
                             more));
  }
}

namespace {

void report_casts(const PlannedInput& input, const ColumnShape& column, const CastFailures& failures,
                  const LogSink& log) {
  Log(log, "inputs." + input.name)
      .warning(fmt::format("column \"{}\": {} {} could not be cast to {}, for example \"{}\"; is the column's type "
                           "right?",
                           column.name, failures.count, failures.count == 1 ? "value" : "values",
                           type_name(column.kind), failures.sample));
}

}  // namespace

// By column of the table: several inputs with a column of one name add up.
void account_casts(const Plan& plan, const Batch& batch, const LogSink& log, Summary& summary) {
  for (std::size_t input = 0; input < batch.failures.size(); ++input) {
    const PlannedInput& planned = plan.inputs[input];
    if (batch.failures[input].empty()) continue;
    // Failures are counted per extracted value; `order` leads there from the column of a table. Tables may share one.
    std::vector<bool> seen(planned.values(), false);
    planned.each_table([&](const TableShape& shape, const std::vector<std::size_t>& order) {
      for (std::size_t column = 0; column < order.size(); ++column) {
        const CastFailures& failures = batch.failures[input][order[column]];
        if (failures.count == 0 || seen[order[column]]) continue;
        seen[order[column]] = true;
        report_casts(planned, shape.columns[column], failures, log);
        summary.failed_casts[shape.columns[column].name] += failures.count;
      }
    });
  }
}

}  // namespace

// Names of column types, not of kinds: what the person who reads the warning has written.
std::string_view type_name(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "boolean";
    case Kind::integer:
      return "integer";
    case Kind::real:
      return "float";
    case Kind::decimal:
      return "decimal";
    case Kind::text:
      return "string";
    case Kind::json:
      return "json";
    case Kind::date:
      return "date";
    case Kind::datetime:
      return "datetime";
    case Kind::dynamic:
      break;
  }
  return "its type";
}

std::string origin_of(const Batch& batch, std::size_t input, const Reject& reject) {
  const auto move = batch.moves.find({input, reject.unit});
  if (move == batch.moves.end()) return {};
  const Unit& unit = move->second.unit;
  return fmt::format("; payload: {}, unit \"{}\", position {}", unit.source, unit.name, reject.position);
}

Result<> stop_at(const Plan& plan, const Batch& batch, const Refused& refused) {
  const Reject& reject = refused.reject;
  return fail_at("inputs." + plan.inputs[refused.input].name, Verdict::row, "BO412",
                 fmt::format("The run stops, as on_error of column \"{}\" says: {}; {}", reject.column, reject.message,
                             where(plan, batch, refused)));
}

void account(const Plan& plan, const Batch& batch, Delivery& delivery, const LogSink& log, Summary& summary) {
  if (!batch.empty()) ++summary.batches;
  summary.payloads += batch.payloads;
  summary.bytes += batch.bytes;
  summary.rows += batch.rows;
  summary.rows_dropped += batch.rows_dropped;
  summary.rows_refused += batch.rows_refused;
  for (std::size_t output = 0; output < plan.outputs.size(); ++output)
    // An output that got nothing is listed with 0, so that the closing summary names every output.
    summary.rows_written[plan.outputs[output].name] += delivery.rows_written()[output];
  account_rejects(plan, batch, batch.rejects, log, summary);
  account_rejects(plan, batch, delivery.take_rejects(), log, summary);
  account_casts(plan, batch, log, summary);
}

}  // namespace batchout
