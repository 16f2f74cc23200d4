// Takes white space, or whatever characters are named, off the ends of values.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

enum class Side : std::uint8_t { both, left, right };

}  // namespace
}  // namespace batchout::text

namespace batchout {

template <>
struct Choices<text::Side> {
  static constexpr std::string_view names[] = {"both", "left", "right"};
};

}  // namespace batchout

namespace batchout::text {
namespace {

struct Config {
  std::optional<std::string> characters;
  Side side = Side::both;

  static void describe(Spec<Config>& s) {
    s.named("processor", "strip", "Takes white space, or other characters, off the ends of values.")
        .field("characters", &Config::characters, "Any of these is taken off; null: white space of all scripts.")
        .field("side", &Config::side, "At which ends.");
  }
};

class Strip final : public TextProcessor<Strip> {
 public:
  // Characters are compared as such, not their bytes: one that shares a byte with another is not cut apart.
  explicit Strip(const Config& config) : side_(config.side), white_space_(!config.characters) {
    const std::string characters = config.characters.value_or("");
    for (std::size_t at = 0; at < characters.size();) characters_.push_back(next_character(characters, at));
  }

  // A value of nothing but such characters meets both ends: the smaller one counts then.
  void change(std::string_view value, Column& out) const {
    out.append_text(Tag::text, value.substr(0, side_ == Side::left ? value.size() : end_of(value))
                                   .substr(side_ == Side::right ? 0 : std::min(begin_of(value), end_of(value))));
  }

 private:
  bool taken_off(char32_t c) const {
    return white_space_ ? is_white_space(c) : std::ranges::find(characters_, c) != characters_.end();
  }

  // Where the first character stands that stays; the size if none does.
  std::size_t begin_of(std::string_view value) const {
    std::size_t begin = 0;
    for (std::size_t at = 0; at < value.size() && taken_off(next_character(value, at));) begin = at;
    return begin;
  }

  // Behind the last character that stays; 0 if none does.
  std::size_t end_of(std::string_view value) const {
    std::size_t end = value.size();
    while (end > 0) {
      const std::size_t start = cut_size(value, end - 1);
      std::size_t at = start;
      const char32_t c = next_character(value, at);
      if (at != end || !taken_off(c)) break;  // A stray byte belongs to no character before it.
      end = start;
    }
    return end;
  }

  Side side_;
  bool white_space_;
  std::vector<char32_t> characters_;
};

}  // namespace

void add_strip(Registry& registry) {
  registry.processor<Config, Strip>();
}

}  // namespace batchout::text
