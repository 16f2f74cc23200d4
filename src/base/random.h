// Random numbers that a seed reproduces, for jitter and for tests. Not for secrets.

#pragma once

#include <cstdint>

namespace batchout {

/// SplitMix64: one word of state, equally spread, good enough for spreading retries.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  /// All 64 bits are of equal quality. The constants are those of Java's SplittableRandom: variant 13 of David
  /// Stafford's mixers.
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }

  /// From 0 to `bound` - 1; 0 if `bound` is 0. Slightly uneven for bounds that do not divide 2^64, which jitter does
  /// not notice.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }

  /// True `share` times out of `of`.
  bool chance(std::uint64_t share, std::uint64_t of) { return below(of) < share; }

 private:
  std::uint64_t state_;
};

}  // namespace batchout
