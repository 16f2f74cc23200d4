// How long brokers have been listened to: what a partition that says nothing is measured by.

#pragma once

#include <algorithm>
#include <chrono>

namespace batchout::kafka {

/// Sums up the time for which messages were waited for in vain, so that of a partition nothing is under way to us. Not
/// the time between calls, nor that in which messages of others come so fast that those of the partition may wait
/// behind them.
class Listening {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /// `settling`: time that a broker may take to notice that it is asked again; so much of each stretch does not count.
  explicit Listening(Duration settling) : settling_(settling) {}

  void add(Duration waited) {
    stretch_ += waited;
    counted_ += std::clamp(stretch_ - settling_, Duration(0), waited);
  }
  /// Nothing is asked for any more; a new stretch begins with what is added next.
  void interrupt() { stretch_ = {}; }

  Duration so_far() const { return counted_; }

 private:
  Duration settling_;
  Duration stretch_{};
  Duration counted_{};
};

}  // namespace batchout::kafka
