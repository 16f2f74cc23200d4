// Counts allocations by replacing operator new: to be included by one source of a test program.

#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace batchout::testing {

inline std::size_t allocations = 0;

}  // namespace batchout::testing

void* operator new(std::size_t size) {
  ++batchout::testing::allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
