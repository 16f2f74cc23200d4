// Evaluates compiled paths over a tree. A step on a value of the wrong type matches nothing there.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "components/json/path.h"
#include "components/json/tree.h"

namespace batchout::json {

class Finder {
 public:
  /// Steps of all paths over one payload before it is refused.
  static constexpr std::uint64_t kStepsMax = 10'000'000;

  explicit Finder(Tree& tree) : tree_(tree) {}

  /// Sets the budget of steps anew.
  void start() { steps_ = 0; }
  bool exhausted() const { return steps_ > kStepsMax; }

  /// The match of `path` below `node` that `strategy` picks, or kNoNode. `slots` holds the value of each index by its
  /// level. Not for take_all.
  NodeId find(NodeId node, const Path& path, Strategy strategy, std::span<const Cell> slots);

  /// All matches in order, appended to `matches`.
  void find_all(NodeId node, const Path& path, std::span<const Cell> slots, std::vector<NodeId>& matches);

 private:
  // What is left of a path, and what comes after it.
  struct Rest {
    const Path* path;
    std::size_t step;
    const Rest* outer;
  };

  // Takes matches until it has enough.
  struct Sink {
    Strategy strategy = Strategy::take_first;
    NodeId found = kNoNode;
    std::vector<NodeId>* all = nullptr;
  };

  // These return false once the sink has enough.
  bool walk(NodeId node, Rest rest);
  bool take(NodeId node);
  bool members(NodeId node, const Step& step, const Rest& next);
  bool children(NodeId node, const Rest& next);
  bool any_element(NodeId node, const Rest& next);
  bool element(NodeId node, std::int64_t position, const Rest& next);
  bool selected(NodeId node, const Step& step, const Rest& next);
  bool slice(NodeId node, const Step& step, const Rest& next);
  bool descendants(NodeId node, const Path& inner, const Rest& next);

  bool exists(NodeId node, const Path& path);
  // What the words mean with the values of the slots; false if a slot has no text.
  bool text_of(const Words& words, std::string_view& text);
  std::int64_t bound(const std::optional<Words>& words, std::int64_t otherwise, std::int64_t count);

  Tree& tree_;
  std::span<const Cell> slots_;
  Sink sink_;
  std::uint64_t steps_ = 0;
  std::string scratch_;
};

}  // namespace batchout::json
