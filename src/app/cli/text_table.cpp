// Widths are counted once all lines are known.

#include "app/cli/text_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace batchout::cli {

// The program sees the library only by its face and `pipeline`, so it counts for itself.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

void print_aligned(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.empty() ? 0 : lines.front().size());
  for (const auto& cells : lines)
    for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], width_of(cells[c]));
  for (const auto& cells : lines) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      line += cells[c];
      if (c + 1 < cells.size()) line.append(widths[c] - width_of(cells[c]) + 2, ' ');
    }
    fmt::print("{}\n", line);
  }
}

}  // namespace batchout::cli
