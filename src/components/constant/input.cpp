// Payloads written in the configuration itself: for examples, tests and fixed parameters.
//
// One unit whose positions are the numbers of the texts. There is nothing to resume, so every round reads all of them
// again; only in the dialect of version 0.0.1 is the input used up after its first round.

#include <algorithm>
#include <string>
#include <vector>

#include "base/wait.h"
#include "batchout/component.h"

namespace batchout {
namespace {

// A single text is a list of one; the original took it apart into characters.
struct Config {
  std::vector<std::string> data;

  static void describe(Spec<Config>& s) {
    s.named("input", "const", "Gives texts from the configuration as payloads.")
        .alias("dummy")
        .field("data", &Config::data, "The payloads, in order.")
        .required();
  }
};

class ConstantInput final : public Input {
 public:
  ConstantInput(Config config, const Context& context)
      : data_(std::move(config.data)), source_("const:" + context.name), rewinds_(context.dialect != Dialect::v0_0_1) {}

  InputTraits traits() const override { return {}; }

  // The engine forgets the units of a finite input at the end of a round, so the unit is announced again.
  Result<> start_round() override {
    if (rewinds_) next_ = 0;
    stage_ = Stage::unannounced;
    return {};
  }

  // Between the announcement and its answer there is nothing to give.
  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override {
    if (stage_ == Stage::unannounced) {
      stage_ = Stage::announced;
      return Assigned{{Unit{kUnit, source_, "0"}}};
    }
    if (paused_ || stage_ == Stage::announced) {
      wait_until(deadline, stop);
      return Idle{};
    }
    if (stage_ == Stage::released || next_ == data_.size()) return End{};
    return take(budget);
  }

  // A stored position is not honoured: what was read in an earlier round is read again.
  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    stage_ = Stage::reading;
    return std::vector<Position>(positions.size(), Position{kUnit, static_cast<std::int64_t>(next_), {}});
  }

  void release(std::span<const UnitId> units) override {
    if (!units.empty()) stage_ = Stage::released;
  }

  Result<> seek(std::span<const Position> positions) override {
    for (const Position& position : positions)
      next_ = std::min(static_cast<std::size_t>(std::max<std::int64_t>(position.number, 0)), data_.size());
    return {};
  }

  void pause(bool on) override { paused_ = on; }

  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  // In the order in which they follow each other within a round.
  enum class Stage : std::uint8_t { unannounced, announced, reading, released };
  static constexpr UnitId kUnit{0};

  // At least one payload unless the budget has no room for any; the arena is not grown for the others.
  Event take(const Budget& budget) {
    Payloads payloads;
    for (std::size_t bytes = 0; next_ < data_.size() && payloads.count() < budget.payloads; ++next_) {
      const std::string& text = data_[next_];
      bytes += text.size();
      // The first payload is always taken: a budget below its size must not stop the input for good.
      if (!payloads.empty() && (bytes > budget.bytes || !payloads.fits(text.size()))) break;
      const auto position = static_cast<std::int64_t>(next_);
      payloads.append(text, kUnit, position, position + 1);
    }
    if (payloads.empty()) return Idle{};
    return payloads;
  }

  std::vector<std::string> data_;
  std::string source_;
  bool rewinds_;
  bool paused_ = false;
  Stage stage_ = Stage::unannounced;
  // Number of the text that comes next, which is its position.
  std::size_t next_ = 0;
};

}  // namespace

void add_constant(Registry& registry) {
  registry.input<Config, ConstantInput>();
}

}  // namespace batchout
