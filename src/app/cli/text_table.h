// Rows of texts as a table for people.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace batchout::cli {

/// Characters, not bytes: what a terminal's column is for most scripts.
std::size_t width_of(std::string_view text);

/// Prints lines to standard output, the columns as wide as their longest cell and two blanks apart; no blanks at the
/// end of a line. All lines have as many cells as the first one.
void print_aligned(const std::vector<std::vector<std::string>>& lines);

}  // namespace batchout::cli
