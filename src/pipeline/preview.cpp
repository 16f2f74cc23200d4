// Two decorations around the components of a plan: an input that is cut short and forgets, an output that shows.

#include "pipeline/preview.h"

#include <algorithm>

#include "registry/valueless_rows.h"

namespace batchout {
namespace {

/// Passes everything on except acknowledgements, and ends after some payloads. Keeps nothing back: what the input gave
/// is shown, and what is left unread stays in its source. Acknowledgements are swallowed, so positions of a group stay
/// where they are.
class ShortInput final : public Input, public ValuelessRows {
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
  bool rows_without_value() const override {
    const auto* const rows = dynamic_cast<const ValuelessRows*>(input_.get());
    return rows != nullptr && rows->rows_without_value();
  }

 private:
  std::unique_ptr<Input> input_;
  // Payloads that a finite input may still give.
  std::size_t left_;
};

/// Payloads that are given in place of an input. One unit, whose positions are the payloads' numbers, for one round.
class GivenInput final : public Input {
 public:
  explicit GivenInput(std::vector<PayloadToGive> payloads) : payloads_(std::move(payloads)) {}

  InputTraits traits() const override { return {}; }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget& budget, Time, std::stop_token) override {
    if (!announced_) {
      announced_ = true;
      return Assigned{{Unit{UnitId{0}, "given", "0"}}};
    }
    if (next_ == payloads_.size()) return End{};
    Payloads payloads;
    std::size_t bytes = 0;
    while (next_ < payloads_.size() && payloads.count() < budget.payloads) {
      const PayloadToGive& payload = payloads_[next_];
      // The first one is given whatever it takes.
      if (!payloads.empty() && bytes + payload.bytes.size() > budget.bytes) break;
      bytes += payload.bytes.size();
      const auto position = static_cast<std::int64_t>(next_++);
      payloads.append(payload.bytes, UnitId{0}, position, position + 1);
      for (const MetaNote& note : payload.notes)
        std::visit([&](const auto& value) { payloads.note(note.field, MetaValue(value), note.header); }, note.value);
    }
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position>) override {
    return std::vector<Position>{{UnitId{0}, 0, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    next_ = static_cast<std::size_t>(positions.front().number);
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  std::vector<PayloadToGive> payloads_;
  bool announced_ = false;
  std::size_t next_ = 0;
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
  Result<> finish(Rejects&) override { return {}; }

 private:
  std::string writer_;
  const Pipeline::PreviewSink& sink_;
};

Make<Input> shortened(const Make<Input>& make, const Pipeline::Preview& preview) {
  return [make, preview](const Context& context) -> Result<std::unique_ptr<Input>> {
    BATCHOUT_TRY(std::unique_ptr<Input> input, make(context));
    return std::make_unique<ShortInput>(std::move(input), preview.payloads_max);
  };
}

void shorten(PlannedInput& input, const Pipeline::Preview& preview) {
  input.make = shortened(input.make, preview);
  if (!input.parameters) return;
  input.parameters->make = [make = input.parameters->make,
                            preview](const ParameterRow& row) -> Result<std::optional<Make<Input>>> {
    BATCHOUT_TRY(const std::optional<Make<Input>> made, make(row));
    return made ? std::optional(shortened(*made, preview)) : std::nullopt;
  };
}

/// Whatever parameters the input has, it gives the same.
void give(PlannedInput& input, std::vector<PayloadToGive> payloads) {
  input.parameters.reset();
  input.make = [payloads = std::move(payloads)](const Context&) -> Result<std::unique_ptr<Input>> {
    return std::make_unique<GivenInput>(payloads);
  };
}

// The outputs of the configuration are not even built, so nothing can connect to a target.
void show(Plan& plan, const Pipeline::PreviewSink& sink) {
  plan.outputs.clear();
  plan.stores = {
      {"preview", [](const Context&) -> Result<std::unique_ptr<Store>> { return std::make_unique<NoStore>(); }}};
  for (PlannedWriter& writer : plan.writers) {
    PlannedOutput output{writer.name, 0, {}};
    output.make.output = [name = writer.name, &sink](const Context&, Store&) -> Result<std::unique_ptr<Output>> {
      return std::make_unique<ShowingOutput>(name, sink);
    };
    writer.outputs = {plan.outputs.size()};
    plan.outputs.push_back(std::move(output));
  }
}

}  // namespace

Plan preview_plan(const Plan& plan, const Pipeline::Preview& preview, const Pipeline::PreviewSink& sink) {
  Plan shown = plan;
  for (PlannedInput& input : shown.inputs) {
    if (preview.payload)
      give(input, {{*preview.payload, {}}});
    else
      shorten(input, preview);
  }
  show(shown, sink);
  return shown;
}

Plan rehearsal_plan(const Plan& plan, const PayloadsOfInputs& payloads, const Pipeline::PreviewSink& sink) {
  Plan shown = plan;
  for (PlannedInput& input : shown.inputs) {
    const auto given = payloads.find(input.name);
    give(input, given != payloads.end() ? given->second : std::vector<PayloadToGive>());
  }
  show(shown, sink);
  return shown;
}

}  // namespace batchout
