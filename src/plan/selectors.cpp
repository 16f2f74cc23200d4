// Tables are named like inputs and have all declared columns, as in the original, whichever of them a map fills.

#include "plan/selectors.h"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "config/wording.h"

namespace batchout {
namespace {

std::string path_of(const Named<DeclaredSelector>& selector, std::string_view key) {
  return join_path(join_path("selectors", selector.name), key);
}

/// The place of a byte of the query. Right for texts that stand in one line, and for blocks of lines, whose first line
/// is where the mark is.
Node::Mark mark_at(Node::Mark mark, std::string_view query, std::optional<std::size_t> offset) {
  if (!offset || mark.line == 0) return mark;
  const std::string_view before = query.substr(0, *offset);
  const std::size_t line = before.rfind('\n') + 1;  // npos + 1 is 0.
  return {mark.line + static_cast<int>(std::ranges::count(before, '\n')),
          mark.column + static_cast<int>(before.size() - line)};
}

bool is_plain_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && static_cast<unsigned char>(c) < 0x80)
      return false;
  return true;
}

/// Finds names as SQL would, and maybe where they are none. A quote in a name is written in several ways.
bool may_name(std::string_view query, std::string_view name) {
  if (name.find_first_of("\"`[]'") != std::string_view::npos) return true;
  for (std::size_t at = 0; at + name.size() <= query.size(); ++at)
    if (equal_names(query.substr(at, name.size()), name)) return true;
  return false;
}

/// Two names that differ in capitals only are one to SQL.
std::optional<std::string> twin(const std::vector<std::string>& names) {
  std::set<std::string> known;
  for (const std::string& name : names) {
    std::string small = name;
    for (char& c : small)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!known.insert(std::move(small)).second) return name;
  }
  return std::nullopt;
}

/// The component that SQL finds by that name, or null.
template <class T>
const Named<T>* named(const Components<T>& components, std::string_view name) {
  const auto found = std::ranges::find_if(components, [&](const auto& one) { return equal_names(one.name, name); });
  return found == components.end() ? nullptr : &*found;
}

}  // namespace

void SelectorCompiler::problem(Problem::Severity severity, std::string_view code, Node::Mark mark, std::string path,
                               std::string message, std::string hint) {
  problems_.push_back({severity, std::string(code), file_, mark.line, mark.column, std::move(path), std::move(message),
                       std::move(hint)});
}

void SelectorCompiler::error(std::string_view code, Node::Mark mark, std::string path, std::string message,
                             std::string hint) {
  problem(Problem::Severity::error, code, mark, std::move(path), std::move(message), std::move(hint));
}

bool SelectorCompiler::broken(std::string_view section, const std::string& name) const {
  return declarations_.broken.contains(join_path(section, name));
}

/// Whether a star or a list of names would be incomplete without the fault of the one who wrote it.
bool SelectorCompiler::any_broken(std::string_view section) const {
  return std::ranges::any_of(declarations_.broken, [prefix = fmt::format("{}.", section)](const std::string& path) {
    return path.starts_with(prefix);
  });
}

SelectedRows SelectorCompiler::select(const Named<DeclaredSelector>& selector) {
  SelectedRows rows = compile(selector);
  if (rows.query) plan_.tables = tables();
  warn_of_unread(selector);
  return rows;
}

std::optional<PlannedQuery> SelectorCompiler::query(const Named<DeclaredSelector>& selector) {
  if (selector.value.table) {
    error("BO310", selector.mark, join_path("selectors", selector.name),
          "a reader takes its parameters from a query, not from a list of columns",
          fmt::format("write query: select {} from {}", fmt::join(selector.value.columns, ", "),
                      selector.value.table->input));
    return std::nullopt;
  }
  check_names(selector);
  auto query = compile_query(selector);
  if (query) plan_.tables = tables();
  warn_of_unread(selector);
  return query;
}

/// Inputs that no reader names have tables, but no rows.
void SelectorCompiler::warn_of_unread(const Named<DeclaredSelector>& selector) {
  const auto is_read = [&](const std::string& input) {
    return std::ranges::find(plan_.inputs, input, &PlannedInput::name) != plan_.inputs.end();
  };
  if (any_broken("tasks") || std::ranges::all_of(names_of(declarations_.inputs), is_read)) return;
  for (const std::string& input : inputs_of(selector))
    if (!is_read(input))
      problem(Problem::Severity::warning, "BO246", selector.mark, join_path("selectors", selector.name),
              fmt::format("no reader reads input {}, so there are no rows of it", in_quotes(input)),
              "name the input in a reader");
}

