// A map is walked once. Every index becomes a level where the map names it; every column hangs at the deepest level
// whose index its path mentions, wherever the map lists it. Mappings in one item are branches, items multiply. Several
// tables of one input have a map each; they share levels and columns, so that one walk over a payload fills all.

#include "plan/map_compiler.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/wording.h"
#include "data/keyless.h"
#include "data/mixed.h"
#include "plan/inferred_map.h"
#include "plan/path_template.h"

namespace batchout {
namespace {

// One walk of one map. Problems do not stop it: what is wrong is left out, and all of it is reported. References are
// borrowed; `input` is filled on the way, its shape last.
class MapCompiler {
 public:
  MapCompiler(const Declarations& declarations, const std::string& file, PlannedInput& input, Problems& problems)
      : declarations_(declarations), file_(file), input_(input), projection_(input.projection), problems_(problems) {
    projection_.levels.resize(1);
    readers_.levels.resize(1);
  }

  /// False if a problem was reported. Without a map for the input there are neither levels nor columns, unless the
  /// dialect infers it; `inferred` is told of it then.
  bool compile(Node::Mark mark, std::vector<std::string>& inferred) {
    const auto tables = tables_of(declarations_, input_.name);
    several_ = tables.size() > 1;
    for (const auto* selector : tables) {
      tables_.emplace_back().name = selector != nullptr ? selector->name : input_.name;
      walk(selector, mark, inferred);
    }
    finish();
    return good_;
  }

  /// From now on paths are checked as if all indexes enclosed them, for those that no map lists; leaves levels and
  /// extractor of the input in no usable state.
  void enclose_by_all() {
    tables_.emplace_back();
    for (const auto& index : declarations_.indexes) {
      everywhere_.levels.push_back(static_cast<LevelId>(projection_.levels.size()));
      projection_.levels.emplace_back().index = index.name;
    }
  }

  void check_anywhere(const DeclaredPath& path, const std::string& extractor,
                      std::optional<OriginColumn::Source> origin) {
    place_of(path, everywhere_, origin ? nullptr : extractor_of(extractor).get(), origin);
  }

 private:
  /// The levels that enclose a place in the map, outermost first.
  struct Scope {
    std::vector<LevelId> levels;
    /// Innermost level that has alternatives beside it.
    LevelId branch = kPayloadLevel;
  };

  /// A column at its place.
  struct MappedColumn {
    Template path;
    LevelId level = kPayloadLevel;
    /// Levels below which the map lists it.
    std::vector<LevelId> within;
    /// Of columns that no extractor fills.
    std::optional<OriginColumn::Source> origin;
    /// Of metadata.
    std::optional<MetaName> meta;
    /// Of other columns: the part of the map that fills them.
    std::size_t part = 0;
  };

  /// One table of the input.
  struct Table {
    std::string name;
    RowShape rows;
    /// By number of the declared column, which is the order of the table.
    std::map<std::size_t, MappedColumn> columns;
    std::vector<Restriction> restrictions;
    /// In use: an index at two places of one map makes two levels.
    std::vector<LevelId> levels;
  };

  Table& table() { return tables_.back(); }

  /// Of a table that lists columns, else of the input itself.
  void walk(const Named<DeclaredSelector>* selector, Node::Mark mark, std::vector<std::string>& inferred) {
    const Node* map = selector == nullptr          ? declarations_.map_of(input_.name)
                      : selector->value.table->map ? &*selector->value.table->map
                                                   : nullptr;
    if (declarations_.dialect == Dialect::v0_0_1) return multiply_all();
    const std::string path = join_path("maps", table().name);
    if (map != nullptr) return items(*map, path, table().rows.root, {});
    if (declarations_.dialect != Dialect::v1) return;
    const auto implied = inferred_map(declarations_, file_, columns_of(selector), table().name,
                                      selector != nullptr ? selector->value.columns_mark : mark, problems_);
    good_ = good_ && implied.has_value();
    if (!implied) return;
    inferred.push_back(fmt::format("map {}: {}", table().name, map_text(*implied)));
    items(*implied, path, table().rows.root, {});
  }

