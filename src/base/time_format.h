// Times by a strptime format, as Python 3.11 reads them in the C locale.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/calendar.h"

namespace batchout {

// The whole text has to match. White space in the format stands for any run of it; letters match in any case. Parts
// that the format lacks are those of 1900-01-01T00:00:00. An unknown directive matches nothing.
std::optional<WrittenTime> read_formatted_time(std::string_view text, std::string_view format);

// Why no text can match the format, as a sentence; nothing if it is fine.
std::optional<std::string> time_format_problem(std::string_view format);

}  // namespace batchout
