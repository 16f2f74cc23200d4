// Maps are built as the plan builds them: a level belongs to the deepest index that its path mentions.

#include "scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "paths.h"
#include "unit/components/json/table.h"

namespace batchout::property {
namespace {

constexpr std::size_t kLevelsMax = 6;  // The payload's included.
constexpr int kNestingMax = 4;

// A path in the making, and what it hopes to find.
struct Place {
  std::string path;
  Trail trail;

  void add(const std::string& step, Trail hopes) {
    const bool direct = path.empty() || step.starts_with('[') || step.starts_with("..");
    path += (direct ? "" : ".") + step;
    trail.insert(trail.end(), hopes.begin(), hopes.end());
  }

  // The last slot, if there is one.
  std::string slot() const {
    const std::size_t open = path.rfind('{');
    return open == std::string::npos ? "" : path.substr(open, path.find('}', open) + 1 - open);
  }
  // Each step over descendants multiplies what there is to visit, and the naive evaluator has no limit.
  bool may_go_deeper() const {
    const std::size_t once = path.find("..");
    return once == std::string::npos || path.find("..", once + 2) == std::string::npos;
  }
};

class MapMaker {
 public:
  explicit MapMaker(Choices& choices)
      : choices_(choices),
        rfc9535_(choices.rarely(3)),
        general_(choices.rarely(3)),
        flat_(general_ && choices.rarely(2)) {}

  Scenario make() {
    scenario_.options.syntax = rfc9535_ ? json::Syntax::rfc9535 : json::Syntax::jsonpath_rw;
    scenario_.options.lenient = choices_.rarely(10);
    if (!flat_) make_levels(table_.projection.rows.root, {Place{}}, 0);
    for (std::size_t i = choices_.below(6) + 1; i > 0; --i) make_column();
    scenario_.projection = std::move(table_.projection);
    make_origins();
    make_limits();
    make_shape();
    return std::move(scenario_);
  }

 private:
  // Nodes of rows with their levels; `bases` are the elements around.
  void make_levels(RowShape::Node& into, const std::vector<Place>& bases, int depth) {
    for (std::size_t groups = choices_.below(depth == 0 ? 3 : 2) + (depth == 0 ? 1 : 0); groups > 0; --groups) {
      auto& group = into.groups.emplace_back();
      for (std::size_t branches = choices_.rarely(4) ? 2 : 1; branches > 0; --branches) {
        if (table_.projection.levels.size() == kLevelsMax || depth == kNestingMax) break;
        RowShape::Node branch;
        std::vector<Place> inner = bases;
        inner.push_back(make_level(choices_.rarely(4) ? bases[choices_.below(bases.size())] : bases.back()));
        branch.level = static_cast<LevelId>(table_.projection.levels.size() - 1);
        branch.outer = choices_.rarely(4);
        make_levels(branch, inner, depth + 1);
        group.push_back(std::move(branch));
      }
      if (group.empty()) into.groups.pop_back();
    }
  }

  IndexKind kind() {
    if (choices_.rarely(5)) return IndexKind::for_object;
    return general_ && choices_.rarely(5) ? IndexKind::from_list : IndexKind::for_list;
  }

  // Adds a level and returns its element.
  Place make_level(Place place) {
    const std::string name = fmt::format("i{}", table_.projection.levels.size());
    const IndexKind kind = this->kind();
    add_steps(place, false);
    const auto strategy = choices_.rarely(6) ? static_cast<Strategy>(choices_.below(general_ ? 5 : 4)) : Strategy{};
    table_.index(name, kind, written(place), strategy);
    table_.projection.levels.back().counts_objects = choices_.rarely(5);
    table_.projection.levels.back().keeps_values = kind != IndexKind::for_list && choices_.rarely(3);
    if (kind == IndexKind::from_list) {  // Its elements are names or positions elsewhere.
      place = {choices_.pick({"a", "b", "c"}), {}};
      place.add(rfc9535_ || choices_.rarely(2) ? fmt::format("[{{{}}}]", name) : fmt::format("'x{{{}}}'", name), {});
    } else if (kind == IndexKind::for_list || choices_.rarely(2)) {
      place.add(fmt::format("[{{{}}}]", name), {{kind == IndexKind::for_list ? any_element : any_member, {}, 0}});
    } else {
      const bool quoted = choices_.rarely(2) && !rfc9535_;
      place.add(quoted ? fmt::format("'{{{}}}'", name) : fmt::format("{{{}}}", name), {{any_member, {}, 0}});
    }
    scenario_.trails.push_back(place.trail);
    elements_.push_back(place);
    return place;
  }

  void make_column() {
    Place place = elements_.empty() || choices_.rarely(4) ? Place{} : elements_[choices_.below(elements_.size())];
    if (flat_) add_general_step(place);
    if (flat_ ? choices_.rarely(3) : place.path.empty() || !choices_.rarely(5)) add_steps(place, true);
    auto strategy = choices_.rarely(2) ? static_cast<Strategy>(choices_.below(general_ ? 5 : 4)) : Strategy{};
    if (flat_ && !choices_.rarely(3)) strategy = Strategy::take_all;
    table_.column(written(place), Kind::dynamic, strategy);
    table_.projection.columns.back().cast = cast();
    scenario_.trails.push_back(std::move(place.trail));
  }

