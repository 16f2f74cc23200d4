// Equal rows are matched as a longest common subsequence (in any order: one by one). What is left between two matches
// is paired in order: such rows are told value by value, and the rest is missing or too much.

#include "pipeline/row_differences.h"

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "base/unicode.h"
#include "pipeline/json_values.h"

namespace batchout {
namespace {

// Beyond so many pairs of rows they are paired in order, and none is looked for elsewhere: a second of work.
constexpr std::size_t kPairsMax = 4'000'000;
// Differences of one table that are told; the others are counted.
constexpr std::size_t kToldMax = 20;
// Bytes of a value or row that are shown.
constexpr std::size_t kShownMax = 160;

/// A part of a text, of whole characters, with dots where it goes on.
std::string part_of(std::string_view text, std::size_t begin) {
  begin = cut_size(text, begin);
  const std::size_t size = cut_size(text.substr(begin), kShownMax);
  return fmt::format("{}{}{}", begin > 0 ? "…" : "", text.substr(begin, size), begin + size < text.size() ? "…" : "");
}

/// Of two long values that begin alike the beginning says nothing.
std::size_t shown_from(std::string_view a, std::string_view b) {
  constexpr std::size_t kBefore = 40;
  const auto differ = std::ranges::mismatch(a, b).in1 - a.begin();
  const auto same = static_cast<std::size_t>(differ);
  return std::max(a.size(), b.size()) > kShownMax && same > kBefore ? same - kBefore : 0;
}

struct Pair {
  std::optional<std::size_t> expected, shown;
};

class Comparison {
 public:
  Comparison(const std::string& table, const ExpectedRows& expected, const ShownRows& shown, Node::Mark whole)
      : table_(table), expected_(expected), shown_(shown), whole_(whole) {}

  Problems differences(bool ordered) {
    const std::size_t expected = expected_.rows.size(), shown = shown_.rows.size();
    std::size_t first = 0, last = 0;
    while (first < std::min(expected, shown) && same_row(first, first)) ++first;
    while (last + first < std::min(expected, shown) && same_row(expected - last - 1, shown - last - 1)) ++last;
    std::vector<std::size_t> left_expected, left_shown;
    for (std::size_t i = first; i + last < expected; ++i) left_expected.push_back(i);
    for (std::size_t i = first; i + last < shown; ++i) left_shown.push_back(i);
    if (expected != shown)
      tell(whole_, fmt::format("{}, rows", table_), std::to_string(expected), std::to_string(shown));
    const bool matched = left_expected.size() * left_shown.size() <= kPairsMax;
    if (ordered && matched)
      tell_between_matches(left_expected, left_shown);
    else if (ordered)
      tell_pairs(left_expected, left_shown);
    else
      tell_unmatched(left_expected, left_shown);
    if (told_ > kToldMax)
      problems_.push_back({Problem::Severity::error,
                           {},
                           expected_.file,
                           whole_.line,
                           whole_.column,
                           table_,
                           fmt::format("{} more differences", told_ - kToldMax),
                           {}});
    return std::move(problems_);
  }

 private:
  bool same_cell(const ExpectedCell& cell, std::size_t shown) const {
    const std::string& json = shown_.rows[shown][cell.column];
    return expected_.csv ? same_field(json, cell.text) : same_json(cell.text, json);
  }

  bool same_row(std::size_t expected, std::size_t shown) const {
    return std::ranges::all_of(expected_.rows[expected].cells,
                               [&](const ExpectedCell& cell) { return same_cell(cell, shown); });
  }

  /// Lengths of the longest common subsequences of all pairs of ends, from the last pair on.
  std::vector<std::uint32_t> common_lengths(std::span<const std::size_t> expected,
                                            std::span<const std::size_t> shown) const {
    const std::size_t width = shown.size() + 1;
    std::vector<std::uint32_t> lengths((expected.size() + 1) * width);
    for (std::size_t i = expected.size(); i-- > 0;)
      for (std::size_t j = shown.size(); j-- > 0;)
        lengths[i * width + j] = same_row(expected[i], shown[j])
                                     ? lengths[(i + 1) * width + j + 1] + 1
                                     : std::max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    return lengths;
  }

  void tell_between_matches(std::span<const std::size_t> expected, std::span<const std::size_t> shown) {
    const std::vector<std::uint32_t> lengths = common_lengths(expected, shown);
    const std::size_t width = shown.size() + 1;
    std::size_t i = 0, j = 0, from_i = 0, from_j = 0;
    while (i < expected.size() && j < shown.size()) {
      if (same_row(expected[i], shown[j])) {
        tell_pairs(expected.subspan(from_i, i - from_i), shown.subspan(from_j, j - from_j));
        from_i = ++i;
        from_j = ++j;
      } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
        ++i;
      } else {
        ++j;
      }
    }
    tell_pairs(expected.subspan(from_i), shown.subspan(from_j));
  }

  /// The cells of a row that are compared, in one form, so that rows can be looked up.
  std::string key_of(const ExpectedRow& row) const {
    std::string out;
    for (const ExpectedCell& cell : row.cells) out += one_form_of(cell.text) + '\x1F';
    return out;
  }
  std::string key_of(std::size_t shown) const {
    std::string out;
    for (const std::size_t column : expected_.columns) {
      const std::string& json = shown_.rows[shown][column];
      out += one_form_of(expected_.csv ? field_of(json) : json) + '\x1F';
    }
    return out;
  }