/// Those whose rows it wants; none if it has a mistake.
std::vector<std::string> SelectorCompiler::inputs_of(const Named<DeclaredSelector>& selector) {
  std::vector<std::string> names = names_of(declarations_.inputs);
  if (const auto& table = selector.value.table) {
    std::erase_if(names, [&](const std::string& name) { return name != table->input; });
    return names;
  }
  const auto projection = parse_projection_query(selector.value.query);
  if (!projection) return tables_read(selector);
  std::erase_if(names, [&](const std::string& name) { return !equal_names(name, projection->table); });
  return names;
}

void SelectorCompiler::check(const Named<DeclaredSelector>& selector) {
  compile(selector);
}

SelectedRows SelectorCompiler::compile(const Named<DeclaredSelector>& selector) {
  check_names(selector);
  if (selector.value.table) return {pick(selector), std::nullopt};
  const auto projection = parse_projection_query(selector.value.query);
  if (projection) return {project(selector, *projection), std::nullopt};
  auto query = compile_query(selector);
  if (!query) return {};
  return {{{PlannedSelection::kComputed, {}, query->shape}}, std::move(query)};
}

/// Of two columns with one name every target would keep only one, or refuse both.
void SelectorCompiler::check_names(const Named<DeclaredSelector>& selector) {
  check_names(selector, selector.value.columns);
}

void SelectorCompiler::check_names(const Named<DeclaredSelector>& selector, const Columns& columns) {
  std::set<std::string> names;
  for (const std::string& name : columns)
    if (!names.insert(name).second)
      error("BO244", selector.value.columns_mark, path_of(selector, "columns"),
            fmt::format("two columns of the result are named {}", in_quotes(name)), "give each a name of its own");
}

/// Those of the selector, else those of the query, which must have a name for each: what SQLite calls an expression may
/// change with its versions.
std::optional<SelectorCompiler::Columns> SelectorCompiler::names_of_result(const Named<DeclaredSelector>& selector,
                                                                           Columns given) {
  if (!selector.value.columns.empty()) {
    if (!check_count(selector, given.size())) return std::nullopt;
    return selector.value.columns;
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (is_plain_name(given[i]) || position_of(declarations_.columns, given[i])) continue;
    error("BO312", selector.mark, path_of(selector, "query"), fmt::format("column {} of the query has no name", i + 1),
          "write `as NAME` behind it, or the names as columns: […]");
    return std::nullopt;
  }
  check_names(selector, given);
  return given;
}

/// The original cut surplus values off and left missing ones out; the first is harmless, the second is not.
bool SelectorCompiler::check_count(const Named<DeclaredSelector>& selector, std::size_t given) {
  const std::size_t named = selector.value.columns.size();
  if (given < named)
    error("BO312", selector.value.columns_mark, path_of(selector, "columns"),
          fmt::format("the selector names {} columns, the query has {}", named, given),
          "name each column of the query once");
  if (given > named)
    problem(Problem::Severity::warning, "BO313", selector.value.columns_mark, path_of(selector, "columns"),
            fmt::format("the selector names {} columns, the query has {}; the last ones are cut off", named, given));
  return given >= named;
}

// ---- lists of columns

/// From the table that the list has among those of its input, else from the input's own.
std::vector<PlannedSelection> SelectorCompiler::pick(const Named<DeclaredSelector>& selector) {
  const DeclaredTable& table = *selector.value.table;
  if (!position_of(declarations_.inputs, table.input)) {
    error("BO230", table.mark, path_of(selector, "input"), fmt::format("there is no input {}", in_quotes(table.input)),
          suggestion(problems_, table.input, [&] { return names_of(declarations_.inputs); }, "known are"));
    return {};
  }
  Columns columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& [name, mark] = table.columns[i];
    if (position_of(declarations_.columns, name))
      columns.push_back(name);
    else if (!broken("columns", name))
      error("BO230", mark, join_path(path_of(selector, "columns"), i),
            fmt::format("there is no column {}", in_quotes(name)),
            suggestion(problems_, name, [&] { return names_of(declarations_.columns); }, "known are"));
  }
  if (columns.size() < table.columns.size()) return {};
  const auto tables = tables_of(declarations_, table.input);
  const auto own = std::ranges::find(tables, &selector);
  const auto number = own == tables.end() ? 0 : static_cast<std::size_t>(own - tables.begin());
  return selections_of(table.input, number, selector.name, columns, selector.value.columns);
}

