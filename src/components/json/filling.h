// Paths with values in their slots, as paths without slots.

#pragma once

#include <optional>
#include <span>

#include "batchout/block.h"
#include "components/json/path.h"
#include "data/projection.h"

namespace batchout::json {

/// As Extractor::filled. Values are data, whatever characters they have: none of them can be read as part of the
/// language. None for values without text, and for such as cannot stand where the slot does.
std::optional<Template> filled_in(const Template& path, std::span<const Cell> values, Syntax syntax);

}  // namespace batchout::json
