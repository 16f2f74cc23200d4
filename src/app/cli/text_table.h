// Rows of texts as a table for people.

#pragma once

#include <string>
#include <vector>

namespace batchout::cli {

/// Prints lines to standard output, the columns as wide as their longest cell and two blanks apart; no blanks at the
/// end of a line. All lines have as many cells as the first one.
void print_aligned(const std::vector<std::vector<std::string>>& lines);

}  // namespace batchout::cli
