// Rows of a table, as columns. The one structure for rows between extractors, selectors and outputs.
//
// A map explodes lists, so most of a row repeats what its parents said. Columns are therefore grouped by level (the
// payload, then each index): a level stores each value once, and one selection per level says which value a row sees.
// Filtering, multiplying and dropping rows makes new selections over the same values.

#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/payloads.h"

namespace batchout {

class TimeZone;

/// What a column holds. `dynamic` columns differ from cell to cell.
enum class Kind : std::uint8_t { boolean, integer, real, decimal, text, json, date, datetime, dynamic };

/// What one cell holds. A cell of an integer column may hold `decimal`: an integer beyond 64 bits keeps its digits.
enum class Tag : std::uint8_t {
  absent,  ///< The path found nothing.
  null,    ///< The source says null, or a cast failed.
  boolean,
  integer,   ///< 64 bits, signed.
  real,      ///< IEEE double.
  decimal,   ///< Digits as written in the source.
  text,      ///< UTF-8.
  json,      ///< A JSON document as text.
  date,      ///< Days since 1970-01-01.
  datetime,  ///< Microseconds since 1970-01-01T00:00:00, UTC; local time if the column has no zone.
};

/// A set of tags, one bit each.
using Tags = std::uint16_t;
constexpr Tags tags_of(std::same_as<Tag> auto... tags) {
  return static_cast<Tags>((0u | ... | (1u << static_cast<unsigned>(tags))));
}
inline constexpr Tags kAnyValue = 0x3FC;  ///< All but absent and null.

/// True for tags whose cells are bytes.
constexpr bool is_textual(Tag tag) {
  return tag == Tag::decimal || tag == Tag::text || tag == Tag::json;
}

/// A cell, looked at. Text is borrowed from the column.
struct Cell {
  Tag tag = Tag::absent;
  std::int64_t integer = 0;  ///< boolean (0 or 1), integer, date, datetime.
  double real = 0;           ///< real.
  std::string_view text;     ///< decimal, text, json.

  bool empty() const { return tag <= Tag::null; }
};

/// A growing run of trivially copyable values that are not cleared when it grows.
template <class T>
class Buffer {
 public:
  std::size_t size() const { return size_; }
  const T* data() const { return data_.get(); }
  T* data() { return data_.get(); }

  /// Makes room for `count` more values and returns where they go; they count only after `advance`.
  T* room(std::size_t count) {
    if (size_ + count > capacity_) grow(size_ + count);
    return data_.get() + size_;
  }
  void advance(std::size_t count) { size_ += count; }

  /// Shortens to `size` values, keeping the memory.
  void truncate(std::size_t size) { size_ = size; }
  void clear() { size_ = 0; }

