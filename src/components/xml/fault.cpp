// Lines end with a line feed, as libxml2 counts them.

#include "components/xml/fault.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/unicode.h"

namespace batchout::xml {

std::string place_in(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::string_view line = before.substr(before.rfind('\n') + 1);
  return fmt::format("at line {}, column {}", std::ranges::count(before, '\n') + 1, count_characters(line) + 1);
}

}  // namespace batchout::xml