  /// Those that a table lists, in the order of their declaration, else all.
  std::vector<std::size_t> columns_of(const Named<DeclaredSelector>* selector) const {
    std::vector<std::size_t> columns;
    if (selector == nullptr) {
      for (std::size_t i = 0; i < declarations_.columns.size(); ++i) columns.push_back(i);
      return columns;
    }
    for (const DeclaredTable::Column& column : selector->value.table->columns)
      if (const auto number = position_of(declarations_.columns, column.name)) columns.push_back(*number);
    std::ranges::sort(columns);
    columns.erase(std::ranges::unique(columns).begin(), columns.end());
    return columns;
  }

  void error(std::string_view code, Node::Mark mark, std::string path, std::string message, std::string hint) {
    problems_.push_back({Problem::Severity::error, std::string(code), file_, mark.line, mark.column, std::move(path),
                         std::move(message), std::move(hint)});
    good_ = false;
  }

  // `path` is the key path of `node` for problems, `into` the node of the rows that grow, `scope` what encloses it.
  // ---- walking the map

  /// A list multiplies its items; null is a map without columns, and a single item stands for a list of one.
  void items(const Node& node, const std::string& path, RowShape::Node& into, const Scope& scope) {
    if (node.is_null()) return;
    if (!node.is_list()) return item(node, path, into, scope);
    for (std::size_t i = 0; i < node.items().size(); ++i) item(node.items()[i], join_path(path, i), into, scope);
  }

  /// The name of a column, or a mapping of indexes. A list inside of a list means what its items mean by themselves.
  void item(const Node& node, const std::string& path, RowShape::Node& into, const Scope& scope) {
    if (node.is_mapping()) return branches(node, path, into, scope);
    if (node.is_list()) return items(node, path, into, scope);
    const std::string& name = node.written();
    if (const auto column = position_of(declarations_.columns, name))
      return add_column(*column, node.mark(), path, scope);
    if (broken("columns", name)) return;
    std::string hint = suggestion(problems_, name, [&] { return names_of(declarations_.columns); }, "known are");
    if (position_of(declarations_.indexes, name)) hint = "an index is a key here, with a list of columns as its value";
    error("BO230", node.mark(), path, fmt::format("there is no column {}", in_quotes(name)), std::move(hint));
  }

  /// One branch per index, in the order of the file. Rows of different branches follow each other, so they never share
  /// a row; an unknown index takes everything below it with it.
  void branches(const Node& node, const std::string& path, RowShape::Node& into, const Scope& scope) {
    std::vector<RowShape::Node> group;
    for (const Node::Entry& entry : node.entries()) {
      const std::string here = join_path(path, entry.key);
      const auto index = position_of(declarations_.indexes, entry.key);
      if (!index) {
        if (!broken("indexes", entry.key))
          error("BO230", entry.mark, here, fmt::format("there is no index {}", in_quotes(entry.key)),
                suggestion(problems_, entry.key, [&] { return names_of(declarations_.indexes); }, "known are"));
        continue;
      }
      if (level_of(entry.key, scope)) {  // The same index once more: we stand on its element already.
        items(entry.value, here, into, scope);
        continue;
      }
      const LevelId level = add_level(*index, scope);
      Scope inside = scope;
      inside.levels.push_back(level);
      if (node.entries().size() > 1) inside.branch = level;
      RowShape::Node branch;
      branch.level = level;
      branch.outer = declarations_.indexes[*index].value.outer;
      items(entry.value, here, branch, inside);
      group.push_back(std::move(branch));
    }
    if (!group.empty()) into.groups.push_back(std::move(group));
  }

  /// All indexes multiply, the last one fastest, and every column belongs to every row (0.0.1).
  void multiply_all() {
    Scope scope;
    for (std::size_t i = 0; i < declarations_.indexes.size(); ++i) scope.levels.push_back(add_level(i, {}));
    for (std::size_t i = 0; i < declarations_.columns.size(); ++i)
      add_column(i, declarations_.columns[i].mark, {}, scope);
    RowShape::Node* into = &table().rows.root;
    for (const LevelId level : scope.levels) {
      RowShape::Node node;
      node.level = level;
      node.outer =
          declarations_.indexes[*position_of(declarations_.indexes, projection_.levels[level].index)].value.outer;
      into->groups.push_back({node});
      // Levels that hang at each other are nested; a product would ask for the inner ones before the outer ones stand.
      if (nested_) into = &into->groups.back().front();
    }
  }

