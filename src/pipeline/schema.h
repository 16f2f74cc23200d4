// JSON Schema of configurations, made of the declarations.

#pragma once

#include <span>
#include <string>

#include "batchout/spec.h"

namespace batchout {

/// As Pipeline::schema, for these types; `pipeline` describes the section of that name.
std::string schema_of(std::span<const SpecInfo> types, const SpecInfo& pipeline, const SpecInfo& tests);

}  // namespace batchout
