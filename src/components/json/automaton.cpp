// Builds the trie of paths, then the states that can be reached.

#include "components/json/automaton.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace batchout::json {
namespace {

using Place = std::uint32_t;
using Places = std::set<Place>;
constexpr Place kNowhere = 0xFFFFFFFF;

struct TriePlace {
  std::map<std::string, Place, std::less<>> names;
  std::map<std::uint32_t, Place> positions;  // Of elements and characters.
  std::map<std::uint32_t, Place> elements;   // Of elements only.
  Place any_member = kNowhere;
  Place any_child = kNowhere;
  Place any_element = kNowhere;
  std::vector<std::uint32_t> columns;
  std::vector<LevelId> list_levels;
  std::vector<LevelId> object_levels;
};

std::string_view unfusable_step(const Step& step) {
  switch (step.kind) {
    case Step::Kind::members:
      if (step.names.size() != 1) return "several names in one step";
      return step.names[0].literal() ? "" : "a slot in a name that is not the index's own place";
    case Step::Kind::any_member:
    case Step::Kind::any_child:
    case Step::Kind::any_element:
      return "";
    case Step::Kind::position:
      if (step.number < 0) return "a position from the end";
      return step.number < Automaton::kPositionsMax ? "" : "a position far from the start";
    case Step::Kind::selector:
      return "a slot in brackets that is not the index's own place";
    case Step::Kind::root:
      return "the root in the middle of the path";
    case Step::Kind::parent:
      return "a step to the parent";
    case Step::Kind::slice:
      return "a slice";
    case Step::Kind::filter:
      return "a filter";
    case Step::Kind::descendants:
      return "descendants";
    case Step::Kind::where:
      return "a condition";
    case Step::Kind::alternatives:
      return "alternatives";
  }
  return "an unknown step";
}

std::string_view unfusable_path(const Anchored& path, LevelId level, Strategy strategy) {
  if (strategy == Strategy::take_all) return "take_all";
  for (const Step& step : path.rest.steps)
    if (const auto reason = unfusable_step(step); !reason.empty()) return reason;
  return path.base == level ? "" : "a level that the path does not mention";
}

class Trie {
 public:
  explicit Trie(const CompiledProjection& compiled) : element_of_level_(compiled.levels.size(), kNowhere) {
    element_of_level_[kPayloadLevel] = add();
    for (LevelId level = 1; level < compiled.levels.size(); ++level) {
      const Place container = insert(compiled.levels[level]);
      element_of_level_[level] = add();
      const bool is_list = compiled.projection.levels[level].kind == IndexKind::for_list;
      auto& levels = is_list ? places_[container].list_levels : places_[container].object_levels;
      levels.push_back(level);
    }
    for (std::uint32_t column = 0; column < compiled.columns.size(); ++column)
      places_[insert(compiled.columns[column])].columns.push_back(column);
  }

  const TriePlace& operator[](Place place) const { return places_[place]; }
  Place element_of(LevelId level) const { return element_of_level_[level]; }

 private:
  Place add() {
    places_.emplace_back();
    return static_cast<Place>(places_.size() - 1);
  }

  Place insert(const Anchored& path) {
    Place place = element_of_level_[path.base];
    for (const Step& step : path.rest.steps) {
      const Place fresh = static_cast<Place>(places_.size());
      Place& next = edge(place, step);
      if (next == kNowhere) {
        next = fresh;
        add();
        place = fresh;
      } else {
        place = next;
      }
    }
    return place;
  }

  Place& edge(Place place, const Step& step) {
    TriePlace& from = places_[place];
    if (step.kind == Step::Kind::any_member) return from.any_member;
    if (step.kind == Step::Kind::any_child) return from.any_child;
    if (step.kind == Step::Kind::any_element) return from.any_element;
    if (step.kind == Step::Kind::position)
      return (step.strict ? from.elements : from.positions)
          .try_emplace(static_cast<std::uint32_t>(step.number), kNowhere)
          .first->second;
    return from.names.try_emplace(std::string(step.names[0].text()), kNowhere).first->second;
  }

  std::vector<TriePlace> places_;
  std::vector<Place> element_of_level_;
};

class StateMaker {
 public:
  explicit StateMaker(const CompiledProjection& compiled) : compiled_(compiled), trie_(compiled) {}

  std::optional<Automaton> run() {
    id_of({trie_.element_of(kPayloadLevel)});
    while (automaton_.states.size() < sets_.size()) {
      if (sets_.size() > Automaton::kStatesMax) return std::nullopt;
      State state = make(Places(sets_[automaton_.states.size()]));  // A copy: making a state finds more sets.
      if (state.edges.size() > Automaton::kEdgesMax) return std::nullopt;
      automaton_.states.push_back(std::move(state));
    }
    return std::move(automaton_);
  }

 private:
  StateId id_of(const Places& places) {
    if (places.empty()) return kSkipped;
    const auto [found, fresh] = ids_.try_emplace(places, static_cast<StateId>(sets_.size()));
    if (fresh) sets_.push_back(places);
    return found->second;
  }

