// Replaces whole values by a table.

#include <functional>
#include <map>
#include <string>
#include <unordered_map>

#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

struct Config {
  std::map<std::string, Constant> values;
  Constant others;

  static void describe(Spec<Config>& s) {
    s.named("processor", "map", "Replaces values by those of a table.")
        .field("values", &Config::values, "What each value becomes; values are compared as texts.")
        .required()
        .field("default", &Config::others,
               "What any other value becomes, null to empty it; without this key it stays as it is.");
  }
};

// Lets a lookup go without a string made for it.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

class Map final : public Processor {
 public:
  explicit Map(const Config& config) : others_(config.others) {
    for (const auto& [from, to] : config.values) table_.emplace(from, to);
  }

  // Keys are texts, since YAML has no other keys here: 1 in the table is found for the number and for the text. Empty
  // cells are nobody's key.
  void apply(const Column& in, Column& out) override {
    char buffer[kPlainSizeMax];
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Cell cell = in.cell(i);
      if (cell.empty()) {
        out.append(cell);
        continue;
      }
      const std::string_view text =
          is_textual(cell.tag) ? cell.text : std::string_view(buffer, write_plain(buffer, cell, nullptr));
      const auto found = table_.find(text);
      if (found != table_.end())
        out.append(found->second.cell());
      else
        out.append(others_.given ? others_.cell() : cell);
    }
  }

  Tags gives(Tags in) const override {
    Tags all = others_.given ? tags_of(others_.tag) : in;
    for (const auto& [from, to] : table_) all |= tags_of(to.tag);
    return all;
  }

 private:
  std::unordered_map<std::string, Constant, TextHash, std::equal_to<>> table_;
  // Not given: what is not in the table stays.
  Constant others_;
};

}  // namespace

void add_map(Registry& registry) {
  registry.processor<Config, Map>();
}

}  // namespace batchout::text
