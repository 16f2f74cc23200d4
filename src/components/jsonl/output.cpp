// Writes each row as a JSON object on a line of its own, columns in their order.

#include <string>
#include <vector>

#include "batchout/component.h"
#include "data/file_store.h"
#include "data/render.h"

namespace batchout {
namespace {

struct Config : FileConfig {
  static void describe(Spec<Config>& s) {
    s.named("output", "jsonl", "Writes rows to a file, one JSON object a line.");
    describe_file(s);
  }
};

class JsonlOutput final : public Output {
 public:
  JsonlOutput(const Config&, FileStore& store, const Context&) : file_(store.file()) {}

  // The file has no header: lines of several tables may follow each other, each names its columns.
  Result<> open(const TableShape& shape) override {
    keys_.clear();
    for (const ColumnShape& column : shape.columns) {
      std::string key = keys_.empty() ? "{" : ",";
      append_json_string(column.name, key);
      keys_.push_back(key + ':');
    }
    return file_.check();
  }

  // Absent cells are written as null, so that all lines of a table have the same keys.
  Result<std::uint64_t> write(const Block& block, Rejects&) override {
    std::vector<Block::View> columns;
    for (std::size_t i = 0; i < keys_.size(); ++i) columns.push_back(block.column(i));
    std::string& lines = file_.staged();
    for (std::size_t row = 0; row < block.rows(); ++row) {
      if (columns.empty()) lines += '{';
      for (std::size_t i = 0; i < columns.size(); ++i) {
        lines += keys_[i];
        append(columns[i].cell(row), block.shape().columns[i].zone, lines);
      }
      lines += "}\n";
    }
    return block.rows();
  }

  Result<> finish(Rejects&) override { return {}; }

 private:
  static void append(const Cell& cell, const TimeZone* zone, std::string& lines) {
    const std::size_t start = lines.size();
    append_json(cell, zone, lines);
    if (cell.tag != Tag::json) return;
    // A document may be written over several lines; its line ends are white space, never part of a text.
    for (std::size_t i = start; i < lines.size(); ++i)
      if (lines[i] == '\n' || lines[i] == '\r') lines[i] = ' ';
  }

  AppendFile& file_;
  // With the braces, commas and colons around them.
  std::vector<std::string> keys_;
};

}  // namespace

void add_jsonl(Registry& registry) {
  registry.output<Config, JsonlOutput, FileStore>();
}

}  // namespace batchout
