// A cell as SQL sees it, and back: booleans are 1 and 0, dates and times ISO text, numbers that SQLite cannot hold
// exactly (integers beyond 64 bits, decimals) the text of their digits, JSON text.

#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string_view>

#include "batchout/block.h"
#include "data/render.h"

namespace batchout {

struct SqlValue {
  enum class Type : std::uint8_t { null, integer, real, text };

  Type type = Type::null;
  std::int64_t integer = 0;
  double real = 0;
  /// Borrowed from the cell, or from the room given to `sql_value`.
  std::string_view text;
};

/// `room` has kPlainSizeMax bytes; the text of dates and times goes there. `zone` is that of the column.
SqlValue sql_value(const Cell& cell, const TimeZone* zone, char* room);

/// An operand of an expression; text is borrowed from it. Bytes count as null: nothing of ours compares with them.
SqlValue sql_value(sqlite3_value* value);

/// Equal numbers have equal keys, be they integers, reals or texts that SQLite may convert to them; equal texts have
/// equal keys. Different values may have equal ones. Not for null, which equals nothing.
std::uint64_t equality_key(const SqlValue& value);

/// What `a OP b` asks for, of the values of a column (a) and an operand (b).
enum class Comparison : char { equal = '=', less = '<', at_most = 'l', greater = '>', at_least = 'g' };

/// True if the comparison cannot hold whatever type conversion SQLite applies before.
bool surely_not(const SqlValue& a, Comparison comparison, const SqlValue& b);

/// The value of column `number` in the current row of `statement` as a cell of `kind`, which it keeps if it is one that
/// `sql_value` makes of such a kind, else as what it is: integer, real or text. Appends null and returns false for
/// bytes and for text that is not UTF-8.
bool append_result(sqlite3_stmt* statement, int number, Kind kind, const TimeZone* zone, Column& out);

}  // namespace batchout
