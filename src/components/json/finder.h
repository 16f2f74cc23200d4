// Evaluates compiled paths over a tree. A step on a value of the wrong type matches nothing there.
//
// Filters ask for values of their own while a path is followed, so what is being collected is put aside and taken up
// again. Nothing is allocated per step after warm-up, but for texts that are put together from slots.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "components/json/path.h"
#include "components/json/pattern.h"
#include "components/json/tree.h"

namespace batchout::json {

/// One per lane. Recursion holds `Rest`s on the stack, so that what comes after an inner path needs no list of its own.
class Finder {
 public:
  /// Steps of all paths over one payload before it is refused.
  static constexpr std::uint64_t kStepsMax = 10'000'000;

  explicit Finder(Tree& tree, std::uint64_t steps_max = kStepsMax) : tree_(tree), steps_max_(steps_max) {}

  /// Sets the budgets of steps and of regular expressions anew.
  void start() {
    steps_ = 0;
    patterns_.start();
  }
  bool exhausted() const { return steps_ > steps_max_; }
  std::uint64_t steps() const { return steps_; }
  /// True if a regular expression ran into its limits: the matches are not to be relied upon.
  bool regex_exhausted() const { return patterns_.exhausted(); }

  /// The match of `path` below `node` that `strategy` picks, or kNoNode. `slots` holds the value of each index by its
  /// level. Not for take_all.
  NodeId find(NodeId node, const Path& path, Strategy strategy, std::span<const Cell> slots);

  /// All matches in order, appended to `matches`. What they hold already stays.
  void find_all(NodeId node, const Path& path, std::span<const Cell> slots, std::vector<NodeId>& matches);

 private:
  // What is left of a path, and what comes after it. `outer` goes on where an inner path ends; null: with its end the
  // whole path is matched.
  struct Rest {
    const Path* path;
    std::size_t step;
    const Rest* outer;
  };

  // Takes matches until it has enough.
  struct Sink {
    Strategy strategy = Strategy::take_first;
    // The last one, of several.
    NodeId found = kNoNode;
    // Of take_all; if it is null, matches are only counted.
    std::vector<NodeId>* all = nullptr;
    std::uint64_t count = 0;
  };

  // A value in a condition: nothing, a cell, or an object or a list of the document.
  struct Value {
    // Absent: nothing.
    Cell cell;
    NodeId container = kNoNode;
  };

  // These return false once the sink has enough.
  bool walk(NodeId node, Rest rest);
  bool take(NodeId node);
  bool members(NodeId node, const Step& step, const Rest& next);
  bool children(NodeId node, const Rest& next);
  bool any_element(NodeId node, const Rest& next);
  bool element(NodeId node, std::int64_t position, bool strict, const Rest& next);
  bool selected(NodeId node, const Step& step, const Rest& next);
  bool slice(NodeId node, const Step& step, const Rest& next);
  bool descendants(NodeId node, const Path& inner, const Rest& next);

  bool filtered(NodeId node, const Condition& condition, const Rest& next);

  // Follows another path in the middle of this one.
  Sink followed(NodeId node, const Path& path, Strategy strategy);
  bool exists(NodeId node, const Path& path);

  // Conditions; `node` is the one under test. In finder_filter.cpp.
  bool holds(const Condition& condition, NodeId node);
  bool compares(const Condition& condition, NodeId node);
  bool says_true(const Operand& call, NodeId node);
  Sink matches_of(const Operand& query, NodeId node, Strategy strategy);
  // `scratch` holds a text that had to be put together.
  Value value_of(const Operand& operand, NodeId node, std::string& scratch);
  Value value_of(NodeId node) const;
  Value length_of(const Value& value);
  bool is_equal(const Value& a, const Value& b);
  bool equal_containers(NodeId a, NodeId b);
  bool is_less(const Value& a, const Value& b);

  // What the words mean with the values of the slots; false if a slot has no text.
  bool text_of(const Words& words, std::string& scratch, std::string_view& text);
  // A bound of a slice, kept between `min` and `max`, whose distance is the number of elements.
  std::int64_t bound(const std::optional<Words>& words, std::int64_t otherwise, std::int64_t min, std::int64_t max);

  Tree& tree_;
  std::uint64_t steps_max_;
  /// Of the call at hand.
  std::span<const Cell> slots_;
  Sink sink_;
  std::uint64_t steps_ = 0;
  /// Of one step at a time.
  std::string scratch_;
  Patterns patterns_;
};

}  // namespace batchout::json