  static void add(Places& places, Place place) {
    if (place != kNowhere) places.insert(place);
  }

  State make(const Places& places) {
    State state;
    const Places single = taken_for_lists(places);
    make_object(state, single);
    make_list(state, places);
    state.from_object = captures(single);
    state.from_list = captures(places);
    state.from_single = state.from_object;
    state.from_text = state.from_object;
    for (const Place place : single) add_characters(state, place);
    state.from_plain = state.from_list;
    return state;
  }

  // The places reached when a value that is no list counts as a list of itself.
  Places taken_for_lists(const Places& places) const {
    Places all = places;
    std::vector<Place> open(places.begin(), places.end());
    while (!open.empty()) {
      const Place next = trie_[open.back()].any_element;
      open.pop_back();
      if (next != kNowhere && all.insert(next).second) open.push_back(next);
    }
    return all;
  }

  std::vector<Capture> captures(const Places& places) const {
    std::vector<Capture> found;
    for (const Place place : places)
      for (const std::uint32_t column : trie_[place].columns) found.push_back({column, Capture::kWhole});
    return found;
  }

  // A position in a text is a character; a character is a text again.
  void add_characters(State& state, Place place) const {
    for (const auto& [position, target] : trie_[place].positions) add_character(state, target, position);
  }

  void add_character(State& state, Place place, std::uint32_t position) const {
    for (const std::uint32_t column : trie_[place].columns)
      state.from_text.push_back({column, static_cast<std::int32_t>(position)});
    if (trie_[place].any_element != kNowhere) add_character(state, trie_[place].any_element, position);
    const auto first = trie_[place].positions.find(0);
    if (first != trie_[place].positions.end()) add_character(state, first->second, position);
  }

  void make_object(State& state, const Places& places) {
    Places others;
    std::set<std::string, std::less<>> keys;
    for (const Place place : places) {
      const TriePlace& from = trie_[place];
      add(others, from.any_member);
      add(others, from.any_child);
      for (const LevelId level : from.object_levels) {
        others.insert(trie_.element_of(level));
        state.object_levels.push_back(level);
      }
      for (const auto& [key, target] : from.names) keys.insert(key);
      for (const LevelId level : from.list_levels)
        if (compiled_.projection.levels[level].counts_objects) state.needs_tree = true;
    }
    for (const auto& key : keys) {
      Places targets = others;
      for (const Place place : places)
        if (const auto found = trie_[place].names.find(key); found != trie_[place].names.end())
          targets.insert(found->second);
      state.edges.push_back({key, id_of(targets)});
    }
    state.other_member = id_of(others);
    state.every_member = !others.empty();
    state.walks_object = !state.edges.empty() || state.every_member || state.needs_tree;
  }

  void make_list(State& state, const Places& places) {
    Places others;
    std::map<std::uint32_t, Places> by_position;
    for (const Place place : places) {
      const TriePlace& from = trie_[place];
      add(others, from.any_element);
      add(others, from.any_child);
      for (const LevelId level : from.list_levels) {
        others.insert(trie_.element_of(level));
        state.list_levels.push_back(level);
      }
      for (const auto& [position, target] : from.positions) by_position[position].insert(target);
      for (const auto& [position, target] : from.elements) by_position[position].insert(target);
    }
    state.other_element = id_of(others);
    for (auto& [position, targets] : by_position) {
      state.positions.resize(position, state.other_element);
      targets.insert(others.begin(), others.end());
      state.positions.push_back(id_of(targets));
    }
    state.walks_list = !state.positions.empty() || state.other_element != kSkipped;
  }

  const CompiledProjection& compiled_;
  Trie trie_;
  std::map<Places, StateId> ids_;
  std::vector<Places> sets_;
  Automaton automaton_;
};

}  // namespace

std::string_view unfusable_level(const CompiledProjection& compiled, LevelId level) {
  const auto& index = compiled.projection.levels[level];
  if (index.kind == IndexKind::from_list) return "elements as values of a slot";
  for (const Step& step : compiled.levels[level].rest.steps)
    if (step.kind == Step::Kind::any_member || step.kind == Step::Kind::any_child ||
        step.kind == Step::Kind::any_element)
      return "a wildcard in an index";
  return unfusable_path(compiled.levels[level], index.parent, index.strategy);
}

std::string_view unfusable_column(const CompiledProjection& compiled, std::size_t column) {
  const auto& shape = compiled.projection.columns[column];
  return unfusable_path(compiled.columns[column], shape.level, shape.strategy);
}

std::optional<Automaton> fuse(const CompiledProjection& compiled) {
  for (LevelId level = 1; level < compiled.levels.size(); ++level)
    if (!unfusable_level(compiled, level).empty()) return std::nullopt;
  for (std::size_t column = 0; column < compiled.columns.size(); ++column)
    if (!unfusable_column(compiled, column).empty()) return std::nullopt;
  return StateMaker(compiled).run();
}

}  // namespace batchout::json
