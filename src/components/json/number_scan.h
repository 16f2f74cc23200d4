// Numbers, checked to the letter of RFC 8259 and read eight digits at a time.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "components/json/bytes.h"
#include "components/json/scalar.h"

namespace batchout::json {

/// A number as it stands in a document.
struct ScannedNumber {
  const char* end = nullptr;  ///< Null: it is malformed, or not ended.
  std::uint64_t digits = 0;   ///< All digits before the exponent as one integer, modulo 2^64.
  std::uint32_t digit_count = 0;
  std::uint32_t fraction_count = 0;  ///< Those of them behind the point.
  bool negative = false;
  bool fraction = false;
  bool exponent = false;

  bool integer() const { return !fraction && !exponent; }
};

/// How many of the bytes are digits before the first one that is not: 0 to 8.
inline std::uint32_t digit_run(std::uint64_t word) {
  // A byte beyond 9 has a high bit, in itself or once 6 is added; what a sum carries goes to later bytes only.
  const std::uint64_t digits = word ^ 0x3030'3030'3030'3030;
  const std::uint64_t others = (digits | (digits + 0x0606'0606'0606'0606)) & 0xF0F0'F0F0'F0F0'F0F0;
  return others == 0 ? 8 : static_cast<std::uint32_t>(std::countr_zero(others)) / 8;
}

/// The value of the first `count` (1 to 8) bytes, which are digits.
inline std::uint64_t value_of_run(std::uint64_t word, std::uint32_t count) {
  // Zeros in front make it eight digits; then pairs, fours and eights are joined by one multiplication each.
  word = (word & 0x0F0F'0F0F'0F0F'0F0F) << (64 - 8 * count);
  word = word * (10 * 256 + 1) >> 8 & 0x00FF'00FF'00FF'00FF;
  word = word * (100 * 65536 + 1) >> 16 & 0x0000'FFFF'0000'FFFF;
  return word * (10000 * (std::uint64_t{1} << 32) + 1) >> 32;
}

/// Powers of ten, as far as doubles hold them exactly and beyond what a run of digits needs.
inline constexpr std::uint64_t kPowersOfTen[] = {1,       10,        100,        1'000,      10'000,
                                                 100'000, 1'000'000, 10'000'000, 100'000'000};
inline constexpr double kExactPowersOfTen[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// A number of at most 8 digits before its point and 7 behind it, without its sign: most of them are.
struct ShortNumber {
  std::uint64_t digits = 0;
  std::uint32_t fraction_count = 0;

  /// Both are exact, so their quotient is rounded once: the nearest double.
  double real() const {
    return static_cast<double>(static_cast<std::int64_t>(digits)) / kExactPowersOfTen[fraction_count];
  }
};

/// What is behind the number at `at`, which must be followed by eight readable bytes; null if it is malformed, longer,
/// or not followed by a comma, a bracket or a line end.
inline const char* read_short_number(const char* at, ShortNumber& number) {
  const std::uint64_t whole = load_word(at);
  const std::uint32_t whole_count = digit_run(whole);
  if (whole_count == 0 || (whole_count > 1 && *at == '0')) return nullptr;
  number.digits = value_of_run(whole, whole_count);
  at += whole_count;
  if (*at == '.') {
    const std::uint64_t fraction = load_word(at + 1);
    number.fraction_count = digit_run(fraction);
    if (number.fraction_count - 1 >= 7) return nullptr;
    number.digits = number.digits * kPowersOfTen[number.fraction_count] + value_of_run(fraction, number.fraction_count);
    at += 1 + number.fraction_count;
  }
  return *at == ',' || (*at & 0xDF) == ']' || *at == '\n' ? at : nullptr;  // `}` differs from `]` in one bit.
}

/// The same for a number whose value does not matter, its sign included; what follows is left to the caller, and null
/// means that `scan_number` must decide.
inline const char* skip_short_number(const char* at) {
  // A guess, so that the digits need not wait for the sign.
  if (*at == '-') [[unlikely]]
    ++at;
  const std::uint32_t whole_count = digit_run(load_word(at));
  if (whole_count - 1 >= 7 || (whole_count > 1 && *at == '0')) return nullptr;
  at += whole_count;
  if (*at == '.') {
    const std::uint32_t fraction_count = digit_run(load_word(at + 1));
    if (fraction_count - 1 >= 7) return nullptr;
    at += 1 + fraction_count;
  }
  return (*at | 0x20) != 'e' ? at : nullptr;
}

/// Appends the digits at `at` to the number and returns what is behind them.
inline const char* scan_digits(const char* at, ScannedNumber& number) {
  for (;;) {
    const std::uint64_t word = load_word(at);
    const std::uint32_t count = digit_run(word);
    if (count == 0) return at;
    number.digits = number.digits * kPowersOfTen[count] + value_of_run(word, count);
    number.digit_count += count;
    at += count;
    if (count < 8) return at;
  }
}

/// Behind `e`: sign and digits; null if there are none.
inline const char* scan_exponent(const char* at) {
  if (*at == '+' || *at == '-') ++at;
  ScannedNumber exponent;
  at = scan_digits(at, exponent);
  return exponent.digit_count > 0 ? at : nullptr;
}

/// The number at `at`. It must be followed by bytes that end it, and eight of them must be readable.
inline ScannedNumber scan_number(const char* at) {
  ScannedNumber number;
  number.negative = *at == '-';
  if (number.negative) ++at;
  const bool leading_zero = *at == '0';
  at = scan_digits(at, number);
  if (number.digit_count == 0 || (leading_zero && number.digit_count > 1)) return number;
  if (*at == '.') {
    number.fraction = true;
    const std::uint32_t whole = number.digit_count;
    at = scan_digits(at + 1, number);
    number.fraction_count = number.digit_count - whole;
    if (number.fraction_count == 0) return number;
  }
  if ((*at | 0x20) == 'e') {
    number.exponent = true;
    at = scan_exponent(at + 1);
    if (at == nullptr) return number;
  }
  if (ends_scalar(*at)) number.end = at;
  return number;
}

/// What the number, written as `text`, means.
inline Cell cell_of(const ScannedNumber& number, std::string_view text) {
  constexpr std::uint32_t kExactDigits = 15;    // Below 2^53: doubles hold such integers, and powers of ten as far.
  constexpr std::uint32_t kIntegerDigits = 18;  // Below 2^63.
  if (number.integer() && number.digit_count <= kIntegerDigits) {
    const auto value = static_cast<std::int64_t>(number.digits);
    return {Tag::integer, number.negative ? -value : value, 0, text};
  }
  if (number.exponent || number.integer() || number.digit_count > kExactDigits)
    return number_cell(text, number.integer());
  // Both are exact, so their quotient is rounded once: the nearest double.
  const double value = static_cast<double>(number.digits) / kExactPowersOfTen[number.fraction_count];
  return {Tag::real, 0, number.negative ? -value : value, text};
}

}  // namespace batchout::json
