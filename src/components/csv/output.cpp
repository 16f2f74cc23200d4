// Writes rows as CSV in the common form of spreadsheets: CR LF after each line, quotes only where they are needed,
// null and empty text both empty. A header line stands where the file begins.

#include <string>
#include <string_view>
#include <vector>

#include "base/unicode.h"
#include "batchout/component.h"
#include "components/csv/extractor.h"
#include "data/file_store.h"
#include "data/render.h"

namespace batchout {
namespace {

struct Config : FileConfig {
  std::string delimiter = ",";

  static void describe(Spec<Config>& s) {
    s.named("output", "csv", "Writes rows to a CSV file with a header line.");
    describe_file(s);
    s.field("delimiter", &Config::delimiter, "The character between two values.");
    s.check(
        "delimiter", [](const Config& c) { return is_delimiter(c.delimiter); },
        "must be one character, and neither a quote nor a line end");
  }

  // One character of any script, so that tabs, semicolons and what people invent work alike.
  static bool is_delimiter(const std::string& text) {
    std::size_t end = 0;
    return !text.empty() && next_character(text, end) != kNoCharacter && end == text.size() &&
           text.find_first_of("\"\r\n") == std::string::npos;
  }
};

class CsvOutput final : public Output {
 public:
  CsvOutput(Config config, FileStore& store, const Context&) : config_(std::move(config)), file_(store.file()) {}

  // Called again for another table; the file then refuses a header that differs.
  Result<> open(const TableShape& shape) override {
    columns_ = shape.columns.size();
    std::string header;
    write_line(header, [&](std::size_t i) { header += shape.columns[i].name; });
    BATCHOUT_CHECK(file_.check());
    return file_.set_header(std::move(header));
  }

  // Nothing is refused: every cell has a text. Lines are staged until the store commits.
  Result<std::uint64_t> write(const Block& block, Rejects&) override {
    std::vector<Block::View> columns;
    for (std::size_t i = 0; i < columns_; ++i) columns.push_back(block.column(i));
    std::string& lines = file_.staged();
    for (std::size_t row = 0; row < block.rows(); ++row)
      write_line(lines, [&](std::size_t i) {
        const Cell cell = columns[i].cell(row);
        if (!cell.empty()) append_text(cell, block.shape().columns[i].zone, lines);
      });
    return block.rows();
  }

  Result<> finish() override { return {}; }

 private:
  // One line of `out`; `append_value` appends the plain value of a column to it.
  void write_line(std::string& out, const auto& append_value) const {
    const std::size_t line = out.size();
    for (std::size_t i = 0; i < columns_; ++i) {
      if (i > 0) out += config_.delimiter;
      const std::size_t start = out.size();
      append_value(i);
      quote_from(out, start);
    }
    // Alone on its line, an empty value would look like no row at all.
    out += out.size() == line ? "\"\"\r\n" : "\r\n";
  }

  // Puts quotes around the end of `out`, from `start` on, if a reader needs them. RFC 4180: a quote inside is doubled.
  // Blanks at the ends of a value belong to it and need no quotes.
  void quote_from(std::string& out, std::size_t start) const {
    const std::string_view value = std::string_view(out).substr(start);
    if (value.find_first_of("\"\r\n") == std::string_view::npos &&
        value.find(config_.delimiter) == std::string_view::npos)
      return;
    const std::string plain(value);
    out.resize(start);
    out += '"';
    for (const char c : plain) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }

  Config config_;
  // Of the store, which outlives its outputs.
  AppendFile& file_;
  std::size_t columns_ = 0;
};

}  // namespace

void add_csv(Registry& registry) {
  registry.output<Config, CsvOutput, FileStore>();
  csv::add_extractor_csv(registry);
}

}  // namespace batchout
