// Exact decimal numbers between their text and PostgreSQL's `numeric`.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchout::postgres {

/// ±0.d1d2d3… × 10^point. Reused for many values; keeps its memory.
struct Decimal {
  enum class Special : std::uint8_t { none, nan, infinity };

  Special special = Special::none;
  bool negative = false;
  /// Without zeros in front; zero has none.
  std::string digits;
  /// Digits before the decimal point; may be negative or beyond the digits.
  std::int32_t point = 0;
  /// Digits after the point that the text showed: "1.50" has 2.
  std::int32_t scale = 0;
};

/// Reads what the server's `numeric` reads: blanks around, a sign, digits with a point, an exponent, NaN, Infinity.
/// Numbers beyond the server's limits are not read.
bool read_decimal(std::string_view text, Decimal& out);

/// The integer nearest to `value`, half away from zero as the server's cast; nothing beyond 64 bits.
std::optional<std::int64_t> to_integer(const Decimal& value);

/// True if `value` rounded to `scale` has at most `precision` digits, so that numeric(precision, scale) takes it.
bool fits(const Decimal& value, std::int32_t precision, std::int32_t scale);

/// Appends the value as binary COPY sends it: four 16-bit words, then digits to base 10,000.
void append_numeric(const Decimal& value, std::string& out);

}  // namespace batchout::postgres
