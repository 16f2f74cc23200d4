// What some inputs say of the processes beside them.

#pragma once

namespace batchout {

/// An input whose units may be shared out among processes.
class GroupMember {
 public:
  virtual ~GroupMember() = default;

  /// Somebody decides which process reads a unit: one that has lost it hears of that, and may read on if it does not.
  /// Else two processes that read one unit are a mistake. The same at all times.
  virtual bool shares_units() const = 0;
};

}  // namespace batchout
