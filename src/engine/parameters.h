// Inputs that are read once for each row of a selector, which gives them their parameters.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "engine/pulls.h"
#include "plan/plan.h"
#include "registry/group_member.h"

namespace batchout {

/// Many inputs that look like one: an instance per row of parameters. Some of them may be pulled at a time, but what
/// they give comes out in the order of the rows, as if they were read one after another. Units get numbers of their
/// own, since each instance begins to count anew. Without rows there is no instance or, with the rows
/// of the round before, one with the parameters that the configuration gives. A row that the input refuses (an error
/// with the verdict `row`) is logged and counted, and the others are read. An endless input has no rounds in which it
/// could be read again: it ignores parameters.
class ParameterInput final : public Input, public GroupMember {
 public:
  /// `planned` must outlive the input, and has parameters.
  ParameterInput(const PlannedInput& planned, Context context)
      : planned_(planned), context_(std::move(context)), pulls_(planned.parameters->threads) {}

  /// Builds the instance without parameters. To be called once, before everything else.
  Result<> prepare();

  /// For the rounds to come. Equal rows of a round at hand ask for the same, so they count once; the original read its
  /// inputs for each.
  void set_rows(std::vector<ParameterRow> rows);

  /// Rows refused since the last call.
  std::uint64_t take_refused() { return std::exchange(refused_, 0); }

  InputTraits traits() const override { return plain_->traits(); }
  bool shares_units() const override {
    const auto* const member = dynamic_cast<const GroupMember*>(plain_.get());
    return member != nullptr && member->shares_units();
  }
  Result<> start_round() override;
  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override;
  Result<std::vector<Position>> assign(std::span<const Position> positions) override;
  void release(std::span<const UnitId> units) override;
  Result<> seek(std::span<const Position> positions) override;
  void pause(bool on) override;
  Result<> acknowledge(std::span<const Position> positions) override;

 private:
  /// Where a unit comes from: number of the instance, and the unit there.
  struct Source {
    std::size_t instance = 0;
    UnitId unit{};
  };

  Result<> fill_window();
  Result<> next_instance();
  std::optional<Result<Event>> next_event();
  Result<std::unique_ptr<Input>> instance_of(const ParameterRow& row);
  void refuse(const Error& error, bool configured);
  void tell_refused();
  /// Positions of units of one instance, in its own numbers, and where each of them stands among all.
  struct Own {
    std::vector<Position> positions;
    std::vector<std::size_t> places;
  };

  Event renumbered(std::size_t instance, Event event);
  Assigned renumbered(std::size_t instance, const Assigned& event);
  Payloads renumbered(std::size_t instance, const Payloads& payloads) const;
  UnitId number_of(std::size_t instance, UnitId unit) const;
  std::map<std::size_t, Own> by_instance(std::span<const Position> positions) const;

  const PlannedInput& planned_;
  Context context_;
  std::unique_ptr<Input> plain_;
  std::vector<ParameterRow> rows_;
  /// The instance that is being read; those behind it are pulled as far as one event each. Rows are taken in their
  /// order.
  std::size_t current_ = 0;
  /// The first instance that has not announced its units: they are numbered in the order of the rows, too.
  std::size_t announced_ = 0;
  std::size_t next_row_ = 0;
  /// Why the next row cannot begin; told once those before it have been read.
  std::optional<Error> failure_;
  bool paused_ = false;
  std::uint64_t refused_ = 0;
  /// Of this round: the first is logged at once, the others as a number.
  std::uint64_t refused_in_round_ = 0;
  std::map<UnitId, Source> sources_;
  std::uint32_t units_ = 0;
  /// Instances of this round, as far as they have begun.
  Pulls pulls_;
};

}  // namespace batchout
