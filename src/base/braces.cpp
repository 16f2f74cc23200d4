// The format strings of the original, as far as they name values.

#include "base/braces.h"

#include <algorithm>

namespace batchout {

std::optional<std::string> fill_braces(std::string_view text,
                                       const std::function<std::optional<std::string>(std::string_view)>& value_of) {
  std::string out;
  while (!text.empty()) {
    const std::size_t brace = std::min(text.find_first_of("{}"), text.size());
    out += text.substr(0, brace);
    text.remove_prefix(brace);
    if (text.empty()) break;
    if (text.starts_with("{{") || text.starts_with("}}")) {
      out += text[0];
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.find('}');
    if (text[0] == '}' || end == std::string_view::npos) return std::nullopt;
    const auto value = value_of(text.substr(1, end - 1));
    if (!value) return std::nullopt;
    out += *value;
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace batchout
