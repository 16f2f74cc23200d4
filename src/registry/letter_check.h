// What some stores can do beside their work.

#pragma once

#include "batchout/result.h"

namespace batchout {

/// A store that may lack the right to keep dead letters, which only the first letter would show, perhaps after weeks.
class LetterCheck {
 public:
  virtual ~LetterCheck() = default;

  /// Outside of a transaction; changes nothing. BO539: letters cannot be kept, and the message says what to do.
  virtual Result<> check_letters() = 0;
};

}  // namespace batchout
