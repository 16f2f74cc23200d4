// Names of files as names of units, which stores keep as texts.

#include "components/file/unit_name.h"

#include "base/percent.h"
#include "base/unicode.h"

namespace batchout::file {

std::string unit_name(std::string_view path) {
  if (find_broken_utf8(path) >= path.size()) return std::string(path);
  std::string name;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t before = at;
    const bool broken = next_character(path, at) == kNoCharacter || path[before] == '%';
    const std::string_view bytes = path.substr(before, at - before);
    name += broken ? percent_encoded(bytes, "") : std::string(bytes);
  }
  return name += '/';
}

// What is no encoding, and a path with a slash at its end is none of a file, stays as it is.
std::string path_of_unit(std::string_view name) {
  if (!name.ends_with('/')) return std::string(name);
  return percent_decoded(name.substr(0, name.size() - 1)).value_or(std::string(name));
}

}  // namespace batchout::file
