// Rows in the two formats of COPY … FROM STDIN.
//
// Binary: an 11-byte signature and two 32-bit words, then per row a 16-bit count and per value a 32-bit length and the
// bytes, at the end a count of -1. Text: tabs, line feeds, \N for null, and a backslash before whatever has a meaning.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "components/postgres/convert.h"
#include "components/postgres/stage.h"

namespace batchout::postgres {

/// Appends a value of the text format.
void put_escaped(std::string_view text, std::string& out);

/// Why a row was not encoded: its first column that was refused.
struct RefusedCell {
  /// Its place among the fields.
  std::size_t column = 0;
  Refusal refusal = Refusal::none;
  /// A null in a key column, whatever the column itself takes.
  bool key = false;
};

/// Appends rows to a buffer. Allocates nothing per row once the buffer has grown.
class CopyEncoder {
 public:
  struct Field {
    const TargetColumn* target = nullptr;
    /// Column of the blocks' shape.
    std::size_t source = 0;
    bool key = false;
    /// One of the columns that a list is replaced within.
    bool within = false;
    /// Must not be null, whatever the column itself takes.
    bool required = false;
  };
  /// What a row has after its columns.
  struct Extras {
    bool sequence = false;
    /// A text with '1' for each absent cell, else '0'. Such cells are not checked, but for keys and required ones.
    bool absent = false;
    bool kind = false;
    bool payload = false;
  };
  struct Tail {
    std::int64_t sequence = 0;
    RowKind kind = RowKind::row;
    std::int64_t payload = 0;
  };

  /// The fields are in the order of the columns that are written.
  CopyEncoder(std::vector<Field> fields, Extras extras) : fields_(std::move(fields)), extras_(extras) {}

  /// Turns to the rows of a block and appends what stands before the first one. The block must outlive the rows that
  /// are appended. Returns `format_of(block)`.
  Format start(const Block& block, std::string& out);

  /// The same for rows that stand behind those of another block, which has the same format.
  void turn_to(const Block& block);

  /// Binary where every column allows it.
  Format format_of(const Block& block) const;

  /// Appends one row of the block, or nothing if a cell of it is refused.
  std::optional<RefusedCell> append_row(std::size_t row, const Tail& tail, std::string& out);

  /// Appends what stands after the last row.
  void end(std::string& out) const;

 private:
  void put(const Value& value, Family family, std::string& out) const;
  void put_next(const Value& value, Family family, std::string& out) const;
  void put_tail(const Tail& tail, std::string& out);
  Refusal convert(const Field& field, RowKind kind, const Cell& cell, Value& value);

  std::vector<Field> fields_;
  Extras extras_;
  Format format_ = Format::text;
  const TableShape* shape_ = nullptr;
  std::vector<Block::View> views_;
  Converter converter_;
  /// Of the row at hand.
  std::string absent_;
};

}  // namespace batchout::postgres
