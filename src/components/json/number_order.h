// The order of JSON numbers, exact whatever their size.

#pragma once

#include <compare>

#include "batchout/block.h"

namespace batchout::json {

/// Compares two cells with the tags integer, decimal or real. The text of decimal and real ones is the number as
/// written; a real without text is NaN or infinite. NaN has no order.
std::partial_ordering compare_numbers(const Cell& a, const Cell& b);

}  // namespace batchout::json
