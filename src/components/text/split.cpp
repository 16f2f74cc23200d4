// Cuts values at a separator, into a list or one item of it.

#include <optional>
#include <string>

#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

struct Config {
  std::string separator;
  std::optional<std::int64_t> index;

  static void describe(Spec<Config>& s) {
    s.named("processor", "split", "Cuts values at a separator: gives all items as a JSON list, or one of them.")
        .field("separator", &Config::separator, "What stands between two items.")
        .required()
        .field("index", &Config::index,
               "The item to take, from 0, or from -1 backwards; null where there is none. Without it: all, as a list.")
        .check("separator", [](const Config& c) { return !c.separator.empty(); }, "needs at least one character");
  }
};

class Split final : public Processor {
 public:
  explicit Split(Config config) : config_(std::move(config)) {}

  void apply(const Column& in, Column& out) override {
    each_text(in, out, [this](std::string_view value, Column& to) {
      if (!config_.index)
        append_list(value, to);
      else
        append_item(value, *config_.index, to);
    });
  }
  Tags gives(Tags) const override { return tags_of(config_.index ? Tag::text : Tag::json); }

 private:
  // A value without the separator is a list of itself, an empty text a list of one empty text, as in Python.
  void append_list(std::string_view value, Column& out) {
    list_ = "[";
    for (std::size_t end = value.find(config_.separator);; end = value.find(config_.separator)) {
      append_json_string(value.substr(0, end), list_);
      if (end == std::string_view::npos) break;
      list_ += ", ";
      value.remove_prefix(end + config_.separator.size());
    }
    list_ += ']';
    out.append_text(Tag::json, list_);
  }

  // Backwards the items are counted first, since the separator is only searched from the left.
  void append_item(std::string_view value, std::int64_t index, Column& out) const {
    if (index < 0) {
      index += count(value);
      if (index < 0) return out.append_null();
    }
    for (; index > 0; --index) {
      const std::size_t end = value.find(config_.separator);
      if (end == std::string_view::npos) return out.append_null();
      value.remove_prefix(end + config_.separator.size());
    }
    out.append_text(Tag::text, value.substr(0, value.find(config_.separator)));
  }

  // Items, at least one.
  std::int64_t count(std::string_view value) const {
    std::int64_t items = 1;
    for (std::size_t at = value.find(config_.separator); at != std::string_view::npos; ++items)
      at = value.find(config_.separator, at + config_.separator.size());
    return items;
  }

  Config config_;
  // Scratch, kept between values.
  std::string list_;
};

}  // namespace

void add_split(Registry& registry) {
  registry.processor<Config, Split>();
}

}  // namespace batchout::text
