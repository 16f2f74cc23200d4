// Outputs that keep nothing: `logger` shows rows as a table in the log, `discard` only counts them.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "batchout/component.h"
#include "data/render.h"

namespace batchout {
namespace {

// Stands where outputs need a transaction and there is none. Without a transaction: a batch that is tried again shows
// or counts its rows again.
class NoStore final : public Store {
 public:
  template <class Config>
  NoStore(const Config&, const Context&) {}

  StoreTraits traits() const override { return {}; }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override { return std::vector<Claim>(units.size()); }
  Result<> begin(std::uint64_t) override { return {}; }
  Result<Outcome> commit(std::span<const Move>, std::span<const DeadLetter>) override { return Outcome::committed; }
  void rollback() override {}
};

enum class Shown : std::uint8_t { debug, info };

}  // namespace

template <>
struct Choices<Shown> {
  static constexpr std::string_view names[] = {"debug", "info"};
};

namespace {

// All loggers and discards share one store key, since there is nothing to tell apart.
struct LoggerConfig {
  std::size_t width = 80;
  Shown level = Shown::debug;

  std::string store_key() const { return "none"; }
  static void describe(Spec<LoggerConfig>& s) {
    s.named("output", "logger", "Shows rows as a table in the log.")
        .alias("dummy")
        .field("width", &LoggerConfig::width, "Most characters of a value; longer ones end in \"...\".")
        .range(4, 10'000)
        .field("level", &LoggerConfig::level, "Level of the records: debug is not shown by default.");
  }
};

struct DiscardConfig {
  std::string store_key() const { return "none"; }
  static void describe(Spec<DiscardConfig>& s) {
    s.named("output", "discard", "Counts rows and forgets them, for measuring.");
  }
};

// A value of a table in the log: on one line, at most `width` characters.
struct Value {
  std::string text;
  std::size_t characters = 0;
};

// Cut at a character. Control characters and broken UTF-8 become blanks: one record is one line.
Value shown(const std::string& value, std::size_t width) {
  Value shown;
  std::size_t cut = 0;  // Where the text ends if dots must follow.
  for (std::size_t at = 0; at < value.size();) {
    if (shown.characters == width) {
      shown.text.resize(cut);
      shown.text += "...";
      return shown;
    }
    const std::size_t start = at;
    const char32_t character = next_character(value, at);
    const bool printable = character != kNoCharacter && character >= ' ' && character != 0x7F;
    shown.text += printable ? value.substr(start, at - start) : " ";
    if (++shown.characters == width - 3) cut = shown.text.size();
  }
  return shown;
}

bool is_number(Tag tag) {
  return tag == Tag::integer || tag == Tag::real || tag == Tag::decimal;
}

class LoggerOutput final : public Output {
 public:
  LoggerOutput(const LoggerConfig& config, NoStore&, const Context& context)
      : width_(config.width), level_(config.level), log_(context.log) {}

  // The rows of a batch that was rolled back have been shown, and are shown again.
  Result<> open(const TableShape&) override {
    rows_ = 0;
    return {};
  }

  // A heading for each block, since widths are those of its values. Renders all of it whatever the level of the log is:
  // a sink does not say what it drops.
  Result<std::uint64_t> write(const Block& block, Rejects&) override {
    std::vector<std::vector<Value>> columns;
    for (std::size_t i = 0; i < block.shape().columns.size(); ++i) columns.push_back(column(block, i));
    for (std::size_t line = 0; line <= block.rows() && !columns.empty(); ++line) {
      show(line_of(columns, line));
      if (line == 0) show(rule_of(columns));
    }
    rows_ += block.rows();
    return block.rows();
  }

  Result<> finish(Rejects&) override {
    if (rows_ > 0) show(fmt::format("({} row{})", rows_, rows_ == 1 ? "" : "s"));
    rows_ = 0;
    return {};
  }

 private:
  void show(const std::string& line) const { level_ == Shown::debug ? log_.debug(line) : log_.info(line); }

  // The name, then the values, all of one width: numbers stand to the right.
  std::vector<Value> column(const Block& block, std::size_t number) const {
    const ColumnShape& shape = block.shape().columns[number];
    const Block::View view = block.column(number);
    std::vector<Value> lines{shown(shape.name, width_)};
    for (std::size_t row = 0; row < block.rows(); ++row) {
      const Cell cell = view.cell(row);
      std::string value;
      append_text(cell, shape.zone, value);
      lines.push_back(shown(cell.empty() ? "null" : value, width_));
    }
    const auto widest = std::ranges::max(lines, {}, &Value::characters).characters;
    for (std::size_t line = 0; line < lines.size(); ++line) {
      std::string& text = lines[line].text;
      const bool right = line > 0 && is_number(view.tag(line - 1));
      text.insert(right ? 0 : text.size(), widest - lines[line].characters, ' ');
      lines[line].characters = widest;
    }
    return lines;
  }

  // Characters are counted, not columns of a terminal, so wide scripts do not line up.
  static std::string line_of(const std::vector<std::vector<Value>>& columns, std::size_t line) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : " | ") + columns[i][line].text;
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  // Between the names and the values.
  static std::string rule_of(const std::vector<std::vector<Value>>& columns) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i)
      text += (i == 0 ? "" : "-+-") + std::string(columns[i].front().characters, '-');
    return text;
  }

  std::size_t width_;
  Shown level_;
  Log log_;
  // Of the batch.
  std::uint64_t rows_ = 0;
};

class DiscardOutput final : public Output {
 public:
  DiscardOutput(const DiscardConfig&, NoStore&, const Context&) {}

  Result<> open(const TableShape&) override { return {}; }
  Result<std::uint64_t> write(const Block& block, Rejects&) override { return block.rows(); }
  Result<> finish(Rejects&) override { return {}; }
};

}  // namespace

void add_log(Registry& registry) {
  registry.output<LoggerConfig, LoggerOutput, NoStore>();
  registry.output<DiscardConfig, DiscardOutput, NoStore>();
}

}  // namespace batchout
