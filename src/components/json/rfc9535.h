// The language of RFC 9535.

#pragma once

#include <expected>

#include "components/json/path.h"

namespace batchout::json {

/// Compiles a template whose slots have good formats. A slot stands in brackets of its own (`[{i}]`), as the bound of a
/// slice, in a name, in a text, or for a value in a filter.
std::expected<Path, Extractor::PathProblem> compile_rfc9535(const Template& path);

}  // namespace batchout::json
