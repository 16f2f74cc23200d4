// A CSV payload as rows with names: the table, the header above it, and which fields are null.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "components/csv/fault.h"
#include "components/csv/table.h"

namespace batchout::csv {

/// What becomes of payloads with rows of different lengths.
enum class Ragged : std::uint8_t {
  /// Fields that a row lacks are absent.
  accept,
  /// The payload is refused.
  reject,
};

/// How an extractor reads payloads.
struct Reading {
  Format format;
  /// The first row has names.
  bool header = true;
  /// Of the fields, in place of those in the payload; empty: none are given.
  std::vector<std::string> names;
  /// Fields without quotes that are one of these are null.
  std::vector<std::string> nulls{""};
  Ragged ragged = Ragged::accept;

  bool operator==(const Reading&) const = default;
};

class Document {
 public:
  /// `reading` must outlive the document.
  explicit Document(const Reading& reading) : reading_(reading), names_(reading.names) {}

  /// Reads up to 64 bytes behind `payload`, which is borrowed until the next call.
  std::optional<Fault> read(std::string_view payload, std::size_t row_size_max);

  /// Bytes, without a byte order mark.
  std::size_t size() const { return size_; }
  /// Without the header.
  std::size_t rows() const { return table_.rows() - first_; }
  std::size_t width(std::size_t row) const { return table_.width(first_ + row); }

  /// The field at a position of an existing row; absent if there is none. Text lies in the payload or in `memory`.
  Cell cell(std::size_t row, std::size_t column, std::string& memory) const;

  /// Of the fields; empty if they have none.
  const std::vector<std::string>& names() const { return names_; }
  /// Grows whenever `names` are other ones than in the payload before.
  std::uint64_t names_version() const { return names_version_; }

  /// A row as a JSON object, or as a list if fields have no names; all rows as a list of them.
  void append_row(std::size_t row, std::string& out) const;
  void append_rows(std::string& out) const;

 private:
  std::optional<Fault> read_header(std::string_view text);
  std::optional<Fault> check_widths() const;
  bool is_null(std::string_view source) const;

  const Reading& reading_;
  Table table_;
  std::size_t size_ = 0;
  // Of the rows with values.
  std::size_t first_ = 0;
  std::vector<std::string> names_;
  std::uint64_t names_version_ = 1;
  // As written, of the payload from which `names_` are.
  std::string header_;
};

}  // namespace batchout::csv