  // ---- levels and columns

  /// Levels are looked for from the outside, so a name that encloses itself is the outer one.
  std::optional<LevelId> level_of(std::string_view index, const Scope& scope) const {
    for (const LevelId level : scope.levels)
      if (projection_.levels[level].index == index) return level;
    return std::nullopt;
  }

  /// An index with a mistake makes a level, too: what is below it is checked, and slots that name it are no mistakes.
  LevelId add_level(std::size_t number, const Scope& scope) {
    const auto& [name, declared_at, index] = declarations_.indexes[number];
    ProjectionLevel level;
    level.index = name;
    level.kind = index.kind;
    level.strategy = index.strategy.value_or(strategy_of(index.extractor));
    level.counts_objects = index.counts_members;
    level.extractor = extractor_of(index.extractor);
    if (auto path = resolve(index.path, scope, level.extractor.get())) {
      level.path = std::move(*path);
      if (level.kind == IndexKind::for_object) check_keys(index.path, level.path, *level.extractor);
    }
    if (level.extractor->metadata(level.path)) report_counted_metadata(index.path);
    level.parent = hang(level.path, scope);
    if (const auto known = shared(level)) {
      table().levels.push_back(*known);
      return *known;
    }
    readers_.levels.push_back(part_of(index.extractor));
    level.first = level.extractor->first_position();
    projection_.levels.push_back(std::move(level));
    table().levels.push_back(static_cast<LevelId>(projection_.levels.size() - 1));
    return table().levels.back();
  }

  /// The level of another table with the same entries. One that this table has already is another place of its index.
  std::optional<LevelId> shared(const ProjectionLevel& level) const {
    const auto same_piece = [](const Template::Piece& a, const Template::Piece& b) {
      const auto* slot = std::get_if<Template::Slot>(&a);
      const auto* other = std::get_if<Template::Slot>(&b);
      if (slot == nullptr || other == nullptr) return slot == other && std::get<0>(a) == std::get<0>(b);
      return slot->level == other->level && slot->format == other->format;
    };
    for (LevelId id = 1; several_ && id < projection_.levels.size(); ++id) {
      const ProjectionLevel& known = projection_.levels[id];
      if (known.index == level.index && known.parent == level.parent &&
          std::ranges::equal(known.path.pieces, level.path.pieces, same_piece) &&
          std::ranges::find(tables_.back().levels, id) == tables_.back().levels.end())
        return id;
    }
    return std::nullopt;
  }

  /// `number` is that of the declaration. A column may be listed in several branches, but its cells live at one level
  /// only: its path has to mean the same in all of them.
  void add_column(std::size_t number, Node::Mark mark, const std::string& place, const Scope& scope) {
    const DeclaredColumn& declared = declarations_.columns[number].value;
    const Extractor* extractor = declared.origin ? nullptr : extractor_of(declared.extractor).get();
    auto path = place_of(declared.path, scope, extractor, declared.origin);
    if (!path) return;
    const LevelId level = hang(*path, scope);
    const LevelId within = shown_within(level, scope);
    MappedColumn mapped{std::move(*path), level, {}, declared.origin, {}, 0};
    if (extractor != nullptr) find_reader(declared, *extractor, mapped);
    const auto [known, added] = table().columns.try_emplace(number, std::move(mapped));
    if (known->second.level == level)
      known->second.within.push_back(within);
    else
      error("BO238", mark, place,
            fmt::format("column {} is listed under two places of the same index",
                        in_quotes(declarations_.columns[number].name)),
            "declare a second column with the same path");
  }

  /// Nothing if a problem was reported. Resolved paths are text and need no extractor to understand them.
  std::optional<Template> place_of(const DeclaredPath& path, const Scope& scope, const Extractor* extractor,
                                   std::optional<OriginColumn::Source> origin) {
    if (origin == OriginColumn::Source::position) return slot_of(path, scope);
    return resolve(path, scope, extractor);
  }

  /// A position as a path that is nothing but the slot of its index.
  std::optional<Template> slot_of(const DeclaredPath& index, const Scope& scope) {
    const auto level = level_of(index.text, scope);
    if (level) return Template{index.text, {Template::Slot{*level, {}}}};
    report_slot(index, index.text);
    return std::nullopt;
  }

