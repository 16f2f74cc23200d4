// Extraction in one walk over the bytes of a document, without a tree.
//
// The walk reads a part of XML strictly: ASCII names, the five entities and character references, namespaces, comments,
// sections, instructions. Whatever goes beyond (a document type, any mistake, any limit) it leaves to the tree, which
// alone says what is wrong: the walk then takes back all that it has appended. So it never accepts more than libxml2.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "components/xml/automaton.h"
#include "components/xml/compiled.h"
#include "components/xml/fault.h"
#include "components/xml/scan.h"
#include "data/extraction.h"

namespace batchout::xml {

/// One per lane; it keeps its memory from document to document. About 20 KiB of frames and attributes lie in the object
/// itself.
class FusedWalk {
 public:
  FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton);

  /// Appends entries and cells of the document to `out` and returns true; or changes nothing and returns false. `text`
  /// is valid UTF-8 with Payloads::kPadding readable bytes behind it, `scanned` what it consists of.
  bool extract(std::string_view text, const Scanned& scanned, Extraction& out);

 private:
  // A place in the document. Null: the document must be left to the tree.
  using At = const char*;

  // Somewhat less than libxml2's.
  static constexpr std::size_t kDepthMax = 250;

  // An open element.
  struct Frame {
    // With prefix, as in the start tag.
    At name = nullptr;
    std::size_t name_size = 0;
    StateId state = kSkipped;
    // Of the element within the document.
    std::uint32_t number = 0;
    // Namespaces declared around it.
    std::size_t scopes = 0;
    // In `values_`, if the element's text is wanted.
    std::size_t value_start = 0;
    // Of the element's own text nodes.
    bool takes_text = false;
  };

  struct Attribute {
    At name = nullptr;
    std::uint32_t name_size = 0;
    // With the colon; 0: none.
    std::uint32_t prefix_size = 0;
    At value = nullptr;
    std::size_t value_size = 0;
    // The value has references or blanks to normalise.
    bool special = false;
    SpaceId space = kNoSpace;

    std::string_view full_name() const { return {name, name_size}; }
    std::string_view local_name() const { return full_name().substr(prefix_size); }
    std::string_view raw_value() const { return {value, value_size}; }
  };

  struct Scope {
    // Empty: of names without one.
    std::string_view prefix;
    SpaceId space = kNoSpace;
  };

  // How values become cells of a column.
  struct ColumnPlan {
    const Cast* cast = nullptr;
    LevelId level = kPayloadLevel;
    bool takes_last = false;
    // Texts are copied as they are.
    bool is_text = false;
    // The last cell, if `takes_last`.
    std::uint64_t failures_before = 0;
  };

  struct LevelPlan {
    std::vector<LevelId> children;
    // Paths hold only while all entries have one parent.
    bool one_parent = false;
    // Number of that parent; 0: no entry yet.
    std::uint32_t container = 0;
  };

  /// From here on null or false means that the document is left to the tree.
  bool walk_document(At at);
  At content(At at);
  At markup(At at);
  At section(At at);
  At start_tag(At at);
  At attributes(At at, bool& empty);
  At attribute(At at);
  At end_tag(At at);

  bool has_duplicates() const;
  bool declare_spaces();
  bool declare(const Attribute& attribute);
  bool resolve_attributes();
  bool find_space(std::string_view prefix, SpaceId& space) const;
  bool is_good_uri(std::string_view uri);
  StateId state_of(std::string_view name, SpaceId space) const;

  bool open_element(StateId id, std::string_view name, std::size_t scopes);
  bool open_levels(const State& state);
  bool store_attributes(const State& state);
  bool close_element();
  void close_level(LevelId level);

  bool characters(std::string_view raw, const Run& run);
  bool flush();
  bool text_node(std::string_view text);
  // What raw text means: itself, or what `decoded_` holds then. False if a reference is not one of those known.
  bool meaning_of(std::string_view& raw, bool in_attribute);
  bool store(std::uint32_t number, std::string_view text);
  bool wants(ColumnPlan& plan, Column& column, std::uint32_t number);

  void save(const Extraction& out);
  void restore(Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  Automaton automaton_;
  std::vector<ColumnPlan> plans_;
  std::vector<LevelPlan> level_plans_;
  /// Namespaces that libxml2 has accepted before.
  std::vector<std::string> good_uris_;
  std::size_t string_size_max_;

  At end_ = nullptr;
  bool has_carriage_returns_ = false;
  // Of the tag at hand: there are prefixes or declarations.
  bool any_prefix_ = false;
  std::size_t depth_ = 0;
  std::uint32_t elements_ = 0;
  // Open elements whose text is wanted.
  std::size_t open_values_ = 0;
  // Bytes of the text node at hand, as they are written.
  std::size_t run_size_ = 0;
  // `run_` holds the beginning of a text node.
  bool run_pending_ = false;
  std::array<Frame, kDepthMax> frames_;
  std::array<Attribute, kAttributesMax> attributes_;
  std::size_t attribute_count_ = 0;
  std::vector<Scope> scopes_;
  Buffer<char> run_;
  /// Texts of open elements whose value is wanted; they lie inside each other, so one run serves all.
  Buffer<char> values_;
  /// The meaning of the last raw text that was not plain.
  Buffer<char> decoded_;

  /// Of the extraction at hand.
  Column* columns_ = nullptr;
  LevelEntries* levels_ = nullptr;
  CastFailures* failures_ = nullptr;
  // Of levels, before the document.
  std::vector<std::uint32_t> saved_counts_;
  // Of columns, before the document.
  std::vector<std::uint64_t> saved_failures_;
};

}  // namespace batchout::xml
