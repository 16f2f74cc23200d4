// Previews of inputs that do not stand still.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "batchout/pipeline.h"

namespace batchout {
namespace {

struct MovingConfig {
  static void describe(Spec<MovingConfig>& s) {
    s.named("input", "moving", "A topic of three messages whose partition is taken away once, and comes back.");
  }
};

class MovingInput final : public Input {
 public:
  MovingInput(const MovingConfig&, const Context&) {}

  InputTraits traits() const override {
    return {.endless = true, .round_payloads = {}, .round_quiet = std::chrono::milliseconds(300)};
  }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget& budget, Time, std::stop_token) override {
    if (!owned_) return Assigned{{Unit{UnitId{0}, "moving", "0"}}};
    if (next_ == 2 && !moved_) {
      moved_ = true;
      owned_ = false;
      return Revoked{{UnitId{0}}, true};
    }
    Payloads payloads;
    const std::int64_t end = moved_ ? 3 : 2;
    for (; next_ < end && payloads.count() < budget.payloads; ++next_)
      payloads.append("{\"n\": " + std::to_string(next_) + "}", UnitId{0}, next_, next_ + 1);
    if (payloads.empty()) return Idle{};
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position>) override {
    owned_ = true;
    next_ = 0;
    return std::vector<Position>{{UnitId{0}, 0, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    next_ = positions.front().number;
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  bool owned_ = false, moved_ = false;
  std::int64_t next_ = 0;
};

TEST(Preview, ShowsAsMuchAsItIsAskedForAlsoAfterARebalance) {
  Registry registry = Pipeline::builtin();
  registry.input<MovingConfig, MovingInput>();
  auto pipeline = Pipeline::from_text(
      "inputs: {src: {type: moving}}\n"
      "columns: {n: {type: extracted, cast: integer, path: n}}\n"
      "outputs: {out: {type: discard}}\n",
      {}, std::move(registry));
  ASSERT_TRUE(pipeline) << pipeline.error().front().text();
  std::vector<std::int64_t> shown;
  const Pipeline::PreviewSink sink = [&](std::string_view, const Block& block) {
    for (std::size_t row = 0; row < block.rows(); ++row) shown.push_back(block.column(0).cell(row).integer);
  };
  ASSERT_TRUE(pipeline->preview({.payload = {}, .payloads_max = 3}, sink));
  EXPECT_EQ(shown, (std::vector<std::int64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace batchout
