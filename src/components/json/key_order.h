// Decides whether the keys of documents are expected in the order of last time, or taken in any order.
//
// Each way is better at what it is made for, and how often it fails shows whether it suits.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace batchout::json {

class KeyOrder {
 public:
  enum class Way : std::uint8_t { as_it_suits, any };

  explicit KeyOrder(Way way) : always_any_(way == Way::any) {}

  /// True if the keys of the next document are to be taken in any order.
  bool is_any() const { return any_left_ > 0 || always_any_; }

  /// A document was walked in any order, or could not be and is still to be walked in the other one.
  void in_any_order(bool good) {
    if (any_left_ > 0) --any_left_;
    if (good) {
      if (any_left_ == 0) pause_ = 0;
      return;
    }
    any_left_ = 0;
    pause_left_ = pause_;
    pause_ = std::min(2 * pause_ + 1, kPauseMax);
  }

  /// A key was not the expected one.
  void surprise() { ++surprises_; }
  /// A document of that many bytes was walked in the order of last time.
  void in_order(std::size_t size) {
    if (pause_left_ > 0)
      --pause_left_;
    else if (surprises_ * kBytesPerSurprise > size)
      any_left_ = kRun;
    surprises_ = 0;
  }

 private:
  static constexpr std::uint32_t kRun = 1024;           // Documents, before the other way is tried again.
  static constexpr std::uint32_t kPauseMax = 1023;      // Documents.
  static constexpr std::size_t kBytesPerSurprise = 80;  // From one in so many bytes on, any order is faster.

  bool always_any_;
  std::uint32_t any_left_ = 0;
  std::uint32_t pause_left_ = 8;  // In the first documents all keys are new.
  std::uint32_t pause_ = 0;       // The next value of `pause_left_`.
  std::size_t surprises_ = 0;     // In the document.
};

}  // namespace batchout::json
