// One function a kind of cell. Each appends exactly one cell and returns true, or appends nothing and returns false.
//
// Truth, where `truthy` asks for it: zero, false, empty text, and a list or object without members are false,
// everything else is true, even "false".

#include "data/cast.h"

#include <cmath>
#include <optional>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/iso_time.h"
#include "base/lenient_time.h"
#include "base/number_text.h"
#include "base/time_format.h"
#include "base/time_text.h"
#include "base/unicode.h"
#include "data/render.h"

namespace batchout {
namespace {

constexpr std::size_t kSampleSizeMax = 64;
constexpr std::size_t kExcerptSizeMax = 256;
// The first double beyond 64 bits.
constexpr double kIntegerEnd = 9'223'372'036'854'775'808.0;

// Written in place: no text is built on the way.
void append_plain(Tag tag, const Cell& value, const TimeZone* zone, Column& out) {
  char* const room = out.text_room(kPlainSizeMax);
  out.commit_text(tag, static_cast<std::size_t>(write_plain(room, value, zone) - room));
}

// Without its NUL characters, or with U+FFFD in their place.
void append_without_nul(std::string_view text, NulPolicy policy, Column& out) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string clean;
  for (const char c : text)
    if (c != '\0')
      clean += c;
    else if (policy == NulPolicy::replace)
      clean += kReplacement;
  out.append_text(Tag::text, clean);
}

// Everything has a text: containers theirs as delivered, times theirs in the zone of the column.
bool append_as_text(const Cast& cast, const Cell& value, Column& out) {
  if (cast.nul != NulPolicy::reject && value.tag == Tag::text && value.text.contains('\0')) {
    append_without_nul(value.text, cast.nul, out);
  } else if (is_textual(value.tag)) {
    out.append_text(Tag::text, value.text);
  } else {
    append_plain(Tag::text, value, cast.zone, out);
  }
  return true;
}

// Beyond 64 bits all digits of the double are kept, as in Python.
bool append_truncated(double value, Column& out) {
  if (!std::isfinite(value)) return false;
  if (value >= -kIntegerEnd && value < kIntegerEnd) {
    out.append_integer(static_cast<std::int64_t>(value));
  } else {
    out.append_text(Tag::decimal, integer_digits(value));
  }
  return true;
}

// Digits beyond 64 bits stay, as a decimal; its column is still one of integers.
bool append_read_integer(std::string_view text, Column& out) {
  const auto number = read_integer(text);
  if (!number) return false;
  if (number->value) {
    out.append_integer(*number->value);
  } else {
    out.append_text(Tag::decimal, number->digits);
  }
  return true;
}

// Fractions are cut off towards zero in numbers; texts must spell an integer, as in Python.
bool append_as_integer(const Cell& value, Column& out) {
  switch (value.tag) {
    case Tag::boolean:
    case Tag::integer:
      out.append_integer(value.integer);
      return true;
    case Tag::real:
      return append_truncated(value.real, out);
    case Tag::decimal: {
      if (append_read_integer(value.text, out)) return true;
      const auto real = read_real(value.text);  // A decimal of a database may have a fraction.
      return real && append_truncated(*real, out);
    }
    case Tag::text:
      return append_read_integer(value.text, out);
    default:
      return false;
  }
}

// The number that a cell is or, for text, that it spells.
std::optional<double> number_of(const Cell& value) {
  switch (value.tag) {
    case Tag::boolean:
    case Tag::integer:
      return static_cast<double>(value.integer);
    case Tag::real:
      return value.real;
    case Tag::decimal: {
      const auto real = read_real(value.text);
      return real && std::isinf(*real) ? std::nullopt : real;  // Digits were written, so infinity is an overflow.
    }
    case Tag::text:
      return read_real(value.text);
    default:
      return std::nullopt;
  }
}

// Infinity and NaN fit: texts and databases have words for them.
bool append_as_real(const Cell& value, Column& out) {
  const auto number = number_of(value);
  if (!number) return false;
  out.append_real(*number);
  return true;
}

// Digits stay as they are written: 1.10 is not 1.1 to a numeric column.
bool append_as_decimal(const Cell& value, Column& out) {
  switch (value.tag) {
    case Tag::boolean:
    case Tag::integer:
      append_plain(Tag::decimal, {.tag = Tag::integer, .integer = value.integer, .text = {}}, nullptr, out);
      return true;
    case Tag::real:
      if (!value.text.empty()) {
        out.append_text(Tag::decimal, value.text);
        return true;
      }
      if (!std::isfinite(value.real)) return false;
      append_plain(Tag::decimal, value, nullptr, out);
      return true;
    case Tag::decimal:
      out.append(value);
      return true;
    case Tag::text: {
      if (is_json_number(value.text) && value.text.size() <= kDecimalSizeMax) {
        out.append_text(Tag::decimal, value.text);
        return true;
      }
      const auto digits = read_decimal(value.text);
      if (digits) out.append_text(Tag::decimal, *digits);
      return digits.has_value();
    }
    default:
      return false;
  }
}

// Case does not matter; blanks have been taken off.
std::optional<bool> word_of(std::string_view text) {
  struct Words {
    std::string_view yes, no;
  };
  constexpr Words kWords[] = {{"true", "false"}, {"1", "0"}, {"yes", "no"}, {"on", "off"}, {"t", "f"}, {"y", "n"}};
  for (const auto& words : kWords) {
    if (equal_ignoring_case(text, words.yes)) return true;
    if (equal_ignoring_case(text, words.no)) return false;
  }
  return std::nullopt;
}

// Other numbers than 0 and 1 are refused: in such a column they are more likely a mistake than a truth.
std::optional<bool> boolean_of(const Cell& value) {
  switch (value.tag) {
    case Tag::boolean:
    case Tag::integer:
      if (value.integer != 0 && value.integer != 1) return std::nullopt;
      return value.integer == 1;
    case Tag::real:
      if (value.real != 0 && value.real != 1) return std::nullopt;
      return value.real == 1;
    case Tag::text:
      return word_of(trimmed(value.text));
    default:
      return std::nullopt;
  }
}

// Python's truth, which the original asked for. A container is judged by its text, without being parsed.
bool truth_of(const Cell& value) {
  switch (value.tag) {
    case Tag::boolean:
    case Tag::integer:
      return value.integer != 0;
    case Tag::real:
      return value.real != 0;
    case Tag::text:
      return !value.text.empty();
    case Tag::json: {
      const std::string_view container = trimmed(value.text);
      // What is between the brackets.
      return container.size() < 2 || !trimmed(container.substr(1, container.size() - 2)).empty();
    }
    default:
      return true;
  }
}

bool append_as_boolean(const Cast& cast, const Cell& value, Column& out) {
  const auto result = cast.truthy ? std::optional(truth_of(value)) : boolean_of(value);
  if (!result) return false;
  out.append_boolean(*result);
  return true;
}

// Anything but a container becomes the JSON document of that one value. Infinity, which JSON lacks, does not fit.
bool append_as_json(const Cast& cast, const Cell& value, Column& out) {
  if (value.tag == Tag::json || (value.tag == Tag::real && !value.text.empty())) {
    out.append_text(Tag::json, value.text);
    return true;
  }
  if (value.tag == Tag::real && !std::isfinite(value.real)) return false;
  std::string json;
  append_json(value, cast.zone, json);
  out.append_text(Tag::json, json);
  return true;
}

// Epochs are UTC.
std::optional<WrittenTime> instant(std::optional<std::int64_t> us) {
  return us ? std::optional(WrittenTime{*us, 0}) : std::nullopt;
}

// Calls `read` with the text of a text or a number: 20191101 may be a date.
template <class Read>
auto read_text_of(const Cell& value, Read read) -> decltype(read(std::string_view())) {
  if (value.tag == Tag::text || value.tag == Tag::decimal) return read(value.text);
  if (value.tag != Tag::integer && value.tag != Tag::real) return std::nullopt;
  char buffer[kPlainSizeMax];
  return read(std::string_view(buffer, write_plain(buffer, value, nullptr)));
}

// What was written, before the zone of the column has a say.
std::optional<WrittenTime> read_time(const Cast& cast, const Cell& value) {
  switch (cast.parser) {
    case TimeParser::iso:
      return read_text_of(value, read_iso_time);
    case TimeParser::custom:
      return read_text_of(value, [&](std::string_view text) { return read_formatted_time(text, cast.format); });
    case TimeParser::lenient:
      if (value.tag == Tag::text) return read_lenient_time(value.text);
      break;
    case TimeParser::unix:
      break;
  }
  if (value.tag == Tag::boolean) return std::nullopt;  // A number elsewhere, but never an instant.
  const auto number = number_of(value);
  if (!number) return std::nullopt;
  return instant(cast.parser == TimeParser::lenient ? lenient_epoch(*number) : epoch(*number));
}

// What a datetime cell of the column holds for `time`.
std::int64_t stored_time(const Cast& cast, const WrittenTime& time) {
  const bool naive = !time.offset_us && cast.parser != TimeParser::lenient;
  if (naive && cast.zone != nullptr) return cast.zone->to_utc(time.local_us);
  return time.local_us - time.offset_us.value_or(0);
}

// Within a day of the years 1 to 9999, so that any offset can be added.
bool is_near_common(std::int64_t us) {
  return us >= (kFirstDay - 1) * kDay && us < (kLastDay + 2) * kDay;
}

// `us` is UTC, or local for a naive column. Shown in the zone, the year must be one of 1 to 9999.
bool append_time(const Cast& cast, std::int64_t us, Column& out) {
  if (!is_near_common(us)) return false;
  if (!is_common_time(cast.zone != nullptr ? cast.zone->to_local(us) : us)) return false;
  out.append_datetime(us);
  return true;
}

// A date is its midnight in the column's zone.
bool append_as_datetime(const Cast& cast, const Cell& value, Column& out) {
  if (value.tag == Tag::datetime) return append_time(cast, value.integer, out);
  if (value.tag == Tag::date) {
    if (value.integer < kFirstDay || value.integer > kLastDay) return false;
    const std::int64_t midnight = value.integer * kDay;
    return append_time(cast, cast.zone != nullptr ? cast.zone->to_utc(midnight) : midnight, out);
  }
  const auto time = read_time(cast, value);
  return time && append_time(cast, stored_time(cast, *time), out);
}

// Days since 1970-01-01.
bool append_day(std::int64_t day, Column& out) {
  if (day < kFirstDay || day > kLastDay) return false;
  out.append_date(day);
  return true;
}

// The day that the clock of the column's zone shows; without a zone, the day as it is written.
bool append_as_date(const Cast& cast, const Cell& value, Column& out) {
  if (value.tag == Tag::date) return append_day(value.integer, out);
  if (value.tag == Tag::datetime) {
    const std::int64_t us = value.integer;
    return is_near_common(us) &&
           append_day(floor_divide(cast.zone != nullptr ? cast.zone->to_local(us) : us, kDay), out);
  }
  if (cast.parser == TimeParser::iso) {  // A date with a time is no date here, as in version 0.3.0.
    const auto day = read_text_of(value, read_iso_date);
    return day && append_day(*day, out);
  }
  const auto time = read_time(cast, value);
  if (!time) return false;
  const bool shown_in_zone = time->offset_us || cast.parser == TimeParser::lenient;
  if (cast.zone == nullptr || !shown_in_zone) return append_day(floor_divide(time->local_us, kDay), out);
  return append_day(floor_divide(cast.zone->to_local(stored_time(cast, *time)), kDay), out);
}

// `value` is neither absent nor null. False: nothing was appended, the value does not fit.
bool append_fitting(const Cast& cast, const Cell& value, Column& out) {
  switch (cast.kind) {
    case Kind::boolean:
      return append_as_boolean(cast, value, out);
    case Kind::integer:
      return append_as_integer(value, out);
    case Kind::real:
      return append_as_real(value, out);
    case Kind::decimal:
      return append_as_decimal(value, out);
    case Kind::text:
      return append_as_text(cast, value, out);
    case Kind::json:
      return append_as_json(cast, value, out);
    case Kind::date:
      return append_as_date(cast, value, out);
    case Kind::datetime:
      return append_as_datetime(cast, value, out);
    case Kind::dynamic:
      break;
  }
  if (cast.keeps_digits && value.tag == Tag::real && !value.text.empty())
    out.append_text(Tag::decimal, value.text);
  else
    out.append(value);
  return true;
}

}  // namespace

