// Levels are told by their indexes, since two plans may number them differently.

#include "plan/row_signature.h"

#include <algorithm>

#include <fmt/format.h>

namespace batchout {
namespace {

/// Others have parser and zone, too, and do not use them.
bool is_time(Kind kind) {
  return kind == Kind::datetime || kind == Kind::date;
}

class TableSignature {
 public:
  TableSignature(const PlannedInput& input, std::size_t table)
      : input_(input),
        projection_(table == 0 ? input.projection : input.further[table - 1].projection),
        shape_(table == 0 ? *input.shape : *input.further[table - 1].shape),
        order_(table == 0 ? input.order : input.further[table - 1].order) {}

  std::string rows() const { return node(projection_.rows.root); }

  std::string column(std::size_t number) const {
    const ColumnShape& column = shape_.columns[number];
    return fmt::format("{}{} seen {}", value(order_[number]), column.counts ? "" : " uncounted",
                       selection(column.level));
  }

 private:
  std::string level(LevelId id) const { return id == kPayloadLevel ? "payload" : projection_.levels[id].index; }

  std::string path(const Template& path) const {
    std::string out;
    for (const auto& piece : path.pieces) {
      if (const auto* slot = std::get_if<Template::Slot>(&piece))
        out += fmt::format("<{}:{}>", level(slot->level), slot->format);
      else
        out += std::get<std::string>(piece);
    }
    return out;
  }

  // Groups that multiply in parentheses, branches of one apart by bars.
  std::string node(const RowShape::Node& node) const {
    std::string out = level(node.level);
    if (node.level != kPayloadLevel) {
      const ProjectionLevel& at = projection_.levels[node.level];
      out += fmt::format("[{} {} {} {} in {}{}]", static_cast<int>(at.kind), path(at.path),
                         static_cast<int>(at.strategy), at.counts_objects && at.kind != IndexKind::for_object,
                         level(at.parent), node.outer ? " outer" : "");
    }
    for (const auto& group : node.groups) {
      out += '(';
      for (const RowShape::Node& branch : group) out += (out.back() == '(' ? "" : "|") + this->node(branch);
      out += ')';
    }
    return out;
  }

  static std::string cast(const Cast& cast) {
    const std::string out = fmt::format("{} {} {} {}", static_cast<int>(cast.kind), static_cast<int>(cast.on_error),
                                        static_cast<int>(cast.nul), cast.truthy);
    if (!is_time(cast.kind)) return out;
    return fmt::format("{} {} {} {}", out, static_cast<int>(cast.parser), cast.format, fmt::ptr(cast.zone));
  }

  std::string value(std::size_t value) const {
    const std::size_t extracted = projection_.columns.size();
    if (value >= extracted) {
      const OriginColumn& origin = projection_.origins[value - extracted];
      return fmt::format("{} {} {} {}", static_cast<int>(origin.source), path(origin.path), level(origin.level),
                         cast(origin.cast));
    }
    const ProjectionColumn& column = projection_.columns[value];
    std::string out = fmt::format("{} {} {} {}", path(column.path), static_cast<int>(column.strategy),
                                  level(column.level), cast(column.cast));
    for (const ColumnSteps& steps : input_.steps)
      if (steps.column == value) out += fmt::format(" {} steps {}", steps.processors.size(), cast(steps.cast));
    return out;
  }

  std::string selection(LevelId id) const {
    if (id < projection_.levels.size()) return level(id);
    const Restriction& restriction = projection_.restrictions[id - projection_.levels.size()];
    std::string out = level(restriction.level);
    for (const LevelId within : restriction.within) out += "/" + level(within);
    return out;
  }

  const PlannedInput& input_;
  const Projection& projection_;
  const TableShape& shape_;
  const std::vector<std::size_t>& order_;
};

std::string selection_signature(const Plan& plan, const PlannedSelection& selection) {
  std::string out;
  if (selection.input == PlannedSelection::kComputed) {
    for (const ColumnShape& column : selection.shape->columns)
      out += fmt::format(" {} {}\n", column.name, static_cast<int>(column.kind));
    return "query\n" + out;
  }
  const PlannedInput& input = plan.inputs[selection.input];
  const TableSignature table(input, selection.table);
  for (std::size_t i = 0; i < selection.columns.size(); ++i) {
    const ColumnShape& column = selection.shape->columns[i];
    out += fmt::format(" {} {} {}: {}\n", column.name, static_cast<int>(column.kind),
                       fmt::ptr(is_time(column.kind) ? column.zone : nullptr),
                       selection.columns[i] == Block::kAbsent ? "absent" : table.column(selection.columns[i]));
  }
  return fmt::format("{} {}{}\n{}", input.name, table.rows(), input.extractor == nullptr ? " unread" : "", out);
}

}  // namespace

std::string row_signature(const Plan& plan) {
  std::string out = fmt::format("empty rows {}\n", plan.drop_empty_rows ? "dropped" : "kept");
  for (const PlannedInput& input : plan.inputs)
    out += fmt::format("{} {}\n", input.name, input.parameters ? "with parameters" : "once");
  for (std::size_t output = 0; output < plan.outputs.size(); ++output) {
    out += plan.outputs[output].name + ":\n";
    for (const PlannedWriter& writer : plan.writers)
      if (std::ranges::find(writer.outputs, output) != writer.outputs.end())
        for (const PlannedSelection& selection : writer.selections) out += selection_signature(plan, selection);
  }
  for (const PlannedTable& table : plan.tables)
    for (const PlannedSelection& source : table.sources)
      out += fmt::format("table {}: {}", table.name, selection_signature(plan, source));
  return out;
}

}  // namespace batchout
