// What the sections of a configuration declare, decoded but not yet put together: the closed roles (indexes, columns,
// selectors, tasks) as plain structs, and the open ones (inputs, extractors, outputs) as configured component types.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "batchout/node.h"
#include "config/environment.h"
#include "data/cast.h"
#include "data/projection.h"
#include "plan/parameters.h"
#include "plan/path_template.h"
#include "registry/registry.h"

namespace batchout {

/// A component by its name, with the place where it is declared.
template <class T>
struct Named {
  std::string name;
  Node::Mark mark;
  T value;
};

/// Components of a section in the order of the file, which are found by name. Names are not changed once they are in.
template <class T>
class Components {
 public:
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  std::size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  const Named<T>& operator[](std::size_t number) const { return list_[number]; }
  const Named<T>& front() const { return list_.front(); }

  void push_back(Named<T> component) {
    numbers_.emplace(component.name, list_.size());
    list_.push_back(std::move(component));
  }

  /// Of the first one of that name, or none.
  std::optional<std::size_t> find(std::string_view name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<Named<T>> list_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

/// A path with its place, for problems.
struct DeclaredPath {
  std::string text;
  Node::Mark mark;
  /// Key path, for example "columns.user_id.path".
  std::string key;
};

struct DeclaredIndex {
  IndexKind kind = IndexKind::for_list;
  std::string extractor;
  DeclaredPath path;
  /// In the 0.0.1 dialect indexes and columns say it themselves.
  std::optional<Strategy> strategy;
  /// Without elements, the rows around it stay, without values.
  bool outer = false;
  /// An object counts as a list: of as many positions as it has members, or of its keys.
  bool counts_members = false;
};

struct DeclaredColumn {
  /// Of columns that no extractor fills.
  std::optional<OriginColumn::Source> origin;
  /// Of the others.
  std::string extractor;
  /// Of a position: the name of its index.
  DeclaredPath path;
  std::optional<Strategy> strategy;
  Cast cast;
  std::vector<Make<Processor>> processors;
};

/// A selector that lists columns of an input in place of a query.
struct DeclaredTable {
  struct Column {
    std::string name;
    Node::Mark mark;
  };
  /// As many as the selector has names.
  std::vector<Column> columns;
  std::string input;
  Node::Mark mark;
  /// Its own, by the name of the selector; else that of the input counts or, without one, what the paths imply.
  std::optional<Node> map;
};

/// `columns` names the result by position; at least one, none of them empty, unless the query itself names them.
struct DeclaredSelector {
  std::vector<std::string> columns;
  Node::Mark columns_mark;
  std::string query;
  /// In place of a query.
  std::optional<DeclaredTable> table;
};

/// Names are not looked up yet. Writers always have a selector.
struct DeclaredTask {
  /// A reader, else a writer.
  bool reads = true;
  /// Inputs of a reader, outputs of a writer.
  std::vector<std::string> components;
  /// Of a reader: the selector whose rows are its parameters, if it has one.
  std::optional<std::string> selector;
  /// Of a reader: as PlannedParameters::threads.
  std::size_t threads = 1;
};

/// An input with parameters other than those in the configuration.
struct ParameterisedInput {
  /// See PlannedParameters.
  std::function<Result<std::optional<Make<Input>>>(const ParameterRow&)> make;
  /// What is wrong with the settings if rows give values of these names.
  std::function<Problems(const std::vector<std::string>&)> check;
};

/// A column that an output's settings name, with its place.
struct PlacedColumn {
  NamedColumn named;
  Node::Mark mark;
  /// Key path, for example "outputs.warehouse.rules".
  std::string path;
};

/// In the order of the file, which is the order of tables, writers and rows.
struct Declarations {
  Dialect dialect = Dialect::v0_3_0;
  Components<Make<Input>> inputs;
  /// By input.
  std::vector<ParameterisedInput> parameterised_inputs;
  Components<ExtractorMake> extractors;
  /// Type name of each extractor.
  std::vector<std::string> extractor_types;
  Components<DeclaredIndex> indexes;
  Components<DeclaredColumn> columns;
  Components<DeclaredSelector> selectors;
  Components<OutputMake> outputs;
  /// By output.
  std::vector<std::vector<PlacedColumn>> output_columns;
  Components<DeclaredTask> tasks;
  /// As written; map_compiler.h reads them. Null without the section.
  Node maps;
  /// All that are declared, wrong ones too.
  std::vector<std::string> index_names;
  /// Components that are declared but wrong, as "section.name": reported already, so nobody misses them once more.
  std::set<std::string> broken;

  /// A path taken apart by the rules of the dialect.
  std::expected<NamedPieces, TemplateProblem> parse(std::string_view path) const {
    return dialect == Dialect::v1 ? parse_braces(path, index_names) : parse_template(path);
  }
  /// The map of that name, or null.
  const Node* map_of(std::string_view name) const { return maps.is_mapping() ? maps.find(name) : nullptr; }
};

/// The description of all kinds of indexes.
SpecInfo index_type();

/// The tables that are made of the payloads of an input, in the order of PlannedSelection::table: null stands for its
/// own, to which its map belongs; the others are selectors that list columns.
std::vector<const Named<DeclaredSelector>*> tables_of(const Declarations& declarations, std::string_view input);

/// Number of the component of that name, or none.
template <class T>
std::optional<std::size_t> position_of(const Components<T>& components, std::string_view name) {
  return components.find(name);
}

/// For suggestions. Broken components are not among them, except inputs.
template <class T>
std::vector<std::string> names_of(const Components<T>& components) {
  std::vector<std::string> names;
  for (const auto& component : components) names.push_back(component.name);
  return names;
}

/// Descriptions of the types of indexes, selectors and tasks, which no registry has.
std::vector<SpecInfo> closed_types();

/// Reads all sections. Components with problems are left out, except that inputs stay with an empty `Make`, so that
/// their maps can be checked; whether there were errors is in `problems`.
Declarations read_declarations(const Node& config, const Registry& registry, const std::string& file,
                               const Environment& environment, Problems& problems);

}  // namespace batchout
