// ISO 8859-1 has the first 256 characters of Unicode, in their order.

#include "components/regex/text.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/unicode.h"

namespace batchout::regex {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

Fault bad_encoding(std::string_view name, std::size_t offset) {
  return {kBadEncoding, fmt::format("the payload is not {}, at byte {}", name, offset)};
}

}  // namespace

std::expected<std::string_view, Fault> read_text(std::string_view payload, Encoding encoding, std::string& memory) {
  if (payload.size() > kTextMax)
    return std::unexpected(Fault{
        kTooLarge,
        fmt::format("regular expressions read texts of at most {} bytes, this has {}", kTextMax, payload.size())});
  if (encoding == Encoding::latin1) {
    memory.clear();
    for (const char c : payload) append_character(static_cast<unsigned char>(c), memory);
    return std::string_view(memory);
  }
  if (encoding == Encoding::ascii) {
    const auto strange = std::ranges::find_if(payload, is_beyond_ascii);
    if (strange == payload.end()) return payload;
    return std::unexpected(bad_encoding("ASCII", static_cast<std::size_t>(strange - payload.begin())));
  }
  const std::size_t broken = find_broken_utf8(payload);
  if (broken != std::string_view::npos) return std::unexpected(bad_encoding("UTF-8", broken));
  if (payload.starts_with(kByteOrderMark)) payload.remove_prefix(kByteOrderMark.size());
  return payload;
}

}  // namespace batchout::regex
