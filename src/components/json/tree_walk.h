// Extraction through a document tree: every path on its own, with the values of its slots.
//
// `extract` does all of a projection. Where a walk does most of it, the steps are taken one by one: `find` what is in
// the other share, and `append` that.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/json/compiled.h"
#include "components/json/division.h"
#include "components/json/fault.h"
#include "components/json/finder.h"
#include "components/json/last_document.h"
#include "data/extraction.h"

namespace batchout::json {

class TreeWalk {
 public:
  /// Which levels have entries to be found, and what becomes part of an extraction.
  class Task {
   public:
    /// All of the projection.
    explicit Task(const CompiledProjection& compiled);
    /// The share alone, and whatever has to be found for it.
    Task(const CompiledProjection& compiled, const Share& share);

   private:
    friend class TreeWalk;
    void find_around(const CompiledProjection& compiled, LevelId level);

    // By level: entries are found; entries are appended; columns that have cells there.
    std::vector<bool> finds_;
    std::vector<bool> appends_;
    std::vector<std::vector<std::size_t>> columns_;
  };

  TreeWalk(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document);

  /// Appends entries and cells of the document, which has been read without a fault, to levels and columns of `out`,
  /// the entry of the payload included. A refused document leaves nothing.
  std::optional<Fault> extract(Extraction& out);

  /// Of the same document. A fault if that takes too many steps.
  std::optional<Fault> find(const Task& task);
  /// Of the same document, what was found for the same task.
  void append(const Task& task, Extraction& out);

  const Task& whole() const { return whole_; }

  /// Of the last `find`.
  std::uint64_t steps() const { return finder_.steps(); }

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
  void pick_cells(LevelId level, const std::vector<std::size_t>& columns);
  void append_entries(LevelId level, Extraction& out) const;
  void append_cells(LevelId level, const std::vector<std::size_t>& columns, Extraction& out);
  Cell cell_of(const Pick& pick, Strategy strategy);

  std::shared_ptr<const CompiledProjection> compiled_;
  Task whole_;
  std::shared_ptr<LastDocument> document_;
  Tree& tree_;
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
