// Shows a time that was read as one text, so that tables of cases can be compared.

#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/calendar.h"
#include "base/time_text.h"

namespace batchout {

// The local time, then the offset in seconds if one was written; empty if nothing was read.
inline std::string shown(const std::optional<WrittenTime>& time) {
  if (!time) return {};
  char buffer[kTimeSizeMax];
  std::string text(buffer, write_time(buffer, time->local_us, nullptr));
  if (time->offset_us) text += fmt::format(" {:+}", *time->offset_us / kSecond);
  return text;
}

}  // namespace batchout
