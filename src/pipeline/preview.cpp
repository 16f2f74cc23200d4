// Two decorations around the components of a plan: an input that is cut short and forgets, an output that shows.

#include "pipeline/preview.h"

#include <algorithm>

namespace batchout {
namespace {

/// Passes everything on except acknowledgements, and ends after some payloads. Keeps nothing back: what the input gave
/// is shown, and what is left unread stays in its source. Acknowledgements are swallowed, so positions of a group stay
/// where they are.
class ShortInput final : public Input {
 public:
  ShortInput(std::unique_ptr<Input> input, std::size_t payloads_max) : input_(std::move(input)), left_(payloads_max) {}

  // For endless inputs, which cannot say End: the engine ends their round by count. It knows what it has given back in
  // a rebalance, so nothing of them is counted here.
  InputTraits traits() const override {
    InputTraits traits = input_->traits();
    traits.round_payloads = std::min(traits.round_payloads.value_or(left_), left_);
    return traits;
  }
  Result<> start_round() override { return input_->start_round(); }

  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override {
    if (input_->traits().endless) return input_->pull(budget, deadline, std::move(stop));
    if (left_ == 0) return End{};
    auto event = input_->pull({std::min(budget.payloads, left_), budget.bytes}, deadline, std::move(stop));
    if (event)
      if (const auto* payloads = std::get_if<Payloads>(&*event)) left_ -= std::min(left_, payloads->count());
    return event;
  }

  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    return input_->assign(positions);
  }
  void release(std::span<const UnitId> units) override { input_->release(units); }
  Result<> seek(std::span<const Position> positions) override { return input_->seek(positions); }
  void pause(bool on) override { input_->pause(on); }
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  std::unique_ptr<Input> input_;
  // Payloads that a finite input may still give.
  std::size_t left_;
};

/// One payload given on the command line. One unit with one position, for one round.
class GivenInput final : public Input {
 public:
  explicit GivenInput(std::string payload) : payload_(std::move(payload)) {}

  InputTraits traits() const override { return {}; }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget&, Time, std::stop_token) override {
    if (step_ == 0) {
      ++step_;
      return Assigned{{Unit{UnitId{0}, "given", "0"}}};
    }
    if (step_ == 2) return End{};
    ++step_;
    Payloads payloads;
    payloads.append(payload_, UnitId{0}, 0, 1);
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position>) override {
    return std::vector<Position>{{UnitId{0}, 0, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position>) override {
    step_ = 1;
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  std::string payload_;
  // 0: the unit is to be announced, 1: the payload is to be given, 2: the end.
  int step_ = 0;
};

// Claims get epoch 0, which nobody looks at: the store keeps no positions, so it is never asked.
class NoStore final : public Store {
 public:
  StoreTraits traits() const override { return {}; }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override { return std::vector<Claim>(units.size()); }
  Result<> begin(std::uint64_t) override { return {}; }
  Result<Outcome> commit(std::span<const Move>, std::span<const DeadLetter>) override { return Outcome::committed; }
  void rollback() override {}
};

// Of one writer, whatever outputs it has. The sink is called from the engine's thread.
class ShowingOutput final : public Output {
 public:
  ShowingOutput(std::string writer, const Pipeline::PreviewSink& sink) : writer_(std::move(writer)), sink_(sink) {}

  Result<> open(const TableShape&) override { return {}; }
  Result<std::uint64_t> write(const Block& block, Rejects&) override {
    sink_(writer_, block);
    return block.rows();
  }
  Result<> finish() override { return {}; }

 private:
  std::string writer_;
  const Pipeline::PreviewSink& sink_;
};

Make<Input> shortened(const Make<Input>& make, const Pipeline::Preview& preview) {
  return [make, preview](const Context& context) -> Result<std::unique_ptr<Input>> {
    if (preview.payload) return std::make_unique<GivenInput>(*preview.payload);
    BATCHOUT_TRY(std::unique_ptr<Input> input, make(context));
    return std::make_unique<ShortInput>(std::move(input), preview.payloads_max);
  };
}

}  // namespace

// The outputs of the configuration are not even built, so nothing can connect to a target.
Plan preview_plan(const Plan& plan, const Pipeline::Preview& preview, const Pipeline::PreviewSink& sink) {
  Plan shown = plan;
  for (PlannedInput& input : shown.inputs) {
    input.make = shortened(input.make, preview);
    if (preview.payload) input.parameters.reset();
    if (!input.parameters) continue;
    input.parameters->make = [make = input.parameters->make,
                              preview](const ParameterRow& row) -> Result<std::optional<Make<Input>>> {
      BATCHOUT_TRY(const std::optional<Make<Input>> made, make(row));
      return made ? std::optional(shortened(*made, preview)) : std::nullopt;
    };
  }
  shown.outputs.clear();
  shown.stores = {
      {"preview", [](const Context&) -> Result<std::unique_ptr<Store>> { return std::make_unique<NoStore>(); }}};
  for (PlannedWriter& writer : shown.writers) {
    PlannedOutput output{writer.name, 0, {}};
    output.make.output = [name = writer.name, &sink](const Context&, Store&) -> Result<std::unique_ptr<Output>> {
      return std::make_unique<ShowingOutput>(name, sink);
    };
    writer.outputs = {shown.outputs.size()};
    shown.outputs.push_back(std::move(output));
  }
  return shown;
}

}  // namespace batchout
