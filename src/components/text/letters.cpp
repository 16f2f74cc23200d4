// Lower and upper case of all scripts, character by character: every character becomes one character, whatever stands
// around it, in no particular language. Tables of Unicode come with utf8proc.

#include <utf8proc.h>

#include <string>

#include "base/ascii.h"
#include "base/unicode.h"
#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

struct LowerConfig {
  static void describe(Spec<LowerConfig>& s) { s.named("processor", "lower", "Makes letters small."); }
};

struct UpperConfig {
  static void describe(Spec<UpperConfig>& s) { s.named("processor", "upper", "Makes letters large."); }
};

// ASCII only; other characters go through the tables.
constexpr char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

// Lengths in characters stay, so a ligature such as ﬁ has no capital here, and a final sigma is like any other.
template <bool to_upper>
class Letters final : public TextProcessor<Letters<to_upper>> {
 public:
  template <class Config>
  explicit Letters(const Config&) {}

  // Bytes that are no UTF-8 stay as they are.
  void change(std::string_view value, Column& out) {
    value_.clear();
    for (std::size_t at = 0; at < value.size();) {
      if (const char c = value[at]; (c & 0x80) == 0) {
        value_ += to_upper ? upper(c) : lower(c);
        ++at;
        continue;
      }
      const std::size_t start = at;
      const char32_t c = next_character(value, at);
      if (c == kNoCharacter) {
        value_.append(value.substr(start, at - start));
        continue;
      }
      const auto code = static_cast<utf8proc_int32_t>(c);
      append_character(static_cast<char32_t>(to_upper ? utf8proc_toupper(code) : utf8proc_tolower(code)), value_);
    }
    out.append_text(Tag::text, value_);
  }

 private:
  // Scratch, kept between values.
  std::string value_;
};

}  // namespace

void add_letters(Registry& registry) {
  registry.processor<LowerConfig, Letters<false>>();
  registry.processor<UpperConfig, Letters<true>>();
}

}  // namespace batchout::text