 private:
  [[gnu::noinline]] void grow(std::size_t needed) {
    const std::size_t capacity = std::max<std::size_t>({needed, capacity_ * 2, 64});
    auto data = std::make_unique_for_overwrite<T[]>(capacity);
    if (size_ > 0) std::memcpy(data.get(), data_.get(), size_ * sizeof(T));
    data_ = std::move(data);
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// The values of one column at its level, in order of appending.
///
/// Layout: one tag byte a value; one 64-bit word a value (a number, or offset and length of a text packed as
/// `offset << 32 | length`); one run of bytes for all texts. At most 4 GiB of text.
class Column {
 public:
  std::size_t size() const { return size_; }
  Tag tag(std::size_t i) const { return tags_[i]; }
  std::uint64_t word(std::size_t i) const { return words_[i]; }
  std::int64_t integer(std::size_t i) const { return static_cast<std::int64_t>(words_[i]); }
  double real(std::size_t i) const { return std::bit_cast<double>(words_[i]); }
  std::string_view text(std::size_t i) const {
    return {bytes_.data() + (words_[i] >> 32), static_cast<std::uint32_t>(words_[i])};
  }
  Cell cell(std::size_t i) const;

  void append_absent() { append(Tag::absent, 0); }
  void append_null() { append(Tag::null, 0); }
  void append_boolean(bool value) { append(Tag::boolean, value ? 1 : 0); }
  void append_integer(std::int64_t value) { append(Tag::integer, static_cast<std::uint64_t>(value)); }
  void append_real(double value) { append(Tag::real, std::bit_cast<std::uint64_t>(value)); }
  void append_date(std::int64_t days) { append(Tag::date, static_cast<std::uint64_t>(days)); }
  void append_datetime(std::int64_t microseconds) { append(Tag::datetime, static_cast<std::uint64_t>(microseconds)); }
  /// Copies `text`; `tag` is one of the textual ones.
  void append_text(Tag tag, std::string_view text) {
    char* const room = text_room(text.size());
    if (!text.empty()) std::memcpy(room, text.data(), text.size());
    commit_text(tag, text.size());
  }
  /// Appends any cell as it is.
  void append(const Cell& cell);
  /// Appends a null for a value that could not become what it should: `excerpt` is the value's beginning, to be shown.
  void append_failed(std::string_view excerpt);

  /// True for what `append_failed` has appended to this very column; copied elsewhere such a cell is any null.
  bool failed(std::size_t i) const { return tag(i) == Tag::null && words_[i] != 0; }
  std::string_view excerpt(std::size_t i) const { return text(i).substr(1); }

  /// Room for a text of at most `size` bytes, to be filled in place and then ended with `commit_text`.
  char* text_room(std::size_t size) { return bytes_.room(size); }
  void commit_text(Tag tag, std::size_t size) {
    append(tag, std::uint64_t{bytes_.size()} << 32 | size);
    bytes_.advance(size);
  }

  void reserve_as(const Column& other);  ///< Makes room for as many values and texts; the column must be empty.
  /// Forgets all values from number `size` on (a duplicate key: the last one wins).
  void truncate(std::size_t size);
  /// Appends absent cells until there are `size` values.
  void fill(std::size_t size) {
    while (size_ < size) append_absent();
  }
  void clear();

  /// Bytes held by the values, for the memory budget.
  std::size_t bytes() const { return size_ * 9 + bytes_.size(); }

 private:
  void append(Tag tag, std::uint64_t word) {
    if (size_ == capacity_) grow(capacity_ * 2);
    const std::size_t at = size_++;
    words_[at] = word;
    tags_[at] = tag;
  }
  void grow(std::size_t capacity);

  // Both grow together, so that an append compares once.
  std::unique_ptr<Tag[]> tags_;
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  Buffer<char> bytes_;
};

/// Number of a level: 0 is the payload, then the indexes of a map in the order in which the map names them.
using LevelId = std::uint32_t;
inline constexpr LevelId kPayloadLevel = 0;

/// Declares one column of a table.
struct ColumnShape {
  std::string name;
  Kind kind = Kind::text;
  const TimeZone* zone = nullptr;  ///< Of datetimes; null: local times without offset. Lives as long as the program.
  LevelId level = kPayloadLevel;
  bool counts = true;  ///< False for columns that do not decide whether a row is empty (meta, positions).
};

/// Declares a table: its columns in order.
struct TableShape {
  std::string name;
  std::vector<ColumnShape> columns;
  LevelId levels = 1;  ///< Levels that the columns use, the payload's included.
};

/// The cells of all levels for a run of payloads; columns in the order of the table's shape.
struct Values {
  std::vector<Column> columns;
  /// Per payload that has an entry at the payload level, in order.
  std::vector<UnitId> units;
  std::vector<std::int64_t> positions;
};

/// Rows of one table, at most kRowsMax of them. Cheap to move; values are shared between blocks cut from one run.
class Block {
 public:
  static constexpr std::size_t kRowsMax = 16 * 1024;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;  ///< In a selection: this row has no value at that level.

  Block() = default;
  Block(std::shared_ptr<const TableShape> shape, std::shared_ptr<const Values> values,
        std::vector<std::vector<std::uint32_t>> selections);

  const TableShape& shape() const { return *shape_; }
  std::size_t rows() const { return rows_; }

  /// One column as the rows see it.
  class View {
   public:
    Tag tag(std::size_t row) const { return present(row) ? column_->tag(selection_[row]) : Tag::absent; }
    Cell cell(std::size_t row) const { return present(row) ? column_->cell(selection_[row]) : Cell{}; }

   private:
    friend class Block;
    View(const Column* column, const std::uint32_t* selection) : column_(column), selection_(selection) {}
    bool present(std::size_t row) const { return column_ != nullptr && selection_[row] != kNone; }
    const Column* column_;
    const std::uint32_t* selection_;
  };
  View column(std::size_t column) const;

  /// Payload entry of each row: index into Values::units and Values::positions; kNone for computed rows.
  std::span<const std::uint32_t> origins() const { return selections_[kPayloadLevel]; }
  const Values& values() const { return *values_; }
  const std::vector<std::vector<std::uint32_t>>& selections() const { return selections_; }

  /// The rows whose bit in `keep` is set, over the same values.
  Block filtered(const std::vector<bool>& keep) const;

  /// In `projected`: a column without any value.
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  /// The same rows under another shape that lists, in order, which of the present columns it shows.
  Block projected(std::shared_ptr<const TableShape> shape, std::span<const std::size_t> columns) const;

 private:
  std::shared_ptr<const TableShape> shape_;
  std::shared_ptr<const Values> values_;
  std::vector<std::size_t> sources_;  // Column of the shape to column of the values; empty: the same order.
  std::vector<std::vector<std::uint32_t>> selections_;
  std::size_t rows_ = 0;
};

/// Appends a cell as text: what CSV and text columns hold. Nothing for absent and null; non-finite reals are "inf",
/// "-inf" and "nan".
void append_text(const Cell& cell, const TimeZone* zone, std::string& out);

/// Appends a cell as a JSON value: absent, null and non-finite reals as null, decimals with all their digits, dates and
/// datetimes as strings.
void append_json(const Cell& cell, const TimeZone* zone, std::string& out);

}  // namespace batchout