  std::string written(const Place& place) const {
    if (!rfc9535_) return place.path;
    return (place.path.starts_with('[') || place.path.starts_with("..") ? "$" : "$.") + place.path;
  }

  Cast cast() {
    Cast cast;
    cast.kind = Kind::dynamic;
    if (!choices_.rarely(2)) return cast;
    constexpr Kind kKinds[] = {Kind::text,    Kind::integer, Kind::datetime, Kind::real,   Kind::boolean,
                               Kind::decimal, Kind::json,    Kind::date,     Kind::dynamic};
    cast.kind = kKinds[choices_.below(std::size(kKinds))];
    cast.truthy = choices_.rarely(4);
    cast.keeps_digits = choices_.rarely(2);
    cast.parser = static_cast<TimeParser>(choices_.rarely(3) ? 1 : choices_.rarely(3) ? 3 : 0);
    cast.zone = choices_.rarely(3)   ? TimeZone::find("America/New_York")
                : choices_.rarely(2) ? TimeZone::find("UTC")
                                     : nullptr;
    if (choices_.rarely(5)) cast.on_error = OnError::reject_row;
    if (choices_.rarely(5)) cast.nul = choices_.rarely(2) ? NulPolicy::strip : NulPolicy::replace;
    return cast;
  }

  // ---- paths

  void add_steps(Place& place, bool wildcards) {
    add_step(place, wildcards);
    while (choices_.rarely(3)) add_step(place, wildcards);
  }

  void add_step(Place& place, bool wildcards) {
    if (general_ && choices_.rarely(2)) return add_general_step(place);
    if (wildcards && choices_.rarely(7)) return place.add("*", {{any_member, {}, 0}});
    if (wildcards && choices_.rarely(6)) return place.add("[*]", {{any_element, {}, 0}});
    if (choices_.rarely(6)) {
      const std::size_t position = choices_.below(3);
      return place.add(fmt::format("[{}]", position), {{Hope::Kind::element, {}, position}});
    }
    const std::string name = choices_.pick({"a", "b", "c", "d e", "long_name_of_a_member_with_more_than_32_bytes"});
    const Trail hope{{Hope::Kind::member, name, 0}};
    if (name != "d e" && !choices_.rarely(8)) return place.add(name, hope);
    place.add(rfc9535_ || choices_.rarely(3) ? fmt::format("['{}']", name) : fmt::format("'{}'", name), hope);
  }

  void add_general_step(Place& place) {
    if (choices_.rarely(2) || flat_) return rfc9535_ ? add_filter(place) : add_operators(place);
    const bool first = place.path.empty();
    const std::string step = rfc9535_ ? new_general_step(first) : old_general_step(first);
    place.add(step.starts_with("..") && !place.may_go_deeper() ? "[-1]" : step, {});
  }

  // What is tested should have something to compare.
  void add_filter(Place& place) {
    const bool deep = place.path.find("..") == std::string::npos;
    const std::string open = deep && choices_.rarely(6) ? "..[?" : "[?";
    const std::string condition = condition_of(choices_, place.slot(), deep && open == "[?");
    place.add(open + condition + "]", {{choices_.rarely(3) ? any_member : any_element, {}, 0}});
    hope_for_members(place);
  }

  void add_operators(Place& place) {
    hope_for_members(place);
    place.add(operators_of(choices_, place.may_go_deeper()), {{Hope::Kind::member, "a", 0}});
    hope_for_members(place);
  }

  void hope_for_members(const Place& place) {
    for (const char* name : {"a", "b"}) {
      scenario_.trails.push_back(place.trail);
      scenario_.trails.back().push_back({Hope::Kind::member, name, 0});
    }
  }

  std::string new_general_step(bool first) {
    if (first) return choices_.pick({"['a','b']", "[-1]", "*"});
    return choices_.pick(
        {"['a','b']", "[-1]", "[1:]", "[::-1]", "[:2]", "..a", "..*", "..[0]", "[0,'a']", "[*,0]", "[-3:-1]", "[::2]"});
  }

  std::string old_general_step(bool first) {
    if (first) return choices_.pick({"a,b", "(a|b)", "[-1]", "`this`", "*", "(a where b)", "$"});
    return choices_.pick({"a,b", "(a|b)", "[-1]", "[1:]", "[:2]", "..a", "..[0]", "`parent`", "`this`", "(a where b)",
                          "$", "(b.c|a)", "['a','b']", "..*", "[-2:]"});
  }

  // ---- the rest of the table

  void make_origins() {
    Projection& projection = scenario_.projection;
    for (std::size_t i = choices_.below(3); i > 0 && projection.levels.size() > 1; --i) {
      OriginColumn origin;
      origin.name = fmt::format("o{}", i);
      origin.cast.kind = Kind::dynamic;
      origin.level = static_cast<LevelId>(1 + choices_.below(projection.levels.size() - 1));
      origin.source = choices_.rarely(3) ? OriginColumn::Source::resolved_path : OriginColumn::Source::position;
      origin.path.pieces = {"at ", Template::Slot{origin.level, {}}};
      ProjectionLevel& level = projection.levels[origin.level];
      if (origin.source == OriginColumn::Source::resolved_path && level.kind != IndexKind::for_list)
        level.keeps_values = true;
      projection.origins.push_back(std::move(origin));
    }
  }

