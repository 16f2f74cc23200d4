// Fills cells without a value, be it that the path finds nothing, that null stands there, or that a step before failed.

#include "components/text/processors.h"
#include "components/text/values.h"

namespace batchout::text {
namespace {

struct Config {
  Constant value;

  static void describe(Spec<Config>& s) {
    s.named("processor", "default", "Gives a value where there is none.")
        .field("value", &Config::value, "The value for absent and null.")
        .required()
        .check("value", [](const Config& c) { return c.value.tag != Tag::null; }, "needs a value, null is none");
  }
};

class Default final : public Processor {
 public:
  explicit Default(const Config& config) : value_(config.value) {}

  void apply(const Column& in, Column& out) override {
    for (std::size_t i = 0; i < in.size(); ++i) {
      const Cell cell = in.cell(i);
      out.append(cell.empty() ? value_.cell() : cell);
    }
  }
  // Empty cells are in no set of tags, so the value may always come out.
  Tags gives(Tags in) const override { return in | tags_of(value_.tag); }

 private:
  Constant value_;
};

}  // namespace

void add_default(Registry& registry) {
  registry.processor<Config, Default>();
}

}  // namespace batchout::text
