// Texts that are a number with a unit: lengths of time and sizes in bytes.
//
// Times are rounded to milliseconds, sizes down to bytes; both stay below 2^53, where doubles are exact.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchout {

/// "1s", "250ms", "1.5h"; without a unit nothing. Nothing as well for negative and for endless times.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);
/// Rounds to milliseconds; nothing for NaN, too.
std::optional<std::chrono::milliseconds> duration_of_seconds(double seconds);

/// "64k", "16MiB", "1000"; nothing for negative and for endless sizes.
std::optional<std::uint64_t> byte_size_of(std::string_view text);
/// Cuts a fraction off; nothing for NaN, too.
std::optional<std::uint64_t> byte_size_of(double bytes);

/// A text that reads back to the same value: whole seconds or milliseconds, and the largest binary unit that divides.
std::string duration_text(std::chrono::milliseconds duration);
std::string byte_size_text(std::uint64_t bytes);

}  // namespace batchout
