// Texts that are a number with a unit.

#include "config/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "config/scalar.h"

namespace batchout {
namespace {

// Of milliseconds or of bytes.
struct Unit {
  std::string_view name;
  double factor = 1;
};

constexpr double kSecond = 1'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::array kTimeUnits{Unit{"ms", 1}, Unit{"s", kSecond}, Unit{"m", kMinute}, Unit{"h", kHour},
                                Unit{"d", kDay}};

constexpr double kKi = 1024, kMi = kKi * 1024, kGi = kMi * 1024, kTi = kGi * 1024;
// Single letters and KiB, MiB, … are powers of 1024, kB, MB, … powers of 1000, as in dd. Case matters: m is no M.
constexpr std::array kSizeUnits{Unit{"", 1},      Unit{"B", 1},    Unit{"k", kKi},   Unit{"K", kKi},
                                Unit{"KiB", kKi}, Unit{"kB", 1e3}, Unit{"KB", 1e3},  Unit{"M", kMi},
                                Unit{"MiB", kMi}, Unit{"MB", 1e6}, Unit{"G", kGi},   Unit{"GiB", kGi},
                                Unit{"GB", 1e9},  Unit{"T", kTi},  Unit{"TiB", kTi}, Unit{"TB", 1e12}};

// Doubles are exact up to here; no time and no size of a configuration is longer.
constexpr double kExactMax = 9'007'199'254'740'992.0;

// A decimal number without sign, at most one blank run, and one of the units exactly as written there. No exponent: it
// would need a letter before the unit.
std::optional<double> with_unit(std::string_view text, std::span<const Unit> units) {
  const std::size_t size = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = decimal_real(text.substr(0, size));
  std::string_view name = text.substr(size);
  while (name.starts_with(' ')) name.remove_prefix(1);
  for (const Unit& unit : units)
    if (number && unit.name == name) return *number * unit.factor;
  return std::nullopt;
}

// False for NaN as well.
bool is_usable(double value) {
  return value >= 0 && value <= kExactMax;
}

}  // namespace

std::optional<std::chrono::milliseconds> duration_of_seconds(double seconds) {
  const double milliseconds = std::round(seconds * kSecond);
  if (!is_usable(milliseconds)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

// With a unit only: a plain number in quotes is left to the caller, who knows whether it may be seconds.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  const auto milliseconds = with_unit(text, kTimeUnits);
  return milliseconds ? duration_of_seconds(*milliseconds / kSecond) : std::nullopt;
}

std::optional<std::uint64_t> byte_size_of(double bytes) {
  if (!is_usable(bytes)) return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::optional<std::uint64_t> byte_size_of(std::string_view text) {
  const auto bytes = with_unit(text, kSizeUnits);
  return bytes ? byte_size_of(*bytes) : std::nullopt;
}

// For references and defaults, where whole seconds are usual.
std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

// The largest binary unit that divides without rest; plain bytes need no unit.
std::string byte_size_text(std::uint64_t bytes) {
  if (bytes > 0 && bytes % (1u << 30) == 0) return fmt::format("{}GiB", bytes >> 30);
  if (bytes > 0 && bytes % (1u << 20) == 0) return fmt::format("{}MiB", bytes >> 20);
  if (bytes > 0 && bytes % (1u << 10) == 0) return fmt::format("{}KiB", bytes >> 10);
  return fmt::format("{}", bytes);
}

}  // namespace batchout
