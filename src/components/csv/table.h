// A CSV text as a table of places: where every field of every row begins and ends, found in one pass.
//
// RFC 4180, with LF and CR as line ends beside CR LF. Quotes stand around a whole field, doubled inside of it; anything
// else is refused. Lines without any character are no rows.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/csv/fault.h"

namespace batchout::csv {

struct Format {
  char delimiter = ',';
  /// NUL: there are no quotes, all characters but delimiters and line ends are part of fields.
  char quote = '"';

  bool operator==(const Format&) const = default;
};

class Table {
 public:
  static constexpr std::size_t kFieldsMax = std::size_t{1} << 26;

  /// One field, without its quotes.
  struct Field {
    std::uint32_t begin = 0;
    /// Bytes.
    std::uint32_t size = 0;
    bool quoted = false;
    /// There are doubled quotes in it.
    bool doubled = false;
  };

  /// Reads up to 64 bytes behind `text`, which is valid UTF-8 and borrowed until the next call.
  /// `row_size_max`: bytes of one row, less than 1 GiB.
  std::optional<Fault> parse(std::string_view text, const Format& format, std::size_t row_size_max);

  std::size_t rows() const { return ends_.size() - 1; }
  /// Fields of a row that exists.
  std::size_t width(std::size_t row) const { return ends_[row + 1] - ends_[row]; }
  /// A field that exists.
  Field field(std::size_t row, std::size_t column) const;
  /// As written, without the quotes around it.
  std::string_view source(const Field& field) const { return text_.substr(field.begin, field.size); }
  /// What the field says. It lies in the text, or in `memory` if quotes had to be halved.
  std::string_view value(const Field& field, std::string& memory) const;

  /// Bytes up to the place behind the row.
  std::size_t end_of(std::size_t row) const;
  /// The line on which a row begins, from 1.
  std::size_t line_of(std::size_t row) const;

 private:
  class Reader;

  // Begin, and size with two flags above it.
  struct Place {
    std::uint32_t begin;
    std::uint32_t size;
  };
  static constexpr std::uint32_t kQuoted = std::uint32_t{1} << 31;
  static constexpr std::uint32_t kDoubled = std::uint32_t{1} << 30;

  std::string_view text_;
  Format format_;
  std::vector<Place> places_;
  // Numbers of the first field of each row, and one more.
  std::vector<std::uint32_t> ends_;
};

}  // namespace batchout::csv
