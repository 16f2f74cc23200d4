// Parts of a text with something between them.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace batchout {

/// What `text(i)` gives for i from 0 to `parts` - 1, with `separator` between; empty parts are left out.
std::string joined(std::size_t parts, std::string_view separator, const auto& text) {
  std::string out;
  for (std::size_t i = 0; i < parts; ++i) {
    const std::string part = text(i);
    if (part.empty()) continue;
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

}  // namespace batchout
