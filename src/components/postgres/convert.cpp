// The rules from cell to column type, one function per family of types.

#include "components/postgres/convert.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/json_text.h"
#include "base/unicode.h"
#include "data/render.h"

namespace batchout::postgres {
namespace {

// Far below what the server's stack takes (max_stack_depth, 2 MB by default).
constexpr int kJsonDepthMax = 1'000;

// The server counts times from here.
constexpr std::int64_t kDays2000 = day_of({2000, 1, 1});

// Sets `out` in both cases, so that the caller may ignore the range.
Refusal integer_in(std::int64_t number, std::int64_t min, std::int64_t max, Value& out) {
  out.form = Value::Form::integer;
  out.integer = number;
  return number < min || number > max ? Refusal::range : Refusal::none;
}

Refusal text_of(std::string_view text, Value& out) {
  out.form = Value::Form::text;
  out.text = text;
  return Refusal::none;
}

// ------------------------------------------------------------------------------------------------------- booleans

// The server takes any beginning of these words that belongs to one of them only.
Refusal boolean_from(std::string_view text, Value& out) {
  struct Word {
    std::string_view word;
    std::size_t least;
    bool value;
  };
  static constexpr Word kWords[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
                                    {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};
  text = trimmed(text);
  for (const Word& word : kWords)
    if (text.size() >= word.least && text.size() <= word.word.size() &&
        equal_ignoring_case(text, word.word.substr(0, text.size())))
      return integer_in(word.value ? 1 : 0, 0, 1, out);
  return Refusal::mismatch;
}

// Other integers than 0 and 1 are true for the server's cast, but not for its input function, which COPY uses.
Refusal to_boolean(const Cell& cell, Value& out) {
  switch (cell.tag) {
    case Tag::boolean:
      return integer_in(cell.integer, 0, 1, out);
    case Tag::integer:
      return integer_in(cell.integer, 0, 1, out) == Refusal::none ? Refusal::none : Refusal::mismatch;
    case Tag::text:
      return boolean_from(cell.text, out);
    default:
      return Refusal::mismatch;
  }
}

// -------------------------------------------------------------------------------------------------------- numbers

// Text that is an integer and nothing else: "12.0" is not one, as for the server.
Refusal integer_from(std::string_view text, std::int64_t min, std::int64_t max, Value& out) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return Refusal::mismatch;
  if (error == std::errc::result_out_of_range) return Refusal::range;
  return integer_in(number, min, max, out);
}

// from_chars also takes the nan(…) of C, which the server does not: words are compared as a whole.
Refusal real_from(std::string_view text, double& out) {
  text = trimmed(text);
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const std::string_view magnitude = text.substr(text.starts_with('-') ? 1 : 0);
  const bool numeric = !magnitude.empty() && (magnitude.front() == '.' || is_digit(magnitude.front()));
  if (!numeric && !equal_ignoring_case(magnitude, "nan") && !equal_ignoring_case(magnitude, "inf") &&
      !equal_ignoring_case(magnitude, "infinity"))
    return Refusal::mismatch;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument) return Refusal::mismatch;
  return error == std::errc{} ? Refusal::none : Refusal::range;
}

// A double that becomes infinite or zero as a float is an error on the server.
bool fits_float4(double number) {
  const auto narrow = static_cast<float>(number);
  return !(std::isinf(narrow) && !std::isinf(number)) && !(narrow == 0 && number != 0);
}

Refusal to_real(const Cell& cell, Family family, Value& out) {
  out.form = Value::Form::real;
  Refusal refusal = Refusal::none;
  switch (cell.tag) {
    case Tag::boolean:
    case Tag::integer:
      out.real = static_cast<double>(cell.integer);
      break;
    case Tag::real:
      out.real = cell.real;
      break;
    case Tag::decimal:
    case Tag::text:
      refusal = real_from(cell.text, out.real);
      break;
    default:
      return Refusal::mismatch;
  }
  if (refusal == Refusal::none && family == Family::float4 && !fits_float4(out.real)) return Refusal::range;
  return refusal;
}

// ------------------------------------------------------------------------------------------------- texts and times

// Blanks beyond the length are cut off by the server, anything else is an error.
bool fits_length(std::string_view text, std::int32_t characters) {
  if (characters < 0 || text.size() <= static_cast<std::size_t>(characters)) return true;
  while (text.ends_with(' ')) text.remove_suffix(1);
  return count_characters(text) <= static_cast<std::size_t>(characters);
}

// What can be told of a time without the server: a date in ISO form has a month and a day, and any other text has a
// digit or is one of the server's words.
bool time_possible(std::string_view text) {
  text = trimmed(text);
  const bool iso = text.size() >= 10 && std::all_of(text.begin(), text.begin() + 4, is_digit) && text[4] == '-' &&
                   is_digit(text[5]) && is_digit(text[6]) && text[7] == '-' && is_digit(text[8]) && is_digit(text[9]);
  if (iso) {
    const int month = (text[5] - '0') * 10 + (text[6] - '0'), day = (text[8] - '0') * 10 + (text[9] - '0');
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
  }
  if (std::ranges::any_of(text, is_digit)) return true;
  for (const std::string_view word : {"now", "today", "tomorrow", "yesterday", "epoch", "infinity", "-infinity"})
    if (equal_ignoring_case(text, word)) return true;
  return false;
}

// An array literal begins with a brace, or with bounds such as "[2:3]=".
bool array_possible(std::string_view text) {
  text = trimmed(text);
  return text.starts_with('{') || (text.starts_with('[') && text.contains("]="));
}

}  // namespace