Tags castable(const Cast& cast) {
  constexpr Tags kNumbers = tags_of(Tag::null, Tag::integer, Tag::real, Tag::decimal, Tag::text);
  switch (cast.kind) {
    case Kind::boolean:
      return cast.truthy ? kAnyValue : kNumbers | tags_of(Tag::boolean);
    case Kind::integer:
    case Kind::real:
    case Kind::decimal:
      return kNumbers | tags_of(Tag::boolean);
    case Kind::date:
    case Kind::datetime:
      return kNumbers | tags_of(Tag::date, Tag::datetime);
    case Kind::text:
    case Kind::json:
    case Kind::dynamic:
      break;
  }
  return kAnyValue | tags_of(Tag::null);
}

std::string excerpt_of(const Cell& value, std::size_t size_max) {
  std::string excerpt;
  if (!is_textual(value.tag)) {
    append_text(value, nullptr, excerpt);
    return excerpt;
  }
  return std::string(value.text.substr(0, cut_size(value.text, size_max)));
}

void append_cast(const Cast& cast, const Cell& value, Column& out, CastFailures& failures) {
  if (value.empty()) {
    out.append(value);
  } else if (!append_fitting(cast, value, out)) {
    if (cast.on_error != OnError::null) return out.append_failed(excerpt_of(value, kExcerptSizeMax));
    if (failures.count++ == 0) failures.sample = excerpt_of(value, kSampleSizeMax);
    out.append_null();
  }
}

}  // namespace batchout
