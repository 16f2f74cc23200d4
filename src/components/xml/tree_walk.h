// Extraction through a tree of libxml2: every path is an expression, evaluated from the element of its entry where that
// means the same, else from the root element with the values of its slots filled in.

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "components/xml/compiled.h"
#include "components/xml/compiled_path.h"
#include "components/xml/last_document.h"
#include "components/xml/xpath.h"
#include "data/extraction.h"

namespace batchout::xml {

class TreeWalk {
 public:
  TreeWalk(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document);

  /// Appends entries and cells of the document, which has been read without a fault, to levels and columns of `out`,
  /// the entry of the payload included. A refused document leaves nothing.
  std::optional<Fault> extract(Extraction& out);

  /// Of the last `extract`.
  std::uint64_t steps() const { return steps_; }

 private:
  /// An expression; compiled here if it has no slots.
  struct Path {
    std::string text;
    std::optional<CompiledPath> compiled;
    // libxml2 may have to sort many nodes.
    bool orders = true;
  };
  struct Paths {
    Path full;
    Path rest;
  };

  // One entry of the document on which we work.
  struct Entry {
    // Null: a value that is no node.
    xmlNode* node = nullptr;
    // Number of the entry of the parent level within the document.
    std::uint32_t parent = 0;
    // All entries of this parent entry have one parent node.
    bool siblings = false;
    // Of the slot.
    Cell value;
  };

  Paths paths_of(const Anchored& anchored);
  // For one step of the paths in the document, beyond what steps are.
  std::size_t comparisons();
  Object evaluate(const Anchored& anchored, Paths& paths);
  Object evaluate(Path& path, xmlNode* node);
  void find_entries(LevelId level);
  void add_entries(LevelId level, std::uint32_t parent, const xmlXPathObject& found);
  // Makes the entry and those around it the current ones.
  void enter(LevelId level, std::uint32_t entry);
  void pick_cells(LevelId level);
  // Texts live in the tree or in `texts_`.
  Cell pick(const xmlXPathObject& found, Strategy strategy);
  Cell scalar(const xmlXPathObject& found);
  Cell list_of(const xmlXPathObject& found);
  // The text of a node, borrowed from it or kept in `texts_`.
  std::string_view kept_text(const xmlNode* node);
  /// Borrowed until the next one.
  std::string_view text_of(const xmlNode* node);
  void count_text(std::size_t bytes);
  void append_entries(LevelId level, Extraction& out) const;
  void append_cells(LevelId level, Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  std::vector<std::vector<std::size_t>> columns_by_level_;
  std::shared_ptr<LastDocument> document_;
  XPath xpath_;
  std::vector<Paths> level_paths_;
  std::vector<Paths> column_paths_;
  // Expressions of paths with values filled in.
  std::unordered_map<std::string, std::optional<CompiledPath>> filled_;
  std::string filled_path_;
  std::size_t filled_bytes_ = 0;
  // Some path has the axis `namespace`.
  bool follows_namespaces_ = false;
  // Some path may find texts, comments or instructions.
  bool finds_others_ = false;
  // Or attributes.
  bool finds_attributes_ = false;

  // Of the document, by level.
  std::vector<std::vector<Entry>> entries_;
  // Of the entries entered, by level.
  std::vector<Cell> slots_;
  // Same.
  std::vector<const Entry*> entered_;
  // In order of levels, entries, columns.
  std::vector<Cell> picks_;
  // Of `picks_`.
  std::size_t appended_ = 0;
  /// Texts that cells borrow; a deque does not move them when it grows.
  std::deque<std::string> texts_;
  std::string scratch_;
  bool too_long_ = false;
  std::uint64_t steps_ = 0;
};

}  // namespace batchout::xml