  /// The extractor is one of the declared ones: whoever names another has been reported and left out before.
  Strategy strategy_of(const std::string& extractor) const {
    return declarations_.extractors[*position_of(declarations_.extractors, extractor)].value.strategy;
  }
  const std::shared_ptr<const Extractor>& extractor_of(const std::string& name) const {
    return declarations_.extractors[*position_of(declarations_.extractors, name)].value.extractor;
  }

  /// The part of the map that reads like this extractor: those of one type that read payloads alike share programs, and
  /// with that one walk over a payload.
  std::size_t part_of(const std::string& name) {
    const std::size_t number = *position_of(declarations_.extractors, name);
    const std::string& type = declarations_.extractor_types[number];
    const auto& extractor = declarations_.extractors[number].value.extractor;
    for (std::size_t part = 0; part < parts_.size(); ++part)
      if (part_types_[part] == type && parts_[part].extractor->goes_with(*extractor)) return part;
    parts_.push_back({name, extractor});
    part_types_.push_back(type);
    return parts_.size() - 1;
  }

  /// Metadata is filled in beside all programs, so its extractor has no part in the map.
  void find_reader(const DeclaredColumn& declared, const Extractor& extractor, MappedColumn& mapped) {
    mapped.meta = extractor.metadata(mapped.path);
    if (mapped.meta) {
      mapped.origin = OriginColumn::Source::metadata;
      metadata_extractor_ = extractor_of(declared.extractor);
    } else {
      mapped.part = part_of(declared.extractor);
    }
  }

  void report_counted_metadata(const DeclaredPath& path) {
    error("BO302", path.mark, path.key,
          fmt::format("an index goes through values of the payload, and {} is metadata", in_quotes(path.text)),
          "use an extractor that reads payloads");
  }

  /// In the older dialects such an index is taken, and never makes a row.
  void check_keys(const DeclaredPath& path, const Template& resolved, const Extractor& extractor) {
    const auto* keyless = dynamic_cast<const Keyless*>(&extractor);
    if (declarations_.dialect != Dialect::v1 || keyless == nullptr) return;
    if (const auto remedy = keyless->keyless(resolved))
      error("BO302", path.mark, path.key, "for_object goes through keys, and what this path finds has none",
            std::string(*remedy));
  }

  /// The path with its slots as levels; reports what is wrong with it, once per place where it is declared. Without an
  /// extractor nobody follows the path.
  std::optional<Template> resolve(const DeclaredPath& path, const Scope& scope, const Extractor* extractor) {
    auto pieces = declarations_.parse(path.text);
    if (!pieces) {
      error("BO301", path.mark, path.key,
            fmt::format("{} (character {} of {})", pieces.error().message, pieces.error().column, in_quotes(path.text)),
            {});
      return std::nullopt;
    }
    Template resolved{path.text, {}};
    for (auto& piece : *pieces) {
      if (auto* literal = std::get_if<std::string>(&piece)) {
        resolved.pieces.emplace_back(std::move(*literal));
        continue;
      }
      auto& slot = std::get<NamedSlot>(piece);
      const auto level = level_of(slot.index, scope);
      if (!level) {
        report_slot(path, slot.index);
        return std::nullopt;
      }
      resolved.pieces.emplace_back(Template::Slot{*level, std::move(slot.format)});
    }
    if (extractor != nullptr && !check(path, resolved, *extractor)) return std::nullopt;
    return resolved;
  }

  /// Asks the extractor, which knows the grammar; slots stand for keys and positions that only payloads know.
  bool check(const DeclaredPath& path, const Template& resolved, const Extractor& extractor) {
    const auto problem = extractor.check(resolved);
    if (!problem) return true;
    if (declarations_.dialect == Dialect::v1 && !problem->finds_nothing)
      if (const auto slot = undeclared_slot(path.text, declarations_.index_names, problem->column)) {
        report_undeclared(path, *slot);
        return false;
      }
    std::string message = problem->column > 0 ? fmt::format("{} (character {} of {})", problem->message,
                                                            problem->column, in_quotes(path.text))
                                              : fmt::format("{} in {}", problem->message, in_quotes(path.text));
    if (problem->finds_nothing && declarations_.dialect != Dialect::v1) {
      problems_.push_back({Problem::Severity::warning, std::string(problem->code), file_, path.mark.line,
                           path.mark.column, path.key, std::move(message), "it finds nothing"});
      return true;
    }
    error(problem->code, path.mark, path.key, std::move(message),
          problem->message.contains("metadata") ? "" : "`batchout get` tries paths on a payload");
    return false;
  }

