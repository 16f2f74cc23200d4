// A member of a group, or a reader of finite units: the simulated input. It keeps to the contract of Input, at its
// worst, and watches whether the engine keeps to it too.

#pragma once

#include <deque>
#include <map>
#include <vector>

#include "batchout/component.h"
#include "registry/group_member.h"
#include "world.h"

namespace batchout::sim {

class SimInput final : public Input, public GroupMember {
 public:
  SimInput(World& world, Source& source);
  ~SimInput() override;

  InputTraits traits() const override;
  bool shares_units() const override;
  Result<> start_round() override;
  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override;
  Result<std::vector<Position>> assign(std::span<const Position> positions) override;
  void release(std::span<const UnitId> units) override;
  Result<> seek(std::span<const Position> positions) override;
  void pause(bool on) override;
  Result<> acknowledge(std::span<const Position> positions) override;

  /// The group has given us `log`, or taken it away. We hear of it with a later pull.
  void gain(UnitLog& log);
  void lose(UnitLog& log, bool lost);

 private:
  struct Reading {
    UnitLog* log = nullptr;
    std::int64_t next = Position::kUnset;
  };
  struct Change {
    enum class Kind : std::uint8_t { gained, revoked, lost };
    Kind kind;
    UnitLog* log;
  };

  Event tell_change();
  std::optional<Event> gap();
  Payloads read(const Budget& budget);
  void append(Payloads& payloads, UnitId id, const UnitLog& log, const Message& message);
  bool at_end() const;
  Result<> fails(const char* call);

  World& world_;
  Source& source_;
  std::deque<Change> changes_;
  std::map<UnitId, Reading> units_;  ///< Those the engine has been told of.
  std::vector<UnitId> asked_;        ///< Told, and not yet answered by `assign`.
  std::vector<UnitId> taken_;        ///< Told, and not yet answered by `release`.
  bool paused_ = false;
};

}  // namespace batchout::sim
