// A document while it is read: where problems go, which key is being read, and how much the document may still grow.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "batchout/node.h"
#include "batchout/result.h"

namespace batchout {

/// Far above honest configurations; together they bound the memory that a hostile one takes.
struct DocumentLimits {
  /// Bytes of the text.
  static constexpr std::size_t kSizeMax = 1 << 20;
  /// Lists and mappings inside each other.
  static constexpr std::size_t kDepthMax = 64;
  /// With every alias replaced by what it stands for.
  static constexpr std::size_t kNodesMax = 50'000;
  /// Bytes of all keys and texts, likewise.
  static constexpr std::size_t kTextsMax = 16 << 20;
};

/// One document's state. After the first `false` of any member the document is given up.
class Draft {
 public:
  /// `problems` outlives the draft.
  Draft(std::string file, Problems& problems) : file_(std::move(file)), problems_(problems) {}

  /// Reports an error at the key that is being read; always false. The place in the file is `mark`, or none if its line
  /// is 0.
  bool fail(std::string_view code, Node::Mark mark, std::string message, std::string hint = {});
  /// The same as a warning: reading goes on.
  void warn(std::string_view code, Node::Mark mark, std::string message, std::string hint = {});

  /// One list or mapping deeper, until `leave`. False if that is too deep.
  bool enter(Node::Mark mark);
  void leave() { --depth_; }

  /// Counts one more node with `bytes` of text; false if the document is too large.
  bool take(std::size_t bytes, Node::Mark mark);
  /// Counts a copy of `node` at the present depth.
  bool take_copy(const Node& node, Node::Mark mark);

  /// Names what is being read for problems, until `pop`. Every push has its pop, except on the way out of a document
  /// that is given up.
  void push(std::string_view key);
  void push(std::size_t position);
  void pop() { path_.resize(path_.size() - 1); }

 private:
  void report(Problem::Severity severity, std::string_view code, Node::Mark mark, std::string message,
              std::string hint);

  std::string file_;
  Problems& problems_;
  // The whole key path at each depth; the last one is the present place.
  std::vector<std::string> path_;
  std::size_t depth_ = 0;
  std::size_t nodes_ = 0;
  // Bytes.
  std::size_t texts_ = 0;
};

/// A mapping while it is read. The last of equal keys wins, at the place of the first one; merged keys come first and
/// lose against own ones.
class MappingDraft {
 public:
  explicit MappingDraft(Draft& draft) : draft_(draft) {}

  /// Adds a key of the mapping itself; warns about a second one.
  void add(Node::Entry entry);
  /// Adds the entries of a mapping under `<<`; those merged before win.
  void merge(const Node& mapping);

  /// The mapping; the draft is empty afterwards.
  Node finish();

 private:
  Draft& draft_;
  std::vector<Node::Entry> own_;
  std::vector<Node::Entry> merged_;
  // By key: place in the vectors above. A search through them would make large mappings quadratic.
  std::unordered_map<std::string, std::size_t> own_places_;
  std::unordered_map<std::string, std::size_t> merged_places_;
};

}  // namespace batchout
