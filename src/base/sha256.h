// SHA-256, computed by nettle.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace batchout {

inline constexpr std::size_t kSha256Digits = 64;

/// Writes the hash as kSha256Digits hexadecimal digits in small letters, without a NUL.
void write_sha256(std::string_view bytes, char* digits);
std::string sha256(std::string_view bytes);

}  // namespace batchout