  /// Braces that name no index are themselves, and no part of a path there: an index was meant.
  void report_undeclared(const DeclaredPath& path, const NamedSlot& slot) {
    const std::string_view text = path.text;
    const std::string_view before = text.substr(0, static_cast<std::size_t>(slot.column) - 1);
    std::string hint =
        fmt::format("declare it, for example indexes: {{{}: {}}}", slot.index,
                    before.ends_with('[') && before.size() > 1 ? before.substr(0, before.size() - 1) : "PATH");
    const bool guess = problems_.size() < kHintsMax;
    if (const auto meant = guess ? near_miss(slot.index, declarations_.index_names) : std::nullopt)
      hint = fmt::format("did you mean {}?", in_quotes(*meant));
    error("BO230", path.mark, path.key, fmt::format("index {} is not declared", in_quotes(slot.index)),
          std::move(hint));
  }

  /// Declared, but wrong and reported: nobody complains about its absence again.
  bool broken(std::string_view section, const std::string& name) const {
    return declarations_.broken.contains(join_path(section, name));
  }

  /// An index that exists but does not enclose the path has no value there; one with a mistake of its own is not
  /// mentioned again.
  void report_slot(const DeclaredPath& path, const std::string& index) {
    if (broken("indexes", index)) return;
    if (position_of(declarations_.indexes, index))
      return error("BO303", path.mark, path.key,
                   fmt::format("the path needs index {}, which does not enclose it in the map of input {}",
                               in_quotes(index), in_quotes(input_.name)),
                   declarations_.dialect == Dialect::v0_0_1
                       ? "paths of indexes cannot use other indexes in this dialect"
                       : fmt::format("list it below {} there", in_quotes(index)));
    error("BO230", path.mark, path.key, fmt::format("there is no index {}", in_quotes(index)),
          suggestion(problems_, index, [&] { return declarations_.index_names; }, "known are"));
  }

  /// The level whose entries decide which rows see a column that hangs at `level`: inside of a branch the branch's own,
  /// if the column hangs outside of it.
  static LevelId shown_within(LevelId level, const Scope& scope) {
    bool outside = level == kPayloadLevel;
    for (const LevelId enclosing : scope.levels) {
      if (enclosing == scope.branch) return outside ? scope.branch : level;
      if (enclosing == level) outside = true;
    }
    return level;
  }

  /// Every level is an ancestor of itself, and the payload of all.
  bool is_ancestor(LevelId ancestor, LevelId level) const {
    while (level != ancestor && level != kPayloadLevel) level = projection_.levels[level].parent;
    return level == ancestor;
  }

  /// The level at which a path hangs: the deepest one that it mentions. Levels that it mentions together but that do
  /// not hang at each other (a matrix with two independent indexes) are made to.
  LevelId hang(const Template& path, const Scope& scope) {
    LevelId deepest = kPayloadLevel;
    for (const LevelId level : scope.levels) {
      if (!mentions(path, level)) continue;
      if (!is_ancestor(deepest, level)) {
        if (several_) {
          refuse_matrix(path, deepest, level);
          return deepest;
        }
        nest(scope);
      }
      deepest = level;
    }
    return deepest;
  }

  /// Levels that other tables have, too, cannot be put inside of each other for one of them.
  void refuse_matrix(const Template& path, LevelId outer, LevelId inner) {
    const std::size_t index = *position_of(declarations_.indexes, projection_.levels[inner].index);
    const DeclaredPath& place = declarations_.indexes[index].value.path;
    error(
        "BO239", place.mark, place.key,
        fmt::format("the path {} mentions two indexes that stand beside each other, which one of several tables of an "
                    "input cannot have",
                    in_quotes(path.written)),
        fmt::format("let the path of {} mention {}", in_quotes(projection_.levels[inner].index),
                    in_quotes(projection_.levels[outer].index)));
  }

