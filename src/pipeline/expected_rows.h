// The rows that a test expects, from the configuration or a file, and rows as such a file has them.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "batchout/result.h"
#include "plan/declared_tests.h"

namespace batchout {

/// The rows that reached a writer: each as many JSON texts as there are columns.
struct ShownRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A value that a row is to have.
struct ExpectedCell {
  /// Of ShownRows::columns.
  std::size_t column = 0;
  /// A JSON text, or a field of CSV.
  std::string text;
  Node::Mark mark{};
};

struct ExpectedRow {
  Node::Mark mark{};
  std::vector<ExpectedCell> cells;
};

struct ExpectedRows {
  /// Whose lines the marks count: a file with rows, or the configuration.
  std::string file;
  /// Of ShownRows::columns; those that a file names in its header or its first row, or all that are compared.
  std::vector<std::size_t> columns;
  /// The cells are fields of CSV, which have no types.
  bool csv = false;
  /// A file whose rows are lists of values, not objects.
  bool lists = false;
  std::vector<ExpectedRow> rows;
};

/// A table's rows from the configuration `file`. What the table says fits the columns.
ExpectedRows written_rows(const ExpectedTable& table, const std::vector<std::string>& columns, const std::string& file);

/// A table's rows from the text of its file, named `file` in problems. None if something was reported.
std::optional<ExpectedRows> parsed_rows(const ExpectedTable& table, const std::vector<std::string>& columns,
                                        const std::string& file, std::string_view text, Problems& problems);

/// The text of a file with these rows, in the form that `like` has.
std::string file_text(const ShownRows& rows, const ExpectedRows& like);

/// All columns that the table names, or all there are, as numbers.
std::vector<std::size_t> compared_columns(const ExpectedTable& table, const std::vector<std::string>& columns);

}  // namespace batchout
