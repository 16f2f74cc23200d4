// One path on one payload, for people who try paths out.

#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "components/xml/fault.h"
#include "components/xml/path.h"
#include "data/program.h"

namespace batchout::xml {

/// As Extractor::check.
std::optional<Extractor::PathProblem> check_path(const Template& path, const Namespaces& namespaces);

/// As Extractor::find: where a match is comes as an XPath of its own; numbers, texts and booleans have no place.
std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> look_up(const Template& path,
                                                                             const Namespaces& namespaces, Form form,
                                                                             std::string_view payload);

}  // namespace batchout::xml
