// Cuts values behind a number of characters; bytes never decide, so no character is cut apart.

#include "base/unicode.h"
#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

struct Config {
  std::int64_t length = 0;

  static void describe(Spec<Config>& s) {
    s.named("processor", "truncate", "Cuts values that are too long.")
        .field("length", &Config::length, "Most characters of a value.")
        .required()
        .range(0, 1'000'000'000);
  }
};

class Truncate final : public TextProcessor<Truncate> {
 public:
  explicit Truncate(const Config& config) : length_(static_cast<std::size_t>(config.length)) {}

  // Characters are code points: a letter and its combining accent are two. A text of no more bytes than that cannot be
  // too long.
  void change(std::string_view value, Column& out) const {
    std::size_t end = value.size();
    if (value.size() > length_) {
      end = 0;
      for (std::size_t i = 0; i < length_ && end < value.size(); ++i) next_character(value, end);
    }
    out.append_text(Tag::text, value.substr(0, end));
  }

 private:
  std::size_t length_;
};

}  // namespace

void add_truncate(Registry& registry) {
  registry.processor<Config, Truncate>();
}

}  // namespace batchout::text
