// Numbers as text: written as Python writes them, read as Python's int() and float() read them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchout {

// Characters of any 64-bit integer.
inline constexpr std::size_t kIntegerSizeMax = 20;
// Room that write_real needs.
inline constexpr std::size_t kRealSizeMax = 32;

// Writes the shortest text that reads back as the same double, always with a fraction or an exponent (1.0, 100000.0,
// 1e+16, 1e-05) unless it is inf, -inf or nan. Returns the end.
char* write_real(char* out, double value);
void append_real(std::string& out, double value);

// At most kIntegerSizeMax characters. Returns the end.
char* write_integer(char* out, std::int64_t value);

// An integer read from text: its value, or its digits if it does not fit.
struct ReadInteger {
  std::optional<std::int64_t> value;
  // Normalised: '-' or nothing, no leading zeros. Empty if `value` is there.
  std::string digits;
};

// Blanks around, a sign, decimal digits of any script, single '_' between digits; at most `digits_max` digits. None if
// the text is no integer.
std::optional<ReadInteger> read_integer(std::string_view text, std::size_t digits_max = 4096);

// As read_integer, with a fraction, an exponent, or "inf", "infinity" and "nan" in any case. Too large becomes
// infinite.
std::optional<double> read_real(std::string_view text);

// True for a number as JSON writes it.
bool is_json_number(std::string_view text);

// Characters of a number that read_decimal takes.
inline constexpr std::size_t kDecimalSizeMax = 4096;

// What read_real reads, as a JSON number with the digits as they are written: no blanks, '+', '_' and leading zeros,
// and digits around the point. Nothing for "inf" and "nan".
std::optional<std::string> read_decimal(std::string_view text);

// The whole digits of a finite double, cut towards zero.
std::string integer_digits(double value);

}  // namespace batchout
