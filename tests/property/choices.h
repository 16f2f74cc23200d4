// Where a generator's decisions come from: a seed, or the bytes of a fuzzer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace batchout::property {

class Choices {
 public:
  virtual ~Choices() = default;

  /// A number below `n`. What is simple or frequent should come first: a source that has run dry gives 0.
  virtual std::size_t below(std::size_t n) = 0;

  /// True once in `n` times.
  bool rarely(std::size_t n) { return below(n) == n - 1; }

  template <std::size_t N>
  std::string pick(const char* const (&choices)[N]) {
    return choices[below(N)];
  }
};

class Seeded final : public Choices {
 public:
  explicit Seeded(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) override { return random_() % n; }

 private:
  std::mt19937 random_;
};

/// A byte a decision.
class Bytes final : public Choices {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::size_t below(std::size_t n) override {
    if (bytes_.empty()) return 0;
    const std::size_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte % n;
  }
  std::span<const std::uint8_t> rest() const { return bytes_; }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace batchout::property