  void make_limits() {
    ProjectionLimits& limits = scenario_.projection.limits;
    if (choices_.rarely(8)) limits.depth_max = static_cast<std::uint32_t>(3 + choices_.below(5));
    if (choices_.rarely(20)) limits.string_size_max = choices_.below(30);
    if (choices_.rarely(20)) limits.number_size_max = 1 + choices_.below(10);
    limits.product_max = limits.rows_per_payload_max;  // Out of reach of so few levels.
  }

  // Some columns are read through a restricted selection, as columns are that a map lists inside of a branch.
  void make_shape() {
    Projection& projection = scenario_.projection;
    scenario_.shape = std::make_shared<TableShape>();
    const auto add = [&](const std::string& name, const Cast& cast, LevelId level) {
      ColumnShape column{name, cast.kind, cast.zone, level, true};
      if (projection.levels.size() > 1 && choices_.rarely(5)) {
        Restriction restriction{level, {}};
        for (std::size_t i = choices_.below(2) + 1; i > 0; --i)
          restriction.within.push_back(static_cast<LevelId>(1 + choices_.below(projection.levels.size() - 1)));
        column.level = static_cast<LevelId>(projection.levels.size() + projection.restrictions.size());
        projection.restrictions.push_back(std::move(restriction));
      }
      scenario_.shape->columns.push_back(std::move(column));
    };
    for (const auto& column : projection.columns) add(column.name, column.cast, column.level);
    for (const auto& origin : projection.origins) add(origin.name, origin.cast, origin.level);
    scenario_.shape->levels = static_cast<LevelId>(projection.levels.size() + projection.restrictions.size());
  }

  static constexpr Hope::Kind any_member = Hope::Kind::any_member, any_element = Hope::Kind::any_element;

  Choices& choices_;
  bool rfc9535_;
  bool general_;  // Paths of every kind, not only such as can be fused.
  bool flat_;     // No levels, so that much is found through each path.
  json::test::Table table_;
  std::vector<Place> elements_;  // Of all levels.
  Scenario scenario_;
};

}  // namespace

Scenario map_of(Choices& choices) {
  return MapMaker(choices).make();
}

Scenario scenario_of(Choices& choices) {
  Scenario scenario = map_of(choices);
  for (std::size_t i = choices.below(6) + 1; i > 0; --i) {
    scenario.documents.push_back({document_of(choices, scenario.trails, scenario.projection.limits)});
    if (choices.rarely(60)) scenario.documents.back().state = static_cast<Payloads::State>(choices.below(4));
  }
  scenario.first_arena = choices.below(scenario.documents.size() + 1);
  return scenario;
}

namespace {

std::string text_of(const Template& path) {
  return fmt::format("{}", path.written);
}

std::string text_of(const RowShape::Node& node) {
  std::string text = fmt::format("{}{}", node.level, node.outer ? "?" : "");
  for (const auto& group : node.groups) {
    text += " (";
    for (std::size_t i = 0; i < group.size(); ++i) text += (i > 0 ? " | " : "") + text_of(group[i]);
    text += ")";
  }
  return text;
}

std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte > 0x7E ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return text;
}

}  // namespace

std::string text_of(const Scenario& scenario) {
  const Projection& projection = scenario.projection;
  const auto& limits = projection.limits;
  std::string text = fmt::format("{}{}, depth {}, strings {}, numbers {}\n",
                                 scenario.options.syntax == json::Syntax::rfc9535 ? "rfc9535" : "jsonpath_rw",
                                 scenario.options.lenient ? ", lenient" : "", limits.depth_max, limits.string_size_max,
                                 limits.number_size_max);
  for (std::size_t i = 1; i < projection.levels.size(); ++i) {
    const auto& level = projection.levels[i];
    text += fmt::format("level {}: {} of kind {}, strategy {}, parent {}, counts objects {}, keeps {}\n", i,
                        text_of(level.path), static_cast<int>(level.kind), static_cast<int>(level.strategy),
                        level.parent, level.counts_objects, level.keeps_values);
  }
  for (std::size_t i = 0; i < projection.columns.size(); ++i) {
    const auto& column = projection.columns[i];
    text += fmt::format("column {}: {} at level {}, strategy {}, kind {}\n", i, text_of(column.path), column.level,
                        static_cast<int>(column.strategy), static_cast<int>(column.cast.kind));
  }
  text += fmt::format("rows: {}\n", text_of(projection.rows.root));
  for (std::size_t i = 0; i < scenario.documents.size(); ++i)
    text += fmt::format("document {}{}{}: {}\n", i, i < scenario.first_arena ? "" : " of the second arena",
                        scenario.documents[i].state == Payloads::State::usable ? "" : ", not usable",
                        escaped(scenario.documents[i].bytes));
  return text;
}

}  // namespace batchout::property