// ---- plain projections

std::vector<PlannedSelection> SelectorCompiler::project(const Named<DeclaredSelector>& selector,
                                                        const ProjectionQuery& query) {
  const auto* input = named(declarations_.inputs, query.table);
  if (input == nullptr) {
    error("BO311", selector.mark, path_of(selector, "query"),
          fmt::format("there is no input {} to select from", in_quotes(query.table)),
          suggestion(problems_, query.table, [&] { return names_of(declarations_.inputs); }, "known are"));
    return {};
  }
  Columns given;
  auto columns = result_columns(selector, query, given);
  const auto names = columns ? names_of_result(selector, std::move(given)) : std::nullopt;
  if (!names) return {};
  columns->resize(names->size());
  return selections_of(input->name, 0, selector.name, *columns, *names);
}

/// The columns picked; `names` are those that the query gives them.
std::optional<SelectorCompiler::Columns> SelectorCompiler::result_columns(const Named<DeclaredSelector>& selector,
                                                                          const ProjectionQuery& query,
                                                                          Columns& names) {
  Columns picked;
  bool good = true;
  for (const ProjectionQuery::Item& item : query.items) {
    const auto* column = item.star ? nullptr : named(declarations_.columns, item.column);
    if (item.star) {
      good = good && !any_broken("columns");  // What the star stands for is not known then.
      for (const auto& declared : declarations_.columns) picked.push_back(declared.name);
      for (const auto& declared : declarations_.columns) names.push_back(declared.name);
    } else if (column != nullptr) {
      picked.push_back(column->name);
      names.push_back(item.name);
    } else {
      good = false;
      if (!broken("columns", item.column))
        error("BO311", selector.mark, path_of(selector, "query"),
              fmt::format("there is no column {} to select", in_quotes(item.column)),
              suggestion(problems_, item.column, [&] { return names_of(declarations_.columns); }, "known are"));
    }
  }
  return good ? std::optional(picked) : std::nullopt;
}

/// One selection per planned input of that name: an input that is read twice fills its table twice. Columns keep level
/// and zone of the input's shape; only their names are the selector's. None if no reader reads the input.
std::vector<PlannedSelection> SelectorCompiler::selections_of(const std::string& input, std::size_t number,
                                                              const std::string& table, const Columns& columns,
                                                              const Columns& names) const {
  std::vector<PlannedSelection> selections;
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
    if (plan_.inputs[i].name != input) continue;
    const TableShape& from = number == 0 ? *plan_.inputs[i].shape : *plan_.inputs[i].further[number - 1].shape;
    auto shape = std::make_shared<TableShape>(TableShape{table, {}, from.levels});
    PlannedSelection selection{i, {}, nullptr, number};
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto found = std::ranges::find(from.columns, columns[c], &ColumnShape::name);
      const bool mapped = found != from.columns.end();
      selection.columns.push_back(mapped ? static_cast<std::size_t>(found - from.columns.begin()) : Block::kAbsent);
      shape->columns.push_back(mapped ? *found : unmapped(columns[c]));
      shape->columns.back().name = names[c];
      // Nothing fills it, so it keeps no row alive, whatever it would hold.
      if (!mapped) shape->columns.back().counts = true;
    }
    selection.shape = std::move(shape);
    selections.push_back(std::move(selection));
  }
  return selections;
}

/// A column that the map of the input does not fill is null in every row, of the type that it is declared with.
ColumnShape SelectorCompiler::unmapped(const std::string& name) const {
  const DeclaredColumn& column = declarations_.columns[*position_of(declarations_.columns, name)].value;
  const auto extractor = position_of(declarations_.extractors, column.extractor);
  const bool metadata = extractor && declarations_.extractors[*extractor].value.extractor->metadata(
                                         Template{column.path.text, {column.path.text}});
  return {name, column.cast.kind, column.cast.zone, kPayloadLevel, !column.origin && !metadata};
}

// ---- queries

