// Three forms of one thing: nodes of the configuration, JSON lines (lists or objects), and CSV with a header.

#include "pipeline/expected_rows.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "config/load.h"
#include "config/wording.h"
#include "pipeline/json_values.h"

namespace batchout {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::size_t number_of(const std::vector<std::string>& columns, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
}

/// A row's values; a list has as many as `compared`.
ExpectedRow row_of(const Node& row, const std::vector<std::size_t>& compared, const std::vector<std::string>& columns) {
  ExpectedRow out;
  out.mark = row.mark();
  for (std::size_t i = 0; i < row.items().size(); ++i)
    out.cells.push_back({compared[i], json_of(row.items()[i]), row.items()[i].mark()});
  for (const Node::Entry& entry : row.entries())
    out.cells.push_back({number_of(columns, entry.key), json_of(entry.value), entry.value.mark()});
  return out;
}

/// One file with rows, read from its beginning to its first mistakes.
class RowsFile {
 public:
  RowsFile(const ExpectedTable& table, const std::vector<std::string>& columns, const std::string& file,
           Problems& problems)
      : columns_(columns), compared_(compared_columns(table, columns)), problems_(problems), before_(problems.size()) {
    rows_.file = file;
    rows_.columns = compared_;
  }

  std::optional<ExpectedRows> json_lines(std::string_view text) {
    for (int line = 1; !text.empty() && !full(); ++line) {
      const std::string_view one = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(one.size() + 1, text.size()));
      if (one.find_first_not_of(" \t\r") != std::string_view::npos) json_line(one, line);
    }
    return result();
  }

  std::optional<ExpectedRows> csv(std::string_view text) {
    rows_.csv = true;
    int line = 1;
    if (!is_text(text)) wrong("BO103", {1, 1}, "the file is not UTF-8, or contains a NUL byte", "save it as UTF-8");
    if (text.empty()) wrong("BO253", {1, 1}, "the file has no header", "its first line names the columns");
    if (!good()) return std::nullopt;
    std::vector<ExpectedCell> header = record(text, line);
    for (const ExpectedCell& name : header) check_column(name.text, name.mark);
    if (!good()) return std::nullopt;
    rows_.columns.clear();
    for (const ExpectedCell& name : header) rows_.columns.push_back(number_of(columns_, name.text));
    while (!text.empty() && !full()) {
      ExpectedRow row;
      row.mark = {line, 1};
      row.cells = record(text, line);
      if (row.cells.size() != header.size())
        wrong("BO253", row.mark,
              fmt::format("the row needs a value for each column: there are {}, but it has {}", header.size(),
                          row.cells.size()),
              "quote values with commas");
      for (std::size_t i = 0; i < std::min(row.cells.size(), header.size()); ++i)
        row.cells[i].column = rows_.columns[i];
      rows_.rows.push_back(std::move(row));
    }
    return result();
  }

 private:
  bool good() const { return problems_.size() == before_; }
  /// A file of another kind would be wrong in every line.
  bool full() const { return problems_.size() >= before_ + 20; }
  std::optional<ExpectedRows> result() { return good() ? std::optional(std::move(rows_)) : std::nullopt; }

  void wrong(std::string_view code, Node::Mark mark, std::string message, std::string hint) {
    problems_.push_back({Problem::Severity::error,
                         std::string(code),
                         rows_.file,
                         mark.line,
                         mark.column,
                         {},
                         std::move(message),
                         std::move(hint)});
  }

  void check_column(const std::string& name, Node::Mark mark) {
    std::vector<std::string> names;
    for (const std::size_t column : compared_) names.push_back(columns_[column]);
    if (std::ranges::find(names, name) == names.end())
      wrong("BO230", mark, fmt::format("there is no column {} in these rows", in_quotes(name)),
            suggestion(name, names, "these are"));
  }

