// Values as JSON, from the texts that the server sends.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchout::postgres {

/// How the text of a value becomes JSON.
enum class JsonForm : std::uint8_t {
  text,
  boolean,
  integer,
  /// With a fraction or an exponent; what is not finite is a text.
  real,
  /// As it is.
  json,
  /// Fractions have six digits, offsets have minutes.
  time,
  /// Days and hours; with months as the server writes it.
  interval
};

/// Appends one value. The text is what the server sends with DateStyle ISO and IntervalStyle postgres.
void append_as(JsonForm form, std::string_view text, std::string& out);

/// Appends an array as lists; what is no array is a text.
void append_array(JsonForm form, char delimiter, std::string_view text, std::string& out);

}  // namespace batchout::postgres
