// Writes rows as CSV: by default in the common form of spreadsheets, with CR LF after each line, quotes only where they
// are needed, null and empty text both empty. A header line stands where the file begins.

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/unicode.h"
#include "batchout/component.h"
#include "components/csv/extractor.h"
#include "data/file_store.h"
#include "data/render.h"
#include "registry/refused_rows.h"
#include "registry/target_name.h"

namespace batchout {
namespace {

enum class CsvQuoting : std::uint8_t { minimal, all, none };
enum class LineEnd : std::uint8_t { crlf, lf };

/// NULL and ~ without quotes are no texts for YAML, but here they are meant as they are written.
struct NullText {
  std::string text;
};

}  // namespace

template <>
struct Choices<CsvQuoting> {
  static constexpr std::string_view names[] = {"minimal", "all", "none"};
};
template <>
struct Choices<LineEnd> {
  static constexpr std::string_view names[] = {"crlf", "lf"};
};
template <>
struct SettingType<NullText> : AnySettingType {
  static constexpr bool takes_null = true;
  static std::string name() { return "text"; }
  static std::string print(const NullText& value) { return Setting::text_of(value.text); }
  static bool read(const Setting& setting, NullText& out) {
    if (!setting.node().is_null()) return setting.read(out.text);
    out.text = setting.node().written();
    return true;
  }
};

namespace {

struct Config : FileConfig {
  std::string delimiter = ",";
  CsvQuoting quoting = CsvQuoting::minimal;
  NullText null_text;
  LineEnd line_end = LineEnd::crlf;
  bool header = true;
  bool escape_formulas = false;

  static void describe(Spec<Config>& s) {
    s.named("output", "csv", "Writes rows to a CSV file with a header line.");
    describe_file(s);
    s.field("delimiter", &Config::delimiter, "The character between two values.")
        .field("quoting", &Config::quoting,
               "minimal: values are quoted where they must be; all: every value but null; none: never, and rows that "
               "would need it are refused.")
        .field("null_text", &Config::null_text, "What stands for null, never in quotes; an equal text is quoted.")
        .field("line_end", &Config::line_end, "crlf: CR LF as in spreadsheets; lf: LF alone.")
        .field("header", &Config::header, "Whether a file begins with the names of the columns.")
        .field("escape_formulas", &Config::escape_formulas,
               "Puts a ' before texts that spreadsheets would take for a formula.")
        .check(
            "delimiter", [](const Config& c) { return is_delimiter(c.delimiter); },
            "must be one character, and neither a quote nor a line end")
        .check(
            "null_text",
            [](const Config& c) {
              return c.null_text.text.find_first_of("\"\r\n") == std::string::npos &&
                     !c.null_text.text.contains(c.delimiter);
            },
            "must have neither the delimiter nor a quote nor a line end");
  }

  // One character of any script, so that tabs, semicolons and what people invent work alike.
  static bool is_delimiter(const std::string& text) {
    std::size_t end = 0;
    return !text.empty() && next_character(text, end) != kNoCharacter && end == text.size() &&
           text.find_first_of("\"\r\n") == std::string::npos;
  }
};

class CsvOutput final : public Output, public RefusedRows, public TargetName {
 public:
  CsvOutput(Config config, FileStore& store, const Context&)
      : config_(std::move(config)), file_(store.file()), line_end_(config_.line_end == LineEnd::lf ? "\n" : "\r\n") {}

  // Called again for another table; the file then refuses a header that differs.
  Result<> open(const TableShape& shape) override {
    columns_ = shape.columns.size();
    counter_.reset();
    BATCHOUT_CHECK(file_.check());
    std::string header;
    for (std::size_t i = 0; i < columns_; ++i) {
      if (i > 0) header += config_.delimiter;
      const std::size_t start = header.size();
      header += shape.columns[i].name;
      if (!quote_from(header, start))
        return fail(Verdict::configuration, "BO554",
                    fmt::format("The name of a column needs quotes; rename it or use another quoting: {}",
                                shape.columns[i].name));
    }
    end_line(header, 0);
    return config_.header ? file_.set_header(std::move(header)) : Result<>{};
  }

