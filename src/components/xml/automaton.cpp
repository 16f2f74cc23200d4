// Builds the trie of paths, then the states that can be reached.

#include "components/xml/automaton.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace batchout::xml {
namespace {

using Place = std::uint32_t;
using Places = std::set<Place>;
constexpr Place kNowhere = 0xFFFFFFFF;

// A name with the number of its namespace.
using Name = std::pair<std::string, SpaceId>;

// Steps to other places, and what the element of this place is wanted for: columns by number.
struct TriePlace {
  std::map<Name, Place> names;
  Place any = kNowhere;
  std::map<Name, std::vector<std::uint32_t>> attributes;
  std::vector<std::uint32_t> texts;
  std::vector<std::uint32_t> values;
  std::vector<LevelId> levels;
};

// The steps of an anchored path, from the element of its base or from the document. None if they are no plain steps;
// then `reason` says why, as a noun behind "because of".
std::optional<SimplePath> steps_of(const CompiledProjection& compiled, const Anchored& anchored,
                                   std::string_view& reason) {
  if (anchored.base == kPayloadLevel) {
    if (anchored.full.contains(kSlotBegin)) return reason = "a slot that is not the index's own place", std::nullopt;
    return simple_path(anchored.full, compiled.namespaces, reason);
  }
  std::string_view rest = anchored.rest;
  if (rest.contains(kSlotBegin)) return reason = "a slot that is not the index's own place", std::nullopt;
  if (rest.starts_with('/') && !rest.starts_with("//")) rest.remove_prefix(1);
  return simple_path(rest, compiled.namespaces, reason);
}

std::string_view unfusable_path(const CompiledProjection& compiled, const Anchored& anchored, LevelId level) {
  std::string_view reason;
  if (!steps_of(compiled, anchored, reason)) return reason;
  return anchored.base == level ? "" : "a level that the path does not mention";
}

// All paths have been found fusable before. Levels come first, since columns begin at their elements.
class Trie {
 public:
  explicit Trie(const CompiledProjection& compiled) : compiled_(compiled), element_of_level_(compiled.levels.size()) {
    spaces_ = {"", std::string(kXmlNamespace)};
    element_of_level_[kPayloadLevel] = add();
    for (LevelId level = 1; level < compiled.levels.size(); ++level) {
      Step last;
      element_of_level_[level] = insert(compiled.levels[level], last);
      places_[element_of_level_[level]].levels.push_back(level);
    }
    for (std::uint32_t column = 0; column < compiled.columns.size(); ++column) add_column(column);
  }

  const TriePlace& operator[](Place place) const { return places_[place]; }
  Place document() const { return element_of_level_[kPayloadLevel]; }
  std::vector<std::string> take_spaces() { return std::move(spaces_); }

 private:
  Place add() {
    places_.emplace_back();
    return static_cast<Place>(places_.size() - 1);
  }

  void add_column(std::uint32_t column) {
    Step last;
    TriePlace& place = places_[insert(compiled_.columns[column], last)];
    if (last.kind == Step::Kind::attribute)
      place.attributes[{last.name, space_of(last.name_space)}].push_back(column);
    else if (last.kind == Step::Kind::text)
      place.texts.push_back(column);
    else
      place.values.push_back(column);
  }

  // Adds the elements that a path leads through; `last` becomes its last step, if that is none of them.
  Place insert(const Anchored& anchored, Step& last) {
    std::string_view reason;
    const SimplePath path = *steps_of(compiled_, anchored, reason);
    Place place = element_of_level_[anchored.base];
    // A relative path begins at the root element, whatever its name is.
    if (anchored.base == kPayloadLevel && !path.absolute) place = child(place, {Step::Kind::any, {}, {}});
    for (const Step& step : path.steps) {
      const bool is_element = step.kind == Step::Kind::element || step.kind == Step::Kind::any;
      if (is_element)
        place = child(place, step);
      else
        last = step;
    }
    return place;
  }

  // `from` is not used behind `add`, which may move it.
  Place child(Place place, const Step& step) {
    const Place fresh = static_cast<Place>(places_.size());
    TriePlace& from = places_[place];
    Place& next = step.kind == Step::Kind::any
                      ? from.any
                      : from.names.try_emplace({step.name, space_of(step.name_space)}, kNowhere).first->second;
    if (next != kNowhere) return next;
    next = fresh;
    return add();
  }

