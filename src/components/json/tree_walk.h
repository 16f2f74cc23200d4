// Extraction through a document tree: every path on its own, with the values of its slots.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/json/compiled.h"
#include "components/json/fault.h"
#include "components/json/finder.h"
#include "components/json/scan.h"
#include "components/json/tree.h"
#include "data/extraction.h"

namespace batchout::json {

class TreeWalk {
 public:
  explicit TreeWalk(std::shared_ptr<const CompiledProjection> compiled);

  /// Appends entries and cells of the document to levels and columns of `out`, the entry of the payload included. A
  /// refused document leaves nothing.
  std::optional<Fault> extract(std::string_view document, Tokens tokens, Extraction& out);

 private:
  // One entry of the document on which we work.
  struct Entry {
    NodeId element = kNoNode;
    // Number of the entry of the parent level within the document.
    std::uint32_t parent = 0;
    // Of the slot.
    Cell value;
  };

  // The match of a column at an entry; with take_all several, in `matches_`.
  struct Pick {
    NodeId node = kNoNode;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  void find_entries(LevelId level);
  void add_elements(LevelId level, std::uint32_t parent, NodeId node);
  void add_matches(LevelId level, std::uint32_t parent, NodeId base);
  // Makes the entry and those around it the current ones.
  void enter(LevelId level, std::uint32_t entry);
  void pick_cells(LevelId level);
  void append_entries(LevelId level, Extraction& out) const;
  void append_cells(LevelId level, Extraction& out);
  Cell cell_of(const Pick& pick, Strategy strategy);

  std::shared_ptr<const CompiledProjection> compiled_;
  std::vector<std::vector<std::size_t>> columns_by_level_;
  Tree tree_;
  Finder finder_;
  // Of the document, by level.
  std::vector<std::vector<Entry>> entries_;
  // Of the entries entered, by level.
  std::vector<Cell> slots_;
  // Same.
  std::vector<NodeId> elements_;
  // In order of levels, entries, columns.
  std::vector<Pick> picks_;
  // Of `picks_`.
  std::size_t appended_ = 0;
  std::vector<NodeId> matches_;
  std::string list_;
};

}  // namespace batchout::json
