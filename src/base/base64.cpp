// Base64 in groups of three bytes.

#include "base/base64.h"

#include <algorithm>
#include <cstdint>

namespace batchout {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    std::size_t count = 0;
    for (; count < 4 && text[i + count] != '='; ++count) {
      const std::size_t digit = kDigits.find(text[i + count]);
      if (digit == std::string_view::npos) return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    if (count < 2 || (count < 4 && i + 4 < text.size())) return std::nullopt;
    group <<= 6 * (4 - count);
    for (std::size_t k = 0; k + 1 < count; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
  }
  return base64(out) == text ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace batchout
