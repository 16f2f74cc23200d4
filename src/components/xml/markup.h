// Markup that is only passed over by the walk without a tree: what may stand around the root element, comments and
// instructions; and the classes of bytes that tags are made of.
//
// A place is a pointer into a document behind whose end there are readable bytes. All functions return the place behind
// what they read, or null for what must be left to the tree.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ascii.h"

namespace batchout::xml {

/// Bytes; all limits of libxml2 are beyond these.
inline constexpr std::size_t kNameMax = 1024;
/// Bytes of one text node, comment or instruction, as written.
inline constexpr std::size_t kRunMax = 4 << 20;

/// Bits of kClasses.
inline constexpr std::uint8_t kNamePart = 1;
inline constexpr std::uint8_t kNameStart = 2;
inline constexpr std::uint8_t kBlank = 4;

// Classes of bytes. Names beyond ASCII are left to the tree.
constexpr std::array<std::uint8_t, 256> classes() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 128; ++c) {
    const char letter = lower(static_cast<char>(c));
    const bool starts = (letter >= 'a' && letter <= 'z') || letter == '_';
    if (starts) table[c] |= kNameStart;
    if (starts || is_digit(letter) || letter == '-' || letter == '.' || letter == ':') table[c] |= kNamePart;
    if (letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r') table[c] |= kBlank;
  }
  return table;
}
inline constexpr auto kClasses = classes();

inline bool is(char c, std::uint8_t kind) {
  return (kClasses[static_cast<unsigned char>(c)] & kind) != 0;
}

/// Stops at any other byte, at the latest at the 0x01 behind a payload.
inline const char* skip_blanks(const char* at) {
  while (is(*at, kBlank)) ++at;
  return at;
}

/// Stops there, too.
inline const char* name_end(const char* at) {
  while (is(*at, kNamePart)) ++at;
  return at;
}

/// The XML declaration, and everything else in front of the root element.
const char* behind_prolog(const char* at, const char* end);

/// Blanks, comments and instructions outside of the root element: up to the next other thing, or `end`.
const char* behind_outer_markup(const char* at, const char* end);

/// A comment from behind its `<!`.
const char* behind_comment(const char* at, const char* end);

/// An instruction from behind its `<?`.
const char* behind_instruction(const char* at, const char* end);

}  // namespace batchout::xml
