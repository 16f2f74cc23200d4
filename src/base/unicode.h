// The few facts about Unicode that reading text needs.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchout {

// Beyond all characters.
inline constexpr char32_t kNoCharacter = 0xFFFFFFFF;

// The character that begins at `at`, which is moved behind it; kNoCharacter (one byte further) where UTF-8 is broken.
// `at` must be below text.size().
char32_t next_character(std::string_view text, std::size_t& at);

// Bytes up to the first place where UTF-8 is broken; npos: nowhere.
std::size_t find_broken_utf8(std::string_view text);

// Appends a character as UTF-8; it must be one (no surrogate, at most U+10FFFF).
void append_character(char32_t c, std::string& out);

// 0 to 9 for a decimal digit of any script.
std::optional<int> decimal_digit(char32_t c);

// What Python counts as white space.
bool is_white_space(char32_t c);

}  // namespace batchout
