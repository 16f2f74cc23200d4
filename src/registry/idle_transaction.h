// What stores can do whose transaction lies idle while other stores are written.

#pragma once

#include "batchout/result.h"

namespace batchout {

/// A store whose system ends transactions that are idle for too long.
class IdleTransaction {
 public:
  virtual ~IdleTransaction() = default;

  /// Other stores are written and committed within each transaction of this one. Told once, before the first `begin`.
  virtual void expect_idleness() = 0;

  /// Asked before the others commit. An error of the environment if the system is known to have ended the open
  /// transaction; not to be asked without one. Does not wait for the system.
  virtual Result<> check_transaction() = 0;
};

}  // namespace batchout