// The test of eight bytes: (word - ones) sets a high bit where a byte is 0. A borrow can set one too many, which only
// sends the eight through the slow way.
bool storable_text(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    if (end - at >= 8) {  // Eight ASCII bytes other than NUL at a time.
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      constexpr std::uint64_t kHigh = 0x8080808080808080, kOnes = 0x0101010101010101;
      if (((word | (word - kOnes)) & kHigh) == 0) {
        at += 8;
        continue;
      }
    }
    const auto byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
    const unsigned char first = byte(0);
    if (first == 0) return false;
    if (first < 0x80) {
      ++at;
      continue;
    }
    const int size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || end - at < size) return false;
    for (int i = 1; i < size; ++i)
      if (!continues_character(at[i])) return false;
    const unsigned char second = byte(1);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool beyond = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
    if (overlong || beyond) return false;
    at += size;
  }
  return true;
}

// Asked per block, because one column that needs text puts the whole COPY into text.
bool binary_possible(const ColumnShape& from, Family to) {
  switch (to) {
    case Family::date:
    case Family::timestamp:
      return from.kind == Kind::date || from.kind == Kind::datetime;
    case Family::timestamptz:  // A local time becomes an instant in the session's zone, which only the server knows.
      return from.kind == Kind::datetime && from.zone;
    case Family::array:
    case Family::other:
      return false;
    default:
      return true;
  }
}

Refusal Converter::convert(const Cell& cell, const TargetColumn& column, const TimeZone* zone, Format format,
                           Value& out) {
  if (cell.empty()) {
    out.form = Value::Form::null;
    return column.not_null ? Refusal::null : Refusal::none;
  }
  if (is_textual(cell.tag) && !storable_text(cell.text)) return Refusal::characters;
  switch (column.family) {
    case Family::boolean:
      return to_boolean(cell, out);
    case Family::int2:
      return to_integer_column(cell, std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max(),
                               out);
    case Family::int4:
      return to_integer_column(cell, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(),
                               out);
    case Family::int8:
      return to_integer_column(cell, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                               out);
    case Family::float4:
    case Family::float8:
      return to_real(cell, column.family, out);
    case Family::numeric:
      return to_numeric(cell, column, out);
    case Family::date:
    case Family::timestamp:
    case Family::timestamptz:
      return to_time(cell, column.family, zone, format, out);
    case Family::json:
    case Family::jsonb:
      return to_json(cell, column, zone, out);
    case Family::uuid:
      return to_uuid(cell, format, out);
    case Family::text:
    case Family::enumeration:
    case Family::array:
    case Family::other:
      break;
  }
  return to_text(cell, column, zone, out);
}

// A fraction rounds as the server's cast from numeric or double does; the input function would refuse it.
Refusal Converter::to_integer_column(const Cell& cell, std::int64_t min, std::int64_t max, Value& out) {
  switch (cell.tag) {
    case Tag::boolean:
    case Tag::integer:
      return integer_in(cell.integer, min, max, out);
    case Tag::real: {
      // Half to even, as the server's cast. 2^63 is the first double beyond 64 bits.
      const double rounded = std::nearbyint(cell.real);
      if (!(rounded >= -0x1p63 && rounded < 0x1p63)) return Refusal::range;
      return integer_in(static_cast<std::int64_t>(rounded), min, max, out);
    }
    case Tag::decimal: {
      if (!read_decimal(cell.text, decimal_)) return Refusal::mismatch;
      const auto number = to_integer(decimal_);
      return number ? integer_in(*number, min, max, out) : Refusal::range;
    }
    case Tag::text:
      return integer_from(cell.text, min, max, out);
    default:
      return Refusal::mismatch;
  }
}

