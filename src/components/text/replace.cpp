// Replaces literal text in the values of a column, from left to right, matches not overlapping.
//
// Every value becomes text first, so casts that follow see text: 12.5 without its "." is 125.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unicode.h"
#include "batchout/component.h"
#include "data/render.h"

namespace batchout {
namespace {

struct Config {
  std::string old_text, new_text;
  std::int64_t count = -1;

  static void describe(Spec<Config>& s) {
    s.named("processor", "replace", "Replaces a literal text in values.")
        .field("old", &Config::old_text, "What to replace; empty: the new text goes between all characters.")
        .required()
        .field("new", &Config::new_text, "What stands there instead.")
        .required()
        .field("count", &Config::count, "Most replacements in a value; negative: all.");
  }
};

class Replace final : public Processor {
 public:
  explicit Replace(Config config) : config_(std::move(config)) {}

  void apply(const Column& in, Column& out) override {
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Cell cell = in.cell(i);
      if (cell.empty()) {
        out.append(cell);
        continue;
      }
      value_.clear();
      append_text(cell, nullptr, value_);
      replaced_.clear();
      if (config_.old_text.empty()) {
        insert_between();
      } else {
        replace();
      }
      out.append_text(Tag::text, replaced_);
    }
  }

 private:
  void replace() {
    std::size_t from = 0;
    for (std::int64_t done = 0; done != config_.count; ++done) {
      const std::size_t at = value_.find(config_.old_text, from);
      if (at == std::string::npos) break;
      replaced_.append(value_, from, at - from).append(config_.new_text);
      from = at + config_.old_text.size();
    }
    replaced_.append(value_, from);
  }

  // Before each character and at the end.
  void insert_between() {
    std::size_t at = 0;
    for (std::int64_t done = 0; done != config_.count; ++done) {
      replaced_ += config_.new_text;
      if (at == value_.size()) return;
      const std::size_t start = at;
      next_character(value_, at);
      replaced_.append(value_, start, at - start);
    }
    replaced_.append(value_, at);
  }

  Config config_;
  std::string value_, replaced_;  // Scratch, kept between values.
};

}  // namespace

void add_text(Registry& registry) {
  registry.processor<Config, Replace>();
}

}  // namespace batchout
