// One paragraph per input and per writer, then what belongs together in a transaction.

#include "pipeline/explain.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "plan/delivery_level.h"

namespace batchout {
namespace {

// As people say the version whose configurations these are.
std::string_view name_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::v0_0_1:
      return "0.0.1";
    case Dialect::v0_3_0:
      return "0.3.0";
    case Dialect::v1:
      break;
  }
  return "1";
}

std::string origin_of(const PlannedInput& input, const OriginColumn& column) {
  if (column.source == OriginColumn::Source::resolved_path)
    return fmt::format("column {}: the path {} itself", column.name, column.path.written);
  if (column.source == OriginColumn::Source::metadata)
    return fmt::format("column {}: {} of the payload, beside the walk", column.name, column.path.written);
  return fmt::format("column {}: position in index {}", column.name, input.projection.levels[column.level].index);
}

// `steps.column` counts the extracted values, the name is that of the table's column behind them.
std::string steps_of(const PlannedInput& input, const ColumnSteps& steps) {
  std::string name;
  input.each_table([&](const TableShape& shape, const std::vector<std::size_t>& order) {
    const auto place = std::ranges::find(order, steps.column);
    if (place != order.end()) name = shape.columns[static_cast<std::size_t>(place - order.begin())].name;
  });
  return fmt::format("column {}: {} processor{}, then the cast", name, steps.processors.size(),
                     steps.processors.size() == 1 ? "" : "s");
}

void explain_parameters(const PlannedParameters& parameters, std::string& out) {
  out += fmt::format("  read once for each row of selector {}, ", parameters.query.selector);
  if (!parameters.same_round)
    out += "over the round before";
  else if (parameters.sources.empty())
    out += "which reads no input";
  else
    out += fmt::format("after {}, whose rows of the same round it reads", fmt::join(parameters.sources, ", "));
  if (parameters.threads > 1) out += fmt::format("; {} at a time", parameters.threads);
  out += '\n';
}

void explain_input(const PlannedInput& input, std::string& out) {
  out += fmt::format("input {}: {} column{}\n", input.name, input.shape->columns.size(),
                     input.shape->columns.size() == 1 ? "" : "s");
  for (const FurtherTable& table : input.further)
    out += fmt::format("  table {}: {} column{}, of the same walk\n", table.shape->name, table.shape->columns.size(),
                       table.shape->columns.size() == 1 ? "" : "s");
  if (input.parameters) explain_parameters(*input.parameters, out);
  if (input.extractor != nullptr)
    for (const std::string& line : input.extractor->explain(input.projection)) out += "  " + line + "\n";
  for (const OriginColumn& column : input.projection.origins) out += "  " + origin_of(input, column) + "\n";
  for (const ColumnSteps& steps : input.steps) out += "  " + steps_of(input, steps) + "\n";
}

std::vector<std::string_view> names_of(const TableShape& shape) {
  std::vector<std::string_view> names;
  for (const ColumnShape& column : shape.columns) names.push_back(column.name);
  return names;
}

std::vector<std::string_view> outputs_of(const Plan& plan, const std::vector<std::size_t>& outputs) {
  std::vector<std::string_view> names;
  for (const std::size_t output : outputs) names.push_back(plan.outputs[output].name);
  return names;
}

void explain_writer(const Plan& plan, const PlannedWriter& writer, std::string& out) {
  out += fmt::format("writer {}: into {}\n", writer.name, fmt::join(outputs_of(plan, writer.outputs), ", "));
  if (writer.query) {
    out += fmt::format("  {} of selector {}: by SQL, over all rows of a round\n",
                       fmt::join(names_of(*writer.query->shape), ", "), writer.query->selector);
    return;
  }
  for (const PlannedSelection& selection : writer.selections)
    out += fmt::format("  {} of input {}: columns are picked, without SQL\n",
                       fmt::join(names_of(*selection.shape), ", "), plan.inputs[selection.input].name);
}

// Says nothing of the transaction of a store with one output: it is its own. Rows that come again after a fault meet
// their keys where there are some, and are there twice elsewhere.
void explain_store(const Plan& plan, std::size_t store, const std::vector<std::string>& obstacles, std::string& out) {
  std::vector<std::size_t> outputs;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i)
    if (plan.outputs[i].store == store) outputs.push_back(i);
  if (outputs.empty()) {
    out += "dead letters: at least once into a place of their own\n";
    return;
  }
  const std::string names = fmt::format("{}", fmt::join(outputs_of(plan, outputs), ", "));
  if (outputs.size() > 1) out += fmt::format("one transaction: {}\n", names);
  if (obstacles.empty())
    out += fmt::format("delivery: exactly once into {}, which keeps the positions\n", names);
  else
    out += fmt::format("delivery: at least once into {}\n", names);
}

}  // namespace

// Extractors write their lines themselves, since only they know which way a path takes.
std::string explained(const Plan& plan) {
  std::string out = fmt::format("pipeline {}: dialect {}\n", plan.name, name_of(plan.dialect));
  for (const std::string& sentence : plan.inferred) out += fmt::format("inferred: {}\n", sentence);
  for (const PlannedInput& input : plan.inputs) explain_input(input, out);
  for (const PlannedWriter& writer : plan.writers) explain_writer(plan, writer, out);
  const std::vector<std::string> obstacles = obstacles_to_exactly_once(plan);
  for (std::size_t store = 0; store < plan.stores.size(); ++store) explain_store(plan, store, obstacles, out);
  if (plan.delivery != DeliveryLevel::at_least_once)
    for (const std::string& obstacle : obstacles) out += fmt::format("  not exactly once: {}\n", obstacle);
  out += fmt::format("a batch: at most {} payloads, {} MiB, {} rows, {} s\n", plan.batch.payloads,
                     plan.batch.bytes >> 20, plan.batch.rows, std::chrono::duration<double>(plan.batch.age).count());
  return out;
}

}  // namespace batchout
