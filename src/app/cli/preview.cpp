// `batchout preview`: what a round would write, as tables for people, or as JSON or CSV for programs.

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/arguments.h"
#include "app/cli/commands.h"
#include "app/cli/console.h"
#include "app/cli/files.h"
#include "app/cli/signals.h"
#include "app/cli/text_table.h"
#include "pipeline/json_values.h"

namespace batchout::cli {
namespace {

enum class Format : std::uint8_t { table, json, csv };

// `payload` is a file or "-"; empty: the inputs are read.
struct PreviewCommand {
  std::string config;
  std::string payload;
  std::size_t rows_max = 100;
  Format format = Format::table;
};

/// Cells of one writer's rows, rendered.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

// In the order in which writers first had rows.
using Tables = std::vector<std::pair<std::string, Table>>;

// As the csv output quotes, but for the comma, which is fixed here.
std::string quoted_csv(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

// Keeps text, not blocks, since a block is borrowed for the call of the sink.
class Collector {
 public:
  Collector(Format format, std::size_t rows_max) : format_(format), rows_max_(rows_max) {}

  // Rows beyond the limit are dropped; the columns are known from the first block on.
  void take(std::string_view writer, const Block& block) {
    Table& table = table_of(writer);
    if (table.columns.empty())
      for (const ColumnShape& column : block.shape().columns) table.columns.push_back(column.name);
    for (std::size_t row = 0; row < block.rows() && table.rows.size() < rows_max_; ++row) {
      auto& cells = table.rows.emplace_back();
      for (std::size_t c = 0; c < block.shape().columns.size(); ++c)
        cells.push_back(render(block.column(c).cell(row), block.shape().columns[c].zone));
    }
  }

  const Tables& tables() const { return tables_; }

 private:
  Table& table_of(std::string_view writer) {
    const auto found = std::ranges::find(tables_, writer, &Tables::value_type::first);
    return found != tables_.end() ? found->second : tables_.emplace_back(std::string(writer), Table{}).second;
  }

  // NULL in a table for people only; an empty CSV field and a JSON null say the same.
  std::string render(const Cell& cell, const TimeZone* zone) const {
    std::string text;
    if (format_ == Format::json)
      append_json(cell, zone, text);
    else if (!cell.empty())
      append_text(cell, zone, text);
    else if (format_ == Format::table)
      text = "NULL";
    return text;
  }

  Format format_;
  std::size_t rows_max_;
  Tables tables_;
};

void print_table(const std::string& writer, const Table& table) {
  fmt::print("{}: {} rows\n", writer, table.rows.size());
  std::vector<std::vector<std::string>> lines{table.columns};
  lines.insert(lines.end(), table.rows.begin(), table.rows.end());
  print_aligned(lines);
}

void print_csv(const Table& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c) fmt::print("{}{}", c > 0 ? "," : "", quoted_csv(cells[c]));
    fmt::print("\n");
  };
  line(table.columns);
  for (const auto& row : table.rows) line(row);
}

// One object: writer to columns and rows; cells are JSON already.
void print_json(const Tables& tables) {
  std::string out;
  for (const auto& [writer, table] : tables) {
    out += fmt::format("{}{}: {{\"columns\": [", out.empty() ? "{" : ", ", json_of(std::string_view(writer)));
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      out += (c > 0 ? ", " : "") + json_of(std::string_view(table.columns[c]));
    out += "], \"rows\": [";
    for (std::size_t r = 0; r < table.rows.size(); ++r)
      out += fmt::format("{}[{}]", r > 0 ? ", " : "", fmt::join(table.rows[r], ", "));
    out += "]}";
  }
  fmt::print("{}}}\n", out.empty() ? "{" : out);
}

Exit preview(const PreviewCommand& command) {
  const Signals signals;
  Console console(LogLevel::warning, LogFormat::text);
  auto pipeline = Pipeline::from_file(command.config);
  if (!pipeline) {
    console.problems(pipeline.error());
    return Exit::configuration;
  }
  console.problems(pipeline->warnings());
  Pipeline::Preview options{.payload = std::nullopt, .payloads_max = command.rows_max};
  if (!command.payload.empty()) {
    auto payload = read_payload(command.payload);
    if (!payload) {
      fmt::print(stderr, "batchout: {}\n", payload.error());
      return Exit::input_unavailable;
    }
    options.payload = std::move(*payload);
  }
  RunOptions run;
  run.log = console.sink();
  // Somebody waits for the answer, so a system that is unwell is not retried for minutes.
  run.retry_max = std::chrono::seconds(10);
  pipeline->set_options(std::move(run));
  Collector collector(command.format, command.rows_max);
  const Pipeline::PreviewSink sink = [&](std::string_view writer, const Block& block) {
    collector.take(writer, block);
  };
  if (const Result<> result = pipeline->preview(options, sink, signals.stop()); !result) {
    console.error(result.error());
    return exit_of(result.error());
  }
  if (command.format == Format::json) print_json(collector.tables());
  for (const auto& [writer, table] : collector.tables()) {
    if (command.format == Format::table) print_table(writer, table);
    if (command.format == Format::csv) print_csv(table);
  }
  return Exit::done;
}

}  // namespace

void add_preview(CLI::App& app, Chosen& chosen) {
  auto command = std::make_shared<PreviewCommand>();
  CLI::App& preview_app =
      *app.add_subcommand("preview", "Show what a round would write; nothing is written or committed");
  preview_app.add_option("config", command->config, "Configuration file, YAML or JSON")->required();
  preview_app.add_option("--payload", command->payload,
                         "A file with one payload to use instead of the inputs; - for standard input");
  preview_app.add_option("--limit", command->rows_max, "Most payloads of an input and rows of a writer")
      ->check(whole_number(0))
      ->option_text("NUMBER");
  add_choice(preview_app, "--format", command->format, {"table", "json", "csv"}, "How the rows are shown");
  preview_app.callback([command, &chosen] { chosen = [command] { return preview(*command); }; });
}

}  // namespace batchout::cli
