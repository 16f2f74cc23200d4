// Names of files as names of units, which stores keep as texts.

#pragma once

#include <string>
#include <string_view>

namespace batchout::file {

/// The path itself. One that is not UTF-8 has its broken bytes and percent signs percent-encoded, and a slash at its
/// end, which no path of a file has: so each path has a name of its own.
std::string unit_name(std::string_view path);

/// The path of a unit's name.
std::string path_of_unit(std::string_view name);

}  // namespace batchout::file