/// Of what the query gives, only the names are replaced.
std::optional<PlannedQuery> SelectorCompiler::compile_query(const Named<DeclaredSelector>& selector) {
  if (!queries_) {
    error("BO310", selector.mark, path_of(selector, "query"),
          "only queries of the form `select a, b from input` can be run by this build, which is without SQLite",
          "select plain columns of one input");
    return std::nullopt;
  }
  if (declarations_.columns.empty()) {
    if (!any_broken("columns"))
      error("BO311", selector.mark, path_of(selector, "query"),
            "no columns are declared, so there are no tables to select from", "add a section columns");
    return std::nullopt;
  }
  if (!check_tables(selector)) return std::nullopt;
  const auto compiled = queries_(selector.value.query, known_tables());
  if (!compiled) {
    report(selector, compiled.error());
    return std::nullopt;
  }
  Columns given;
  for (const ColumnShape& column : compiled->columns) given.push_back(column.name);
  const auto names = names_of_result(selector, std::move(given));
  if (!names) return std::nullopt;
  auto shape = std::make_shared<TableShape>(TableShape{selector.name, compiled->columns, 2});
  shape->columns.resize(names->size());
  for (std::size_t i = 0; i < shape->columns.size(); ++i) shape->columns[i].name = (*names)[i];
  return PlannedQuery{selector.name, shape, [make = compiled->make, shape] { return make(shape, QueryLimits{}); }};
}

std::vector<std::string> SelectorCompiler::tables_read(const Named<DeclaredSelector>& selector) {
  std::vector<std::string> names;
  const std::vector<QueryTable>& known = known_tables();
  if (!queries_ || selector.value.table || !queries_(selector.value.query, known)) return names;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!may_name(selector.value.query, known[i].name)) continue;
    std::vector<QueryTable> others = known;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    if (!queries_(selector.value.query, others)) names.push_back(known[i].name);
  }
  return names;
}

/// As queries see them, whoever fills them.
const std::vector<QueryTable>& SelectorCompiler::known_tables() {
  if (!known_tables_.empty()) return known_tables_;
  const Columns columns = names_of(declarations_.columns);
  for (const auto& input : declarations_.inputs) {
    auto shape = std::make_shared<TableShape>(TableShape{input.name, {}, 1});
    for (const std::string& column : columns) shape->columns.push_back(unmapped(column));
    known_tables_.push_back({input.name, std::move(shape)});
  }
  return known_tables_;
}

const std::vector<PlannedTable>& SelectorCompiler::tables() {
  if (!tables_.empty()) return tables_;
  const Columns columns = names_of(declarations_.columns);
  for (const QueryTable& table : known_tables())
    tables_.push_back({table.name, table.shape, selections_of(table.name, 0, table.name, columns, columns)});
  return tables_;
}

/// Names that SQL cannot tell apart. They are looked for once, and reported with each query.
bool SelectorCompiler::check_tables(const Named<DeclaredSelector>& selector) {
  if (!twins_) {
    twins_.emplace();
    if (const auto same = twin(names_of(declarations_.inputs))) *twins_ = {"inputs", *same};
    if (const auto same = twin(names_of(declarations_.columns)); same && twins_->first.empty())
      *twins_ = {"columns", *same};
  }
  const auto& [section, name] = *twins_;
  if (section.empty()) return true;
  error("BO314", selector.mark, path_of(selector, "query"),
        fmt::format("SQL does not tell capitals from small letters in names, and two {} are named {}", section,
                    in_quotes(name)),
        "rename one of them");
  return false;
}

// What is missing because its declaration has a mistake is not reported once more.
void SelectorCompiler::report(const Named<DeclaredSelector>& selector, const QueryProblem& found) {
  const Node::Mark mark = mark_at(selector.mark, selector.value.query, found.offset);
  const std::string path = path_of(selector, "query");
  if (found.kind == QueryProblem::Kind::statement) {
    error("BO310", mark, path, found.message, "write one SELECT, as SQLite reads it");
    return;
  }
  const bool table = found.kind == QueryProblem::Kind::table;
  const std::string name = found.name.substr(found.name.rfind('.') + 1);
  if (broken(table ? "inputs" : "columns", name)) return;
  const auto known = [&] { return table ? names_of(declarations_.inputs) : names_of(declarations_.columns); };
  error("BO311", mark, path,
        table ? fmt::format("there is no input {} to select from", in_quotes(name))
              : fmt::format("there is no column {} to select", in_quotes(found.name)),
        suggestion(problems_, name, known, "known are"));
}

}  // namespace batchout
