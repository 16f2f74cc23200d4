// Conversions between cells and SQLite's five storage classes.

#include "components/sqlite/cell_value.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

#include "base/iso_time.h"
#include "base/unicode.h"

namespace batchout {
namespace {

using Type = SqlValue::Type;

SqlValue of_integer(std::int64_t value) {
  return {.type = Type::integer, .integer = value, .text = {}};
}

SqlValue of_real(double value) {
  // SQLite has no NaN: it is null there.
  if (std::isnan(value)) return {};
  return {.type = Type::real, .real = value, .text = {}};
}

SqlValue of_text(std::string_view text) {
  return {.type = Type::text, .text = text};
}

// Keys of integers would be the integers themselves, and the low bits of many are alike.
std::uint64_t scattered(std::uint64_t key) {
  key ^= key >> 32;
  key *= 0x9E37'79B9'7F4A'7C15;
  return key ^ key >> 29;
}

/// Doubles that are whole and in range are integers for comparisons.
std::uint64_t number_key(double value) {
  // 2^63, the first double beyond the range.
  constexpr double kBeyond = 9223372036854775808.0;
  const bool whole = value >= -kBeyond && value < kBeyond && std::trunc(value) == value;
  return whole ? static_cast<std::uint64_t>(static_cast<std::int64_t>(value)) : std::bit_cast<std::uint64_t>(value);
}

// SQLite's white space, which NUMERIC affinity skips around a number.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

/// True for texts that may be numbers: a cheap test, which lets some others pass.
bool may_be_number(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  if (!text.empty() && text[0] == '.') text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

std::optional<SqlValue> number_in(std::string_view text) {
  if (!may_be_number(text)) return std::nullopt;
  text = trimmed(text);
  if (text[0] == '+') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto read = std::from_chars(text.data(), end, integer); read.ec == std::errc{} && read.ptr == end)
    return of_integer(integer);
  double real = 0;
  if (const auto read = std::from_chars(text.data(), end, real); read.ec == std::errc{} && read.ptr == end)
    return of_real(real);
  return std::nullopt;
}

bool is_number(const SqlValue& value) {
  return value.type == Type::integer || value.type == Type::real;
}

// Both types fit into a long double without loss on the machines we know.
int compare_numbers(const SqlValue& a, const SqlValue& b) {
  const auto wide = [](const SqlValue& value) {
    return value.type == Type::integer ? static_cast<long double>(value.integer) : static_cast<long double>(value.real);
  };
  return wide(a) < wide(b) ? -1 : static_cast<int>(wide(a) > wide(b));
}

bool holds(int order, Comparison comparison) {
  switch (comparison) {
    case Comparison::equal:
      return order == 0;
    case Comparison::less:
      return order < 0;
    case Comparison::at_most:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::at_least:
      break;
  }
  return order >= 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();)
    if (next_character(text, at) == kNoCharacter) return false;
  return true;
}

/// True if `text` was a cell of `kind` and is now the last one of `out` again.
bool append_typed(std::string_view text, Kind kind, const TimeZone* zone, Column& out) {
  if (kind == Kind::json || kind == Kind::decimal) {
    out.append_text(kind == Kind::json ? Tag::json : Tag::decimal, text);
    return true;
  }
  if (kind == Kind::integer && number_in(text)) {
    out.append_text(Tag::decimal, text);
    return true;
  }
  if (kind == Kind::date) {
    const auto day = read_iso_date(text);
    if (day) out.append_date(*day);
    return day.has_value();
  }
  if (kind != Kind::datetime) return false;
  const auto time = read_iso_time(text);
  // What has no zone has no offset either.
  if (!time || time->offset_us.has_value() != (zone != nullptr)) return false;
  out.append_datetime(time->local_us - time->offset_us.value_or(0));
  return true;
}

}  // namespace

SqlValue sql_value(const Cell& cell, const TimeZone* zone, char* room) {
  switch (cell.tag) {
    case Tag::absent:
    case Tag::null:
      return {};
    case Tag::boolean:
    case Tag::integer:
      return of_integer(cell.integer);
    case Tag::real:
      return of_real(cell.real);
    case Tag::decimal:
    case Tag::text:
    case Tag::json:
      return of_text(cell.text);
    case Tag::date:
    case Tag::datetime:
      break;
  }
  const char* const end = write_plain(room, cell, zone);
  return of_text({room, static_cast<std::size_t>(end - room)});
}

SqlValue sql_value(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return of_integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      return of_real(sqlite3_value_double(value));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
      return of_text({text, static_cast<std::size_t>(sqlite3_value_bytes(value))});
    }
    default:
      return {};
  }
}

std::uint64_t equality_key(const SqlValue& value) {
  if (value.type == Type::integer) return scattered(static_cast<std::uint64_t>(value.integer));
  if (value.type == Type::real) return scattered(number_key(value.real));
  if (const auto number = number_in(value.text)) return equality_key(*number);
  return scattered(std::hash<std::string_view>{}(value.text));
}

bool surely_not(const SqlValue& a, Comparison comparison, const SqlValue& b) {
  if (a.type == Type::null || b.type == Type::null) return true;
  if (is_number(a) && is_number(b)) return !holds(compare_numbers(a, b), comparison);
  // A number and a text, or texts that may be numbers: conversion decides, and SQLite knows it.
  if (is_number(a) || is_number(b) || may_be_number(a.text) || may_be_number(b.text)) return false;
  return !holds(a.text.compare(b.text), comparison);
}

bool append_result(sqlite3_stmt* statement, int number, Kind kind, const TimeZone* zone, Column& out) {
  const int type = sqlite3_column_type(statement, number);
  if (type == SQLITE_INTEGER) {
    const std::int64_t value = sqlite3_column_int64(statement, number);
    if (kind == Kind::boolean && (value == 0 || value == 1))
      out.append_boolean(value == 1);
    else
      out.append_integer(value);
    return true;
  }
  if (type == SQLITE_FLOAT) {
    out.append_real(sqlite3_column_double(statement, number));
    return true;
  }
  std::string_view text;
  if (type == SQLITE_TEXT)
    text = {reinterpret_cast<const char*>(sqlite3_column_text(statement, number)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, number))};
  if (type == SQLITE_TEXT && is_utf8(text)) {
    if (!append_typed(text, kind, zone, out)) out.append_text(Tag::text, text);
    return true;
  }
  out.append_null();
  return type == SQLITE_NULL;
}

}  // namespace batchout
