// Takes texts for what they are as JSON: containers stay text of kind json, scalars become values of their own type.

#include <charconv>

#include "base/ascii.h"
#include "base/json_text.h"
#include "base/number_text.h"
#include "components/text/processors.h"
#include "components/text/values.h"
#include "registry/digit_keeper.h"

namespace batchout::text {
namespace {

// As for payloads.
constexpr int kDepthMax = 128;
constexpr std::size_t kNumberSizeMax = 4096;
constexpr std::size_t kExcerptSizeMax = 256;

struct Config {
  static void describe(Spec<Config>& s) {
    s.named("processor", "parse_json", "Reads texts as JSON, as if they stood in the payload without their quotes.");
  }
};

class ParseJson final : public Processor, public DigitKeeper {
 public:
  explicit ParseJson(const Config&) {}

  void apply(const Column& in, Column& out) override {
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Cell cell = in.cell(i);
      if (cell.tag != Tag::text)
        out.append(cell);  // It has a type already.
      else if (is_json(cell.text, JsonEscapes::paired, kDepthMax))
        append_value(trimmed(cell.text), out);
      else
        out.append_failed(cell.text.substr(0, kExcerptSizeMax));
    }
  }
  void keep_digits() override { keeps_digits_ = true; }

  // Text may become anything; other tags pass.
  Tags gives(Tags in) const override {
    if ((in & tags_of(Tag::text)) == 0) return in;
    return in | tags_of(Tag::boolean, Tag::integer, Tag::real, Tag::decimal, Tag::text, Tag::json);
  }

 private:
  // `json` is one good JSON value without blanks around it.
  void append_value(std::string_view json, Column& out) {
    switch (json.front()) {
      case '{':
      case '[':
        return out.append_text(Tag::json, json);
      case '"':
        text_.clear();
        append_unescaped(json, text_);
        return out.append_text(Tag::text, text_);
      case 't':
      case 'f':
        return out.append_boolean(json.front() == 't');
      case 'n':
        return out.append_null();
      default:
        return append_number(json, out);
    }
  }

  // An integer beyond 64 bits keeps its digits. A number that is too long is refused as it would be in a payload.
  void append_number(std::string_view number, Column& out) const {
    if (number.size() > kNumberSizeMax) return out.append_failed(number.substr(0, kExcerptSizeMax));
    std::int64_t value = 0;
    const bool real = number.find_first_of(".eE") != std::string_view::npos;
    if (real && !keeps_digits_)
      out.append_real(read_real(number).value_or(0));
    else if (!real && std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc{})
      out.append_integer(value);
    else
      out.append_text(Tag::decimal, number);
  }

  bool keeps_digits_ = false;
  // Scratch, kept between values.
  std::string text_;
};

}  // namespace

void add_parse_json(Registry& registry) {
  registry.processor<Config, ParseJson>();
}

}  // namespace batchout::text
