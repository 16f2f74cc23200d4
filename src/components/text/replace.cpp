// Replaces literal text in the values of a column, from left to right, matches not overlapping.
//
// Every value becomes text first, so casts that follow see text: 12.5 without its "." is 125.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/unicode.h"
#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
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

class Replace final : public TextProcessor<Replace> {
 public:
  explicit Replace(Config config) : config_(std::move(config)) {}

  void change(std::string_view value, Column& out) {
    replaced_.clear();
    if (config_.old_text.empty())
      insert_between(value);
    else
      replace(value);
    out.append_text(Tag::text, replaced_);
  }

 private:
  // Inserted text is not searched again.
  void replace(std::string_view value) {
    for (std::int64_t done = 0; done != config_.count; ++done) {
      const std::size_t at = value.find(config_.old_text);
      if (at == std::string_view::npos) break;
      replaced_.append(value.substr(0, at)).append(config_.new_text);
      value.remove_prefix(at + config_.old_text.size());
    }
    replaced_.append(value);
  }

  // Before each character and at the end. As Python's replace with an empty text; a broken byte counts as a character.
  void insert_between(std::string_view value) {
    std::size_t at = 0;
    for (std::int64_t done = 0; done != config_.count; ++done) {
      replaced_ += config_.new_text;
      if (at == value.size()) return;
      const std::size_t start = at;
      next_character(value, at);
      replaced_.append(value.substr(start, at - start));
    }
    replaced_.append(value.substr(at));
  }

  Config config_;
  // Scratch, kept between values.
  std::string replaced_;
};

}  // namespace

void add_replace(Registry& registry) {
  registry.processor<Config, Replace>();
}

}  // namespace batchout::text
