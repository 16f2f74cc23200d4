// Dead letters as people and programs read them. All on standard output.

#pragma once

#include <string>
#include <vector>

#include "pipeline/letters.h"

namespace batchout::cli {

/// A table with a line for each letter.
void print_letters(const std::vector<Letter>& letters);

/// Everything about one letter, its payload last: as text, or else in Base64.
void print_letter(const Letter& letter);

/// "3 letters", "1 letter".
std::string letters_text(std::size_t count);

}  // namespace batchout::cli
