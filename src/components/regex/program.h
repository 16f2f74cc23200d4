// Runs a projection over all payloads of an arena.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/regex/filled_patterns.h"
#include "components/regex/searches.h"
#include "components/regex/text.h"
#include "data/program.h"

namespace batchout::regex {

class RegexProgram final : public Program {
 public:
  /// `projection` must outlive the program.
  RegexProgram(const Projection& projection, const Reading& reading, Encoding encoding);

  void run(const Payloads& payloads, Extraction& out) override;

 private:
  // One entry of the text on which we work.
  struct Entry {
    // Number of the entry of the parent level within the text.
    std::uint32_t parent = 0;
    // Of the slot.
    Cell value;
  };

  // What a column has found at an entry: a part of the text, or with take_all of `lists_`.
  struct Pick {
    Tag tag = Tag::absent;
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  std::optional<Fault> extract(const Payloads& payloads, std::size_t payload, Extraction& out);
  void find_entries(LevelId level);
  void add_entries(LevelId level, std::uint32_t parent, const Search& search);
  void enter(LevelId level, std::uint32_t entry);
  void pick_cells(LevelId level);
  void pick(const Search& search);
  bool offer_match(const Search& search, Pick* picks);
  void list_all(const Search::Want& want, Pick& pick);
  bool use_pattern(const Search& search);
  Pick part_of_text(std::optional<std::string_view> group) const;
  void append_entries(LevelId level, Extraction& out) const;
  void append_cells(LevelId level, Extraction& out);
  Cell cell_of(const Pick& pick) const;

  const Projection& projection_;
  Searches searches_;
  Encoding encoding_;
  Regex::Matcher matcher_;
  FilledPatterns filled_patterns_;
  std::string filled_;

  std::string_view text_;
  // Of a text that had to be decoded.
  std::string memory_;
  // Of the text, by level.
  std::vector<std::vector<Entry>> entries_;
  // Of the entries entered, by level.
  std::vector<Cell> slots_;
  // In order of levels, entries, searches, wants.
  std::vector<Pick> picks_;
  // Of `picks_`.
  std::size_t appended_ = 0;
  std::string lists_;
  bool exhausted_ = false;
  /// An index has more entries than a payload may have rows.
  bool too_many_ = false;
};

}  // namespace batchout::regex