  // A namespace by number; its number is its place in the list.
  SpaceId space_of(const std::string& uri) {
    const auto found = std::ranges::find(spaces_, uri);
    if (found != spaces_.end()) return static_cast<SpaceId>(found - spaces_.begin());
    spaces_.push_back(uri);
    return static_cast<SpaceId>(spaces_.size() - 1);
  }

  const CompiledProjection& compiled_;
  std::vector<TriePlace> places_;
  std::vector<Place> element_of_level_;
  std::vector<std::string> spaces_;
};

// The subset construction: states are numbered in the order in which their sets are found, so the document's is 0.
class StateMaker {
 public:
  explicit StateMaker(const CompiledProjection& compiled) : trie_(compiled) {}

  // None if there are more sets than kStatesMax, which only names beside wildcards at many depths make.
  std::optional<Automaton> run() {
    id_of({trie_.document()});
    while (automaton_.states.size() < sets_.size()) {
      if (sets_.size() > Automaton::kStatesMax) return std::nullopt;
      automaton_.states.push_back(make(Places(sets_[automaton_.states.size()])));  // Making a state finds more sets.
    }
    automaton_.spaces = trie_.take_spaces();
    return std::move(automaton_);
  }

 private:
  StateId id_of(const Places& places) {
    if (places.empty()) return kSkipped;
    const auto [found, fresh] = ids_.try_emplace(places, static_cast<StateId>(sets_.size()));
    if (fresh) sets_.push_back(places);
    return found->second;
  }

  // An element of some name is also any element, so its set has the places of the wildcard, too.
  State make(const Places& places) {
    State state;
    Places others;
    std::map<Name, Places> by_name;
    std::map<Name, std::vector<std::uint32_t>> attributes;
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    for (const Place place : places) {
      const TriePlace& from = trie_[place];
      if (from.any != kNowhere) others.insert(from.any);
      for (const auto& [name, target] : from.names) by_name[name].insert(target);
      for (const auto& [name, columns] : from.attributes) append(attributes[name], columns);
      append(state.texts, from.texts);
      append(state.values, from.values);
      append(state.levels, from.levels);
    }
    std::ranges::sort(state.levels);  // Those around come before those within.
    state.other = id_of(others);
    for (auto& [name, targets] : by_name) {
      targets.insert(others.begin(), others.end());
      state.edges.push_back({name.first, name.second, id_of(targets)});
    }
    for (auto& [name, columns] : attributes) state.attributes.push_back({name.first, name.second, std::move(columns)});
    return state;
  }

  Trie trie_;
  std::map<Places, StateId> ids_;
  std::vector<Places> sets_;
  Automaton automaton_;
};

}  // namespace

std::string_view unfusable_level(const CompiledProjection& compiled, LevelId level) {
  const auto& index = compiled.projection.levels[level];
  if (index.kind == IndexKind::from_list) return "elements as values of a slot";
  if (index.kind == IndexKind::for_object) return "an index over keys, which XML does not have";
  if (const auto reason = unfusable_path(compiled, compiled.levels[level], index.parent); !reason.empty())
    return reason;
  std::string_view reason;
  const auto path = steps_of(compiled, compiled.levels[level], reason);
  if (path->steps.empty()) return "an index over one element";
  const Step::Kind last = path->steps.back().kind;
  return last == Step::Kind::attribute || last == Step::Kind::text ? "an index over other nodes than elements" : "";
}

std::string_view unfusable_column(const CompiledProjection& compiled, std::size_t column) {
  const auto& shape = compiled.projection.columns[column];
  if (shape.strategy == Strategy::take_all) return "take_all";
  return unfusable_path(compiled, compiled.columns[column], shape.level);
}

// All or nothing: a document read by one walk and by a tree would cost both.
std::optional<Automaton> fuse(const CompiledProjection& compiled) {
  for (LevelId level = 1; level < compiled.levels.size(); ++level)
    if (!unfusable_level(compiled, level).empty()) return std::nullopt;
  for (std::size_t column = 0; column < compiled.columns.size(); ++column)
    if (!unfusable_column(compiled, column).empty()) return std::nullopt;
  return StateMaker(compiled).run();
}

}  // namespace batchout::xml
