// FNV-1a with 64 bits: a sum by which bytes are known again where nobody has to be kept from making others with it.

#pragma once

#include <cstdint>
#include <string_view>

namespace batchout {

class Fnv1a {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) sum_ = (sum_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  std::uint64_t sum() const { return sum_; }

 private:
  std::uint64_t sum_ = 0xcbf29ce484222325;
};

}  // namespace batchout
