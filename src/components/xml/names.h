// Names in XPath.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "base/ascii.h"

namespace batchout::xml {

/// Tests of nodes that look like functions (section 2.3).
inline constexpr std::array<std::string_view, 4> kNodeTypes = {"comment", "node", "processing-instruction", "text"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

inline bool is_name_start(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || c == '_' || (lower(c) >= 'a' && lower(c) <= 'z');
}

/// Of a name without a prefix: no colon.
inline bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c) || c == '-' || c == '.';
}

/// 0 if no name begins there. Colons are no part of it.
inline std::size_t name_size(std::string_view text) {
  if (text.empty() || !is_name_start(text.front())) return 0;
  std::size_t size = 1;
  while (size < text.size() && is_name_part(text[size])) ++size;
  return size;
}

}  // namespace batchout::xml
