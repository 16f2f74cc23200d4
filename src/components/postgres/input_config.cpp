// Parameters are declared in `params`; what a selector gives takes the place of their values there.

#include "components/postgres/input_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "components/postgres/identifier.h"
#include "data/row_input.h"

namespace batchout::postgres {

void InputConfig::describe(Spec<InputConfig>& s) {
  s.named("input", "postgres", "Runs a query; each row is one payload, a JSON object.");
  describe_access(s);
  s.field("sql", &InputConfig::sql, "A SELECT; {name} stands for the value of a parameter.")
      .required()
      .field("params", &InputConfig::params, "Parameters of the query with their values.")
      .field("limit", &InputConfig::limit, "Most rows of one round; without it 1,000 in the older dialects.")
      .range(0, 9e15)
      .field("cursor", &InputConfig::cursor,
             "Columns of the result that only grow: each round reads the rows behind those read before.")
      .field("resume", &InputConfig::resume, kResume)
      .field("timeout_sec", &InputConfig::timeout_sec, "How long the server may take for one step of the query.")
      .range(0.001, 86'400)
      .check(
          "sql", [](const InputConfig& c) { return !without_end(c.sql).empty(); }, "is empty; write a SELECT")
      .check(
          "sql", [](const InputConfig& c) { return !c.sql.contains('\0'); }, "contains a NUL character")
      .check(
          "sql", [](const InputConfig& c) { return c.names_have_values(); },
          "has a name in braces that params does not give a value, or that stands in a quoted name or a text in "
          "dollars; double the braces where they are meant")
      .check(
          "cursor", [](const InputConfig& c) { return std::ranges::all_of(c.cursor, valid_identifier); },
          "a name has 1 to 63 bytes and no NUL");
}

std::optional<std::size_t> InputConfig::rows_max(Dialect dialect) const {
  if (limit) return static_cast<std::size_t>(*limit);
  return dialect == Dialect::v1 ? std::nullopt : std::optional<std::size_t>(1000);
}

std::expected<BoundSql, std::string> InputConfig::bound() const {
  static const std::string none;
  return bind_names(without_end(sql), SqlSyntax::postgres, [this](std::string_view name) -> const std::string* {
    const auto value = params.find(std::string(name));
    if (value == params.end()) return nullptr;
    return value->second ? &*value->second : &none;
  });
}

bool InputConfig::names_have_values() const {
  return bound().has_value();
}

bool InputConfig::lacks_value() const {
  return std::ranges::any_of(params, [](const auto& param) { return !param.second; });
}

// Nulls come neither before nor behind any value, so rows with one are in no order.
BoundSql InputConfig::behind(const BoundSql& query, const std::vector<std::string>& values) const {
  if (cursor.empty()) return query;
  std::string columns, known, placeholders;
  BoundSql bound = query;
  for (const std::string& column : cursor) {
    columns += (columns.empty() ? "" : ", ") + quoted(column);
    known += fmt::format(" AND {} IS NOT NULL", quoted(column));
  }
  for (const std::string& value : values) {
    bound.values.push_back(value);
    placeholders += fmt::format("{}${}", placeholders.empty() ? "" : ", ", bound.values.size());
  }
  const std::string condition = values.empty() ? "true" : fmt::format("({}) > ({})", columns, placeholders);
  bound.text = fmt::format("SELECT * FROM ({}\n) AS batchout_query WHERE {}{} ORDER BY {}", query.text, condition,
                           known, columns);
  return bound;
}

}  // namespace batchout::postgres