  // Lines are staged until the store commits.
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override {
    std::vector<Block::View> columns;
    for (std::size_t i = 0; i < columns_; ++i) columns.push_back(block.column(i));
    std::string& lines = file_.staged();
    std::uint64_t taken = block.rows();
    counter_.start(block.rows());
    for (std::size_t row = 0; row < block.rows(); ++row) {
      const std::size_t line = lines.size();
      std::size_t i = 0;
      while (i < columns_ && append_value(columns[i].cell(row), block.shape().columns[i], i > 0, lines)) ++i;
      if (i == columns_) {
        end_line(lines, line);
        continue;
      }
      lines.resize(line);
      rejects.push_back(reject(block, row, i));
      counter_.refuse(row);
      --taken;
    }
    return taken;
  }

  Result<> finish(Rejects&) override {
    counter_.end();
    return {};
  }

  std::span<const std::uint64_t> refused_rows() const override { return counter_.refused(); }
  Rewrite rewrite() const override { return Rewrite::adds; }
  std::string target() const override { return config_.path; }

 private:
  // False if the value cannot be written without quotes.
  bool append_value(const Cell& cell, const ColumnShape& column, bool follows, std::string& lines) const {
    if (follows) lines += config_.delimiter;
    if (cell.empty()) {
      lines += config_.null_text.text;
      return true;
    }
    const std::size_t start = lines.size();
    append_text(cell, column.zone, lines);
    if (config_.escape_formulas && is_textual(cell.tag) && cell.tag != Tag::decimal) escape_formula(lines, start);
    return quote_from(lines, start);
  }

  // What spreadsheets take for a formula begins so; OWASP's list.
  static void escape_formula(std::string& lines, std::size_t start) {
    if (start < lines.size() && std::string_view("=+-@\t\r").contains(lines[start])) lines.insert(start, 1, '\'');
  }

  // Alone on its line, an empty value would look like no row at all.
  void end_line(std::string& out, std::size_t line) const {
    if (out.size() == line && config_.quoting != CsvQuoting::none) out += "\"\"";
    out += line_end_;
  }

  // Puts quotes around the end of `out`, from `start` on, if a reader needs them. RFC 4180: a quote inside is doubled.
  // Blanks at the ends of a value belong to it and need no quotes. False if quotes are needed and not to be written.
  bool quote_from(std::string& out, std::size_t start) const {
    const std::string_view value = std::string_view(out).substr(start);
    const bool quotes = config_.quoting != CsvQuoting::none;
    const bool special = value.find_first_of(quotes ? "\"\r\n" : "\r\n") != std::string_view::npos ||
                         value.contains(config_.delimiter) || looks_like_null(value);
    if (!quotes || (config_.quoting == CsvQuoting::minimal && !special)) return !special;
    const std::string plain(value);
    out.resize(start);
    out += '"';
    for (const char c : plain) out.append(c == '"' ? 2 : 1, c);
    out += '"';
    return true;
  }

  // As long as null is empty, it and an empty text are the same.
  bool looks_like_null(std::string_view value) const { return !value.empty() && value == config_.null_text.text; }

  Reject reject(const Block& block, std::size_t row, std::size_t column) const {
    const ColumnShape& shape = block.shape().columns[column];
    Reject reject;
    reject.stage = Reject::Stage::write;
    reject.code = "BO428";
    reject.column = shape.name;
    reject.message = "A value needs quotes, and the output writes none";
    append_text(block.column(column).cell(row), shape.zone, reject.excerpt);
    if (reject.excerpt.size() > kExcerptMax) reject.excerpt.resize(kExcerptMax);
    if (const std::uint32_t origin = block.origins()[row]; origin != Block::kNone) {
      reject.unit = block.values().units[origin];
      reject.position = block.values().positions[origin];
    }
    return reject;
  }

  // Bytes.
  static constexpr std::size_t kExcerptMax = 256;

  Config config_;
  // Of the store, which outlives its outputs.
  AppendFile& file_;
  std::string_view line_end_;
  std::size_t columns_ = 0;
  RowCounter counter_;
};

}  // namespace

void add_csv(Registry& registry) {
  registry.output<Config, CsvOutput, FileStore>();
  csv::add_extractor_csv(registry);
}

}  // namespace batchout
