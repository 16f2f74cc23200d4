// The language of jsonpath_rw 1.4.

#pragma once

#include <expected>

#include "components/json/path.h"

namespace batchout::json {

/// Compiles a template whose slots have good formats.
std::expected<Path, Extractor::PathProblem> compile_jsonpath_rw(const Template& path);

}  // namespace batchout::json
