// What some processors can do beside their work.

#pragma once

namespace batchout {

/// A processor that makes numbers of texts, and can leave their digits as they are written.
class DigitKeeper {
 public:
  virtual ~DigitKeeper() = default;

  /// From now on numbers with a fraction or an exponent come as decimals, not as doubles: the type of the column wants
  /// their digits. To be called before the first value.
  virtual void keep_digits() = 0;
};

}  // namespace batchout
