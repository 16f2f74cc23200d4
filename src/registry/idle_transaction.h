// What stores can do whose transaction lies idle while other stores are written and committed.

#pragma once

#include "batchout/result.h"

namespace batchout {

/// A store whose system ends transactions that are idle for too long, or has rows that it refuses only at COMMIT.
class IdleTransaction {
 public:
  virtual ~IdleTransaction() = default;

  /// Other stores are written and committed within each transaction of this one. Told once, before the first `begin`.
  virtual void expect_idleness() = 0;

  /// Asked once all stores have been written and before the first one commits, so that it is none too early: an error,
  /// as of a `commit` that failed, if the transaction that is open cannot be committed.
  virtual Result<> check_transaction() = 0;
};

}  // namespace batchout
