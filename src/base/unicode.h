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

// True for a byte of UTF-8 that goes on with a character, and begins none.
inline bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Characters of a text, which are the bytes that begin one: what is not UTF-8 is no error, and bytes that only go on
// count for nothing.
std::size_t count_characters(std::string_view text);

// Bytes behind which a text can be cut: at most `bytes_max`, and as many as fit without a part of a character. Where
// no character begins in time, the text is not UTF-8, and the limit itself is the place.
std::size_t cut_size(std::string_view text, std::size_t bytes_max);

// Appends a character as UTF-8; it must be one (no surrogate, at most U+10FFFF).
void append_character(char32_t c, std::string& out);

// 0 to 9 for a decimal digit of any script.
std::optional<int> decimal_digit(char32_t c);

// What Python counts as white space.
bool is_white_space(char32_t c);

}  // namespace batchout
