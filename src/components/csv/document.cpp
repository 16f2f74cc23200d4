// Payloads of one source mostly have the same header, so it is taken apart only if it differs from the last one.

#include "components/csv/document.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/unicode.h"

namespace batchout::csv {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::optional<Fault> Document::read(std::string_view payload, std::size_t row_size_max) {
  if (payload.starts_with(kByteOrderMark)) payload.remove_prefix(kByteOrderMark.size());
  size_ = payload.size();
  if (payload.empty()) return Fault{kEmpty, "the payload is empty"};
  const std::size_t broken = find_broken_utf8(payload);
  if (broken != std::string_view::npos)
    return Fault{kBadEncoding, fmt::format("the payload is not UTF-8, at byte {}", broken)};
  if (auto fault = table_.parse(payload, reading_.format, row_size_max)) return fault;
  if (auto fault = reading_.header ? read_header(payload) : std::nullopt) return fault;
  return reading_.ragged == Ragged::reject ? check_widths() : std::nullopt;
}

std::optional<Fault> Document::read_header(std::string_view text) {
  first_ = 1;
  if (table_.rows() == 0) return Fault{kMalformed, "there is no header line"};
  if (!reading_.names.empty()) return std::nullopt;
  const std::string_view header = text.substr(0, table_.end_of(0));
  if (header == header_ && !names_.empty()) return std::nullopt;
  header_ = header;
  names_.clear();
  ++names_version_;
  std::string memory;
  for (std::size_t column = 0; column < table_.width(0); ++column)
    names_.emplace_back(table_.value(table_.field(0, column), memory));
  return std::nullopt;
}

std::optional<Fault> Document::check_widths() const {
  const std::size_t expected = !names_.empty() ? names_.size() : table_.rows() > 0 ? table_.width(0) : 0;
  for (std::size_t row = first_; row < table_.rows(); ++row)
    if (table_.width(row) != expected)
      return Fault{kMalformed, fmt::format("a row has {} fields where {} are expected, in line {}", table_.width(row),
                                           expected, table_.line_of(row))};
  return std::nullopt;
}

Cell Document::cell(std::size_t row, std::size_t column, std::string& memory) const {
  if (column >= width(row)) return {};
  const Table::Field field = table_.field(first_ + row, column);
  if (!field.quoted && is_null(table_.source(field))) return {Tag::null, 0, 0, {}};
  return {Tag::text, 0, 0, table_.value(field, memory)};
}

bool Document::is_null(std::string_view source) const {
  return std::ranges::any_of(reading_.nulls, [source](const std::string& null) { return source == null; });
}

void Document::append_row(std::size_t row, std::string& out) const {
  const bool named = !names_.empty();
  std::string memory;
  out += named ? '{' : '[';
  for (std::size_t column = 0; column < (named ? names_.size() : width(row)); ++column) {
    if (column > 0) out += ',';
    if (named) {
      append_json({Tag::text, 0, 0, names_[column]}, nullptr, out);
      out += ':';
    }
    append_json(cell(row, column, memory), nullptr, out);
  }
  out += named ? '}' : ']';
}

void Document::append_rows(std::string& out) const {
  out += '[';
  for (std::size_t row = 0; row < rows(); ++row) {
    if (row > 0) out += ',';
    append_row(row, out);
  }
  out += ']';
}

}  // namespace batchout::csv