  /// Whether the path has a slot of that level's index.
  static bool mentions(const Template& path, LevelId level) {
    return std::ranges::any_of(path.pieces, [&](const Template::Piece& piece) {
      const auto* slot = std::get_if<Template::Slot>(&piece);
      return slot != nullptr && slot->level == level;
    });
  }

  /// Makes each level of the scope a child of the one before, whatever their paths say: one entry of the inner level
  /// then belongs to one entry of the outer one, and a cell of both has a place. Rows come out the same.
  void nest(const Scope& scope) {
    nested_ = true;
    LevelId parent = kPayloadLevel;
    for (const LevelId level : scope.levels) {
      projection_.levels[level].parent = parent;
      parent = level;
    }
  }

  // ---- the tables

  /// A column of all tables that show it: number of its declaration, and where it hangs.
  using ValueKey = std::pair<std::size_t, LevelId>;

  /// First the values, then the tables that show them, each with its columns in the order of their declaration.
  void finish() {
    place_values();
    input_.further.resize(tables_.size() - 1);
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      std::vector<std::size_t> order;
      auto shape = shape_of(tables_[i], order);
      if (i == 0) {
        input_.shape = std::move(shape);
        input_.order = std::move(order);
      } else {
        input_.further[i - 1].shape = std::move(shape);
        input_.further[i - 1].order = std::move(order);
      }
    }
    input_.extractor = reader();
    for (std::size_t i = tables_.size(); i-- > 0;) {
      projection_.rows = std::move(tables_[i].rows);
      projection_.restrictions = std::move(tables_[i].restrictions);
      if (i > 0) input_.further[i - 1].projection = projection_;
    }
  }

  /// Extracted columns first, then those that tell where a value came from; in the order of their declarations.
  void place_values() {
    std::map<ValueKey, const MappedColumn*> columns;
    for (const Table& table : tables_)
      for (const auto& [number, mapped] : table.columns) columns.emplace(ValueKey{number, mapped.level}, &mapped);
    const auto extracted = static_cast<std::size_t>(
        std::ranges::count_if(columns, [](const auto& column) { return !column.second->origin; }));
    for (const auto& [key, column] : columns) {
      const auto& [name, mark, declared] = declarations_.columns[key.first];
      MappedColumn mapped = *column;
      places_[key] = mapped.origin ? extracted + projection_.origins.size() : projection_.columns.size();
      Cast cast = cast_of(declared, mapped);
      if (!declared.processors.empty() || cast.nul != NulPolicy::reject) {
        input_.steps.push_back({places_[key], declared.processors, cast});
        cast = Cast{};
        cast.kind = Kind::dynamic;
        cast.keeps_digits = declared.cast.kind == Kind::decimal || declared.cast.kind == Kind::json;
      }
      add_column(name, declared, std::move(mapped), std::move(cast));
    }
  }

  /// `order` maps each column to its place among the values.
  std::shared_ptr<const TableShape> shape_of(Table& table, std::vector<std::size_t>& order) {
    auto shape = std::make_shared<TableShape>();
    shape->name = table.name;
    for (const auto& [number, mapped] : table.columns) {
      const auto& [name, mark, declared] = declarations_.columns[number];
      shape->columns.push_back(
          {name, declared.cast.kind, declared.cast.zone, selection_of(table, mapped), !mapped.origin});
      order.push_back(places_.at({number, mapped.level}));
    }
    shape->levels = static_cast<LevelId>(projection_.levels.size() + table.restrictions.size());
    return shape;
  }

  /// Columns of numbers get times as milliseconds, all others as instants; as text they are in UTC, and say so.
  Cast cast_of(const DeclaredColumn& declared, MappedColumn& mapped) const {
    Cast cast = declared.cast;
    if (!mapped.meta || mapped.meta->field != MetaField::timestamp) return cast;
    if (cast.kind == Kind::text || cast.kind == Kind::json) cast.zone = TimeZone::find("UTC");
    mapped.meta->milliseconds = cast.kind == Kind::integer || cast.kind == Kind::real || cast.kind == Kind::decimal;
    return cast;
  }

