// Cells as text and as JSON, the same in every output that writes text.
//
// Times are ISO 8601 in the column's zone, reals are shortest round trip with a fraction or exponent, booleans are true
// and false, JSON cells stay as they were delivered.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "batchout/block.h"

namespace batchout {

// Room that write_plain needs.
inline constexpr std::size_t kPlainSizeMax = 64;

// Writes a cell that holds a value other than bytes: boolean, integer, real, date or datetime. Returns the end.
char* write_plain(char* out, const Cell& cell, const TimeZone* zone);

// Appends `text` (UTF-8) as a JSON string: only '"', '\' and the characters below 0x20 are escaped.
void append_json_string(std::string_view text, std::string& out);

}  // namespace batchout
