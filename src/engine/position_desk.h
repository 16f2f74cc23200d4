// Where people look at the positions of a pipeline, and change them: the store that keeps them, and the inputs that
// know what their units are called.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/log.h"
#include "batchout/result.h"
#include "data/position_book.h"
#include "plan/plan.h"

namespace batchout {

/// One change, beside what was kept before.
struct PositionStep {
  PositionChange to;
  std::optional<std::int64_t> from;
};

/// What somebody wants: where a unit goes on.
struct PositionWish {
  /// `SOURCE/UNIT` as `kept` has them, what the input calls it, or either of the two behind `INPUT:`.
  std::string unit;
  std::int64_t number = 0;
  std::optional<std::string> token;
};

/// Every call into a component is guarded and carries its place. Used by one thread.
class PositionDesk {
 public:
  /// Connects to nothing. BO580 if nothing keeps the positions of this plan.
  static Result<PositionDesk> open(Plan plan, const LogSink& log);

  const std::string& pipeline() const { return plan_->name; }

  Result<std::vector<KeptPosition>> kept();

  /// Steps, or a sentence that says what is wrong with a wish. `kept`: what the function of that name has told.
  using Steps = std::expected<std::vector<PositionStep>, std::string>;
  Steps set(std::span<const KeptPosition> kept, std::span<const PositionWish> wishes) const;
  /// Units named as in wishes, and all units of sources; all that are kept if neither names any.
  Steps forget(std::span<const KeptPosition> kept, std::span<const std::string> units,
               std::span<const std::string> sources) const;

  /// Takes the steps together, or none of them.
  Result<> take(std::span<const PositionStep> steps);

  /// Where reading begins anew of units that are forgotten, a line for each input that says.
  std::vector<std::string> first_starts() const;

 private:
  struct Named {
    std::string name;
    std::unique_ptr<Input> input;
    /// The same.
    const NamedUnits* units = nullptr;
  };
  struct Found {
    std::string source, unit;
    /// Null: no input knows it, it is only kept.
    const NamedUnits* units = nullptr;
    bool operator==(const Found& other) const { return source == other.source && unit == other.unit; }
  };

  explicit PositionDesk(Plan plan) : plan_(std::make_unique<Plan>(std::move(plan))) {}
  Result<> build(const LogSink& log);
  Result<> build_inputs(const LogSink& log);
  Result<> build_store(const LogSink& log);
  std::expected<Found, std::string> find(std::span<const KeptPosition> kept, std::string_view text) const;

  /// Behind a pointer: a desk can be moved, and components may refer to what made them.
  std::unique_ptr<Plan> plan_;
  std::vector<Named> inputs_;
  std::unique_ptr<Store> store_;
  PositionBook* book_ = nullptr;
  std::string place_;
};

}  // namespace batchout