  bool has_compared_columns(const ExpectedRow& row) const {
    return std::ranges::equal(row.cells, expected_.columns, {}, &ExpectedCell::column);
  }

  /// Of many rows most are found by their texts, so that not every one is compared with all others.
  void match_by_text(std::vector<std::size_t>& expected, std::vector<std::size_t>& shown) const {
    std::unordered_multimap<std::string, std::size_t> by_text;
    for (const std::size_t row : shown) by_text.emplace(key_of(row), row);
    std::unordered_set<std::size_t> taken;
    std::erase_if(expected, [&](std::size_t row) {
      const ExpectedRow& wanted = expected_.rows[row];
      const auto found = has_compared_columns(wanted) ? by_text.find(key_of(wanted)) : by_text.end();
      // A text that looks like a number has the key of the number.
      if (found == by_text.end() || !same_row(row, found->second)) return false;
      taken.insert(found->second);
      by_text.erase(found);
      return true;
    });
    std::erase_if(shown, [&](std::size_t row) { return taken.contains(row); });
  }

  /// Takes away what has an equal row, whatever its place. A row of fewer columns takes what those of more leave.
  void tell_unmatched(std::vector<std::size_t> expected, std::vector<std::size_t> shown) {
    match_by_text(expected, shown);
    if (expected.size() * shown.size() > kPairsMax) return tell_pairs(expected, shown);
    std::erase_if(expected, [&](std::size_t row) {
      const auto found = std::ranges::find_if(shown, [&](std::size_t other) { return same_row(row, other); });
      if (found == shown.end()) return false;
      shown.erase(found);
      return true;
    });
    tell_pairs(expected, shown);
  }

  void tell_pairs(std::span<const std::size_t> expected, std::span<const std::size_t> shown) {
    const std::size_t both = std::min(expected.size(), shown.size());
    for (std::size_t i = 0; i < both; ++i) tell_cells(expected[i], shown[i]);
    for (const std::size_t row : expected.subspan(both))
      told(expected_.rows[row].mark, fmt::format("{}, row {}", table_, row + 1),
           "missing: " + part_of(text_of(expected_.rows[row]), 0));
    for (const std::size_t row : shown.subspan(both))
      told(whole_, fmt::format("{}, row {}", table_, row + 1), "not expected: " + part_of(text_of(row), 0));
  }

  void tell_cells(std::size_t row, std::size_t shown) {
    for (const ExpectedCell& cell : expected_.rows[row].cells) {
      if (same_cell(cell, shown)) continue;
      const std::string wanted = expected_.csv ? json_of(std::string_view(cell.text)) : cell.text;
      const std::string& found = shown_.rows[shown][cell.column];
      tell(cell.mark.line > 0 ? cell.mark : expected_.rows[row].mark,
           fmt::format("{}, row {}, {}", table_, row + 1, shown_.columns[cell.column]), wanted, found,
           expected_.csv ? "" : hint_of(wanted, found));
    }
  }

  /// Texts and numbers that look alike are mostly a matter of quotes.
  static std::string hint_of(std::string_view wanted, std::string_view found) {
    if (wanted.starts_with('"') && field_of(wanted) == found) return "the value is no text: write it without quotes";
    return found.starts_with('"') && field_of(found) == wanted ? "the value is a text: put it in quotes" : "";
  }

  /// A row as JSON, of the columns that are compared.
  std::string text_of(const ExpectedRow& row) const {
    std::string out;
    for (const ExpectedCell& cell : row.cells)
      append(cell.column, expected_.csv ? json_of(std::string_view(cell.text)) : cell.text, out);
    return "{" + out + "}";
  }
  std::string text_of(std::size_t row) const {
    std::string out;
    for (const std::size_t column : expected_.columns) append(column, shown_.rows[row][column], out);
    return "{" + out + "}";
  }
  void append(std::size_t column, const std::string& value, std::string& out) const {
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", shown_.columns[column], value);
  }

  void tell(Node::Mark mark, std::string what, std::string_view wanted, std::string_view found, std::string hint = {}) {
    const std::size_t from = shown_from(wanted, found);
    told(mark, std::move(what), fmt::format("expected {}, got {}", part_of(wanted, from), part_of(found, from)),
         std::move(hint));
  }

  void told(Node::Mark mark, std::string what, std::string message, std::string hint = {}) {
    if (++told_ > kToldMax) return;
    if (mark.line == 0) mark = whole_;
    problems_.push_back({Problem::Severity::error,
                         {},
                         expected_.file,
                         mark.line,
                         mark.column,
                         std::move(what),
                         std::move(message),
                         std::move(hint)});
  }

  const std::string& table_;
  const ExpectedRows& expected_;
  const ShownRows& shown_;
  Node::Mark whole_;
  Problems problems_;
  std::size_t told_ = 0;
};

}  // namespace

Problems row_differences(const std::string& table, const ExpectedRows& expected, const ShownRows& shown, bool ordered,
                         Node::Mark whole) {
  return Comparison(table, expected, shown, whole).differences(ordered);
}

}  // namespace batchout
