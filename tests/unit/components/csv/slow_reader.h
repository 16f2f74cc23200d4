// A reader of CSV that looks at one character after the other, and the table in the same form.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/csv/table.h"

namespace batchout::csv::test {

/// Fields as texts; those that stood in quotes end with an exclamation mark.
using Rows = std::vector<std::vector<std::string>>;

// None if the text is refused.
inline std::optional<Rows> slowly(std::string_view text) {
  Rows rows(1);
  std::size_t at = 0;
  while (true) {
    std::string field;
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at == text.size()) return std::nullopt;
        if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        field += text[at];
      }
      ++at;
      if (at < text.size() && !std::string_view(",\r\n").contains(text[at])) return std::nullopt;
      field += '!';  // Quoted: not a blank line.
    } else {
      for (; at < text.size() && !std::string_view(",\r\n").contains(text[at]); ++at) {
        if (text[at] == '"') return std::nullopt;
        field += text[at];
      }
    }
    rows.back().push_back(field);
    if (at < text.size() && text[at] == ',') {
      ++at;
      continue;
    }
    if (rows.back() == std::vector<std::string>{""}) rows.pop_back();
    if (at == text.size()) return rows;
    at += text.substr(at).starts_with("\r\n") ? 2 : 1;
    rows.emplace_back();
  }
}

inline std::optional<Rows> quickly(const std::string& text) {
  const std::string padded = text + std::string(64, '"');
  Table table;
  if (table.parse({padded.data(), text.size()}, Format{}, 1 << 20)) return std::nullopt;
  Rows rows(table.rows());
  std::string memory;
  for (std::size_t row = 0; row < table.rows(); ++row)
    for (std::size_t column = 0; column < table.width(row); ++column) {
      const Table::Field field = table.field(row, column);
      rows[row].push_back(std::string(table.value(field, memory)) + (field.quoted ? "!" : ""));
    }
  return rows;
}

}  // namespace batchout::csv::test