  void json_line(std::string_view text, int line) {
    if (!is_text(text))
      return wrong("BO103", {line, 1}, "the line is not UTF-8, or contains a NUL byte", "save it as UTF-8");
    Problems found;
    auto row = load_json(text, rows_.file, found);
    for (Problem& problem : found) problem.line = line;
    problems_.insert(problems_.end(), found.begin(), found.end());
    if (!row) return;
    if (!row->is_list() && !row->is_mapping())
      return wrong("BO203", {line, 1}, "expected a row", "write [value, value], or {\"column\": value}");
    if (row->is_list() && row->items().size() != compared_.size())
      return wrong("BO253", {line, 1},
                   fmt::format("the row needs a value for each column: there are {}, but it has {}", compared_.size(),
                               row->items().size()),
                   "objects of columns and values may leave some out");
    const std::size_t before = problems_.size();
    for (const Node::Entry& entry : row->entries()) check_column(entry.key, {line, entry.mark.column});
    if (problems_.size() > before) return;
    add(row_of(*row, compared_, columns_), line, row->is_list());
  }

  void add(ExpectedRow row, int line, bool is_list) {
    row.mark = {line, 1};
    for (ExpectedCell& cell : row.cells) cell.mark.line = line;
    if (rows_.rows.empty()) {
      rows_.lists = is_list;
      rows_.columns.clear();
      for (const ExpectedCell& cell : row.cells) rows_.columns.push_back(cell.column);
    }
    rows_.rows.push_back(std::move(row));
  }

  /// Takes the next record, with the line end behind it. A quote counts only at a field's beginning.
  static std::vector<ExpectedCell> record(std::string_view& text, int& line) {
    std::vector<ExpectedCell> cells(1);
    cells.back().mark = {line, 1};
    int column = 1;
    bool quoted = false;
    while (!text.empty()) {
      const char c = text.front();
      text.remove_prefix(1);
      ++column;
      if (c == '"' && quoted && text.starts_with('"')) {
        cells.back().text += '"';
        text.remove_prefix(1);
      } else if (c == '"' && (quoted || cells.back().text.empty())) {
        quoted = !quoted;
      } else if (c == '\n' && !quoted) {
        break;
      } else if (c == ',' && !quoted) {
        cells.emplace_back().mark = {line, column};
      } else if (c != '\r' || quoted || !text.starts_with('\n')) {
        cells.back().text += c;
      }
      if (c == '\n') ++line;
    }
    ++line;
    return cells;
  }

  const std::vector<std::string>& columns_;
  std::vector<std::size_t> compared_;
  Problems& problems_;
  std::size_t before_;
  ExpectedRows rows_;
};

std::string quoted_csv(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  return fmt::format("{}", fmt::join(texts, between));
}

}  // namespace

std::vector<std::size_t> compared_columns(const ExpectedTable& table, const std::vector<std::string>& columns) {
  std::vector<std::size_t> out(table.columns.empty() ? columns.size() : table.columns.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  for (std::size_t i = 0; i < table.columns.size(); ++i) out[i] = number_of(columns, table.columns[i]);
  return out;
}

ExpectedRows written_rows(const ExpectedTable& table, const std::vector<std::string>& columns,
                          const std::string& file) {
  ExpectedRows out;
  out.file = file;
  out.columns = compared_columns(table, columns);
  if (table.rows)
    for (const Node& row : table.rows->items()) out.rows.push_back(row_of(row, out.columns, columns));
  return out;
}

std::optional<ExpectedRows> parsed_rows(const ExpectedTable& table, const std::vector<std::string>& columns,
                                        const std::string& file, std::string_view text, Problems& problems) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  RowsFile rows(table, columns, file, problems);
  return table.file->ends_with(".csv") ? rows.csv(text) : rows.json_lines(text);
}

std::string file_text(const ShownRows& rows, const ExpectedRows& like) {
  std::vector<std::string> cells;
  for (const std::size_t column : like.columns) cells.push_back(quoted_csv(rows.columns[column]));
  std::string out = like.csv ? joined(cells, ",") + "\n" : "";
  for (const auto& row : rows.rows) {
    cells.clear();
    for (const std::size_t column : like.columns) {
      if (like.csv)
        cells.push_back(quoted_csv(field_of(row[column])));
      else
        cells.push_back(like.lists ? row[column]
                                   : json_of(std::string_view(rows.columns[column])) + ": " + row[column]);
    }
    const std::string_view open = like.csv     ? ""
                                  : like.lists ? "["
                                               : "{",
                           close = like.csv     ? ""
                                   : like.lists ? "]"
                                                : "}";
    out += fmt::format("{}{}{}\n", open, joined(cells, like.csv ? "," : ", "), close);
  }
  return out;
}

}  // namespace batchout
