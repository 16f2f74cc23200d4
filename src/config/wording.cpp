// How keys and values appear inside messages.

#include "config/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/unicode.h"

namespace batchout {
namespace {

// Bytes of a value in a message.
constexpr std::size_t kShownMax = 60;
// Longer words are no typing mistakes; bounds the work per unknown key.
constexpr std::size_t kWordMax = 64;
// More of them turn any word into another.
constexpr std::size_t kMistakesMax = 3;
// A shorter common part says nothing.
constexpr std::size_t kPartMin = 4;
// More names than this do not help.
constexpr std::size_t kSuggestionsMax = 24;

// Control characters could move the cursor of the reader's terminal.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char byte : text) {
    if (byte == '\n')
      out += "\\n";
    else if (byte == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    else
      out += byte;
  }
  return out;
}

// At most kShownMax bytes, ending between two characters.
std::string cut(std::string_view text) {
  if (text.size() <= kShownMax) return escaped(text);
  return escaped(text.substr(0, cut_size(text, kShownMax))) + "…";
}

// ASCII only: keys are ASCII.
void lower(std::string_view text, std::string& out) {
  out = text;
  for (char& byte : out)
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
}

// Of the longest words that are compared.
using Row = std::array<std::size_t, kWordMax + kMistakesMax + 2>;

// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. The optimal string
// alignment distance. Three rows are enough: a swap looks back by two.
std::size_t typing_distance(std::string_view left, std::string_view right) {
  std::array<Row, 3> rows;
  auto& [before_last, last, row] = rows;
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[right.size()];
}

// One word inside the other, for example servers in bootstrap_servers.
bool shares_part(std::string_view left, std::string_view right) {
  const auto [shorter, longer] = left.size() < right.size() ? std::pair(left, right) : std::pair(right, left);
  return shorter.size() >= kPartMin && longer.contains(shorter);
}

}  // namespace

// Quotes inside are not doubled: the text is for people, not for a parser.
std::string in_quotes(std::string_view text) {
  return "\"" + cut(text) + "\"";
}

std::string join_path(std::string_view path, std::string_view key) {
  return path.empty() ? cut(key) : fmt::format("{}.{}", path, cut(key));
}

std::string join_path(std::string_view path, std::size_t position) {
  return fmt::format("{}[{}]", path, position);
}

// One mistake is allowed per three letters, at least one and at most kMistakesMax: more than that turns a word into
// another.
std::optional<std::string> near_miss(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > kWordMax) return std::nullopt;
  std::string wanted, other;
  lower(word, wanted);
  const std::string* best = nullptr;
  const std::string* part = nullptr;
  // At least one letter has to be right: of two names with one letter neither is a misspelt form of the other.
  std::size_t best_distance = std::min(std::clamp<std::size_t>(word.size() / 3, 1, kMistakesMax) + 1, word.size());
  for (const std::string& candidate : candidates) {
    const std::size_t lengths_apart = std::max(candidate.size(), word.size()) - std::min(candidate.size(), word.size());
    if (lengths_apart >= best_distance && part != nullptr) continue;
    lower(candidate, other);
    if (part == nullptr && shares_part(wanted, other)) part = &candidate;
    if (lengths_apart >= best_distance) continue;
    const std::size_t distance = typing_distance(wanted, other);
    if (distance >= best_distance) continue;
    best = &candidate;
    best_distance = distance;
  }
  if (best == nullptr) best = part;
  return best == nullptr ? std::nullopt : std::optional(*best);
}

// A long list of names would hide the message, so it is left out.
std::string suggestion(std::string_view word, std::span<const std::string> candidates, std::string_view prefix) {
  if (const auto meant = near_miss(word, candidates)) return fmt::format("did you mean {}?", in_quotes(*meant));
  if (candidates.empty()) return "none is declared";
  if (candidates.size() > kSuggestionsMax) return {};
  return fmt::format("{} {}", prefix, fmt::join(candidates, ", "));
}

}  // namespace batchout
