// Numbers in network byte order, as binary COPY wants them.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace batchout::postgres {

// Overwrites two bytes that are there.
inline void set_int16(std::uint16_t value, std::string& out, std::size_t at) {
  out[at] = static_cast<char>(value >> 8);
  out[at + 1] = static_cast<char>(value & 0xFF);
}

inline void append_int16(std::uint16_t value, std::string& out) {
  out.resize(out.size() + 2);
  set_int16(value, out, out.size() - 2);
}

inline void append_int32(std::uint32_t value, std::string& out) {
  value = __builtin_bswap32(value);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline void append_int64(std::uint64_t value, std::string& out) {
  value = __builtin_bswap64(value);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
// The swaps above are right on such machines only.
static_assert(std::endian::native == std::endian::little);

}  // namespace batchout::postgres