// The text is kept for the text format; binary needs the digits.
Refusal Converter::to_numeric(const Cell& cell, const TargetColumn& column, Value& out) {
  char digits[32];
  out.form = Value::Form::decimal;
  if (cell.tag == Tag::boolean || cell.tag == Tag::integer) {
    const auto end = std::to_chars(digits, digits + sizeof digits, cell.integer).ptr;
    text_.assign(digits, end);
    out.text = text_;
  } else if (cell.tag == Tag::real) {
    const auto end = std::to_chars(digits, digits + sizeof digits, cell.real).ptr;
    text_.assign(digits, end);
    out.text = text_;
  } else if (cell.tag == Tag::decimal || cell.tag == Tag::text) {
    out.text = trimmed(cell.text);
  } else {
    return Refusal::mismatch;
  }
  if (!read_decimal(out.text, decimal_)) return Refusal::mismatch;
  out.decimal = &decimal_;
  return column.precision < 0 || fits(decimal_, column.precision, column.scale) ? Refusal::none : Refusal::range;
}

// Every cell has a JSON form, so other kinds are only rendered.
Refusal Converter::to_json(const Cell& cell, const TargetColumn& column, const TimeZone* zone, Value& out) {
  const bool as_jsonb = column.family == Family::jsonb;
  const JsonEscapes escapes = as_jsonb ? JsonEscapes::storable : JsonEscapes::any;
  if (cell.tag == Tag::text)
    return is_json(cell.text, escapes, kJsonDepthMax) ? text_of(cell.text, out) : Refusal::mismatch;
  if (cell.tag == Tag::real && !std::isfinite(cell.real)) return Refusal::range;
  // A document of ours is valid as it is; only its escapes can hold what jsonb cannot.
  if (cell.tag == Tag::json && as_jsonb && cell.text.contains('\\') && !is_json(cell.text, escapes, kJsonDepthMax))
    return Refusal::characters;
  if (is_textual(cell.tag)) return text_of(cell.text, out);
  text_.clear();
  append_json(cell, zone, text_);
  return text_of(text_, out);
}

// 32 hexadecimal digits, a hyphen allowed after every four, braces allowed around all.
Refusal Converter::to_uuid(const Cell& cell, Format format, Value& out) {
  if (cell.tag != Tag::text) return Refusal::mismatch;
  std::string_view text = cell.text;
  if (text.starts_with('{') && text.ends_with('}')) text = text.substr(1, text.size() - 2);
  text_.clear();
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-' && digits > 0 && digits < 32 && digits % 4 == 0 && text[i - 1] != '-') continue;
    std::uint8_t digit = 0;
    if (std::from_chars(&text[i], &text[i] + 1, digit, 16).ec != std::errc{} || ++digits > 32) return Refusal::mismatch;
    if (digits % 2 == 1)
      text_ += static_cast<char>(digit << 4);
    else
      text_.back() = static_cast<char>(static_cast<unsigned char>(text_.back()) | digit);
  }
  if (digits != 32) return Refusal::mismatch;
  return text_of(format == Format::binary ? std::string_view(text_) : cell.text, out);
}

// Whatever type the server has, it reads text; what cannot be checked here fails there.
Refusal Converter::to_text(const Cell& cell, const TargetColumn& column, const TimeZone* zone, Value& out) {
  (void)text_of(rendered(cell, zone), out);
  if (column.family == Family::text) return fits_length(out.text, column.characters) ? Refusal::none : Refusal::length;
  if (column.family == Family::enumeration && std::ranges::find(column.labels, out.text) == column.labels.end())
    return Refusal::mismatch;
  if (column.family == Family::array && !array_possible(out.text)) return Refusal::mismatch;
  return Refusal::none;
}

// Text formats of times are the server's business (DateStyle); only what is plainly none is refused.
Refusal Converter::to_time(const Cell& cell, Family family, const TimeZone* zone, Format format, Value& out) {
  if (cell.tag == Tag::text) return time_possible(cell.text) ? text_of(cell.text, out) : Refusal::mismatch;
  if (cell.tag != Tag::date && cell.tag != Tag::datetime) return Refusal::mismatch;
  // An offset is ignored by a timestamp without zone and by a date: the wall clock of the column's zone remains.
  if (format == Format::text) return text_of(rendered(cell, zone), out);
  const bool is_date = cell.tag == Tag::date;
  const std::int64_t days = is_date ? cell.integer : floor_divide(cell.integer, kDay);
  // From 4713 BC to AD 200,000: inside the range of every type, and no overflow below.
  if (days < -2'440'000 || days > 72'000'000) return Refusal::range;
  const std::int64_t instant = is_date ? cell.integer * kDay : cell.integer;
  const bool local = family != Family::timestamptz && !is_date && zone;
  const std::int64_t shown = (local ? zone->to_local(instant) : instant) - kDays2000 * kDay;
  out.form = Value::Form::integer;
  out.integer = family == Family::date ? floor_divide(shown, kDay) : shown;
  return Refusal::none;
}

// Borrowed from the cell or from `text_`.
std::string_view Converter::rendered(const Cell& cell, const TimeZone* zone) {
  if (is_textual(cell.tag)) return cell.text;
  text_.clear();
  append_text(cell, zone, text_);
  return text_;
}

}  // namespace batchout::postgres