  /// Whoever makes entries of payloads. Metadata needs nobody to look at their bytes; without columns the first
  /// extractor does.
  std::shared_ptr<const Extractor> reader() {
    if (parts_.size() > 1) return std::make_shared<const MixedExtractor>(std::move(parts_), std::move(readers_));
    if (parts_.size() == 1) return parts_.front().extractor;
    if (metadata_extractor_ != nullptr) return metadata_extractor_;
    return declarations_.extractors.empty() ? nullptr : declarations_.extractors.front().value.extractor;
  }

  void add_column(const std::string& name, const DeclaredColumn& declared, MappedColumn mapped, Cast cast) {
    if (mapped.origin) {
      if (mapped.origin == OriginColumn::Source::resolved_path) keep_values(mapped.path);
      projection_.origins.push_back({name, *mapped.origin, std::move(mapped.path), mapped.level, std::move(cast),
                                     std::move(mapped.meta).value_or(MetaName{})});
      return;
    }
    const Strategy strategy = declared.strategy.value_or(strategy_of(declared.extractor));
    projection_.columns.push_back(
        {name, std::move(mapped.path), strategy, mapped.level, std::move(cast), extractor_of(declared.extractor)});
    readers_.columns.push_back(mapped.part);
  }

  /// Positions follow from the entries of a level; keys and elements are known only if the program keeps them.
  void keep_values(const Template& path) {
    for (const auto& piece : path.pieces) {
      const auto* slot = std::get_if<Template::Slot>(&piece);
      if (slot == nullptr) continue;
      ProjectionLevel& level = projection_.levels[slot->level];
      if (level.kind != IndexKind::for_list) level.keeps_values = true;
    }
  }

  /// The selection that a column is read through: its level's own, or a restricted one behind all levels. Columns with
  /// equal places share one.
  LevelId selection_of(Table& table, const MappedColumn& column) {
    if (std::ranges::find(column.within, column.level) != column.within.end()) return column.level;
    for (std::size_t i = 0; i < table.restrictions.size(); ++i) {
      const Restriction& known = table.restrictions[i];
      if (known.level == column.level && known.within == column.within)
        return static_cast<LevelId>(projection_.levels.size() + i);
    }
    table.restrictions.push_back({column.level, column.within});
    return static_cast<LevelId>(projection_.levels.size() + table.restrictions.size() - 1);
  }

  const Declarations& declarations_;
  const std::string& file_;
  PlannedInput& input_;
  Projection& projection_;
  Problems& problems_;
  // In the order in which the map names their extractors; and the types of these.
  std::vector<MixedExtractor::Part> parts_;
  std::vector<std::string> part_types_;
  MixedExtractor::Readers readers_;
  std::shared_ptr<const Extractor> metadata_extractor_;  // If the map has columns of metadata.
  std::vector<Table> tables_;
  /// Of paths that no map lists.
  Scope everywhere_;
  /// The input has more than one.
  bool several_ = false;
  /// Of each column among the values.
  std::map<ValueKey, std::size_t> places_;
  // `nest` was called: some path mentions two independent indexes.
  bool nested_ = false;
  bool good_ = true;
};

}  // namespace

bool compile_map(const Declarations& declarations, const std::string& file, Node::Mark mark, PlannedInput& input,
                 std::vector<std::string>& inferred, Problems& problems) {
  return MapCompiler(declarations, file, input, problems).compile(mark, inferred);
}

void check_unmapped_paths(const Declarations& declarations, const std::string& file, const Plan& plan,
                          Problems& problems) {
  std::set<std::string_view> indexes, columns;
  for (const PlannedInput& input : plan.inputs) {
    for (const ProjectionLevel& level : input.projection.levels) indexes.insert(level.index);
    for (const ProjectionColumn& column : input.projection.columns) columns.insert(column.name);
    for (const OriginColumn& column : input.projection.origins) columns.insert(column.name);
  }
  PlannedInput nowhere;
  MapCompiler compiler(declarations, file, nowhere, problems);
  compiler.enclose_by_all();
  for (const auto& [name, mark, index] : declarations.indexes)
    if (!indexes.contains(name)) compiler.check_anywhere(index.path, index.extractor, std::nullopt);
  for (const auto& [name, mark, column] : declarations.columns)
    if (!columns.contains(name)) compiler.check_anywhere(column.path, column.extractor, column.origin);
}

}  // namespace batchout
