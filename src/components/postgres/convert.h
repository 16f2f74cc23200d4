// A cell as the value of a column of the target, checked against the column's type before anything is sent.
//
// What is refused here would fail on the server and take the whole batch with it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "batchout/block.h"
#include "components/postgres/decimal.h"
#include "components/postgres/target.h"

namespace batchout::postgres {

enum class Format : std::uint8_t { text, binary };

enum class Refusal : std::uint8_t {
  none,
  /// The column takes no null.
  null,
  /// Not a value of the type.
  mismatch,
  /// Beyond the type's range or precision.
  range,
  /// More characters than the type takes.
  length,
  /// NUL or bytes that are not UTF-8.
  characters,
};

/// A converted cell. Text and decimal are borrowed from the cell or the converter until the next conversion.
struct Value {
  enum class Form : std::uint8_t { null, integer, real, decimal, text };

  Form form = Form::null;
  /// Of times: days or microseconds since 2000-01-01, as the server counts.
  std::int64_t integer = 0;
  double real = 0;
  /// With form `decimal` also the number as text.
  std::string_view text;
  const Decimal* decimal = nullptr;
};

/// True if every cell of such a column can be sent in binary; texts with a time, for example, only the server reads.
bool binary_possible(const ColumnShape& from, Family to);

/// Converts one cell after the other. Owns scratch memory that it reuses.
class Converter {
 public:
  Refusal convert(const Cell& cell, const TargetColumn& column, const TimeZone* zone, Format format, Value& out);

 private:
  Refusal to_numeric(const Cell& cell, const TargetColumn& column, Value& out);
  Refusal to_integer_column(const Cell& cell, std::int64_t min, std::int64_t max, Value& out);
  Refusal to_json(const Cell& cell, const TargetColumn& column, const TimeZone* zone, Value& out);
  Refusal to_uuid(const Cell& cell, Format format, Value& out);
  Refusal to_text(const Cell& cell, const TargetColumn& column, const TimeZone* zone, Value& out);
  Refusal to_time(const Cell& cell, Family family, const TimeZone* zone, Format format, Value& out);
  std::string_view rendered(const Cell& cell, const TimeZone* zone);

  std::string text_;
  Decimal decimal_;
};

/// True if `text` is UTF-8 without NUL: what any column can hold.
bool storable_text(std::string_view text);

}  // namespace batchout::postgres
