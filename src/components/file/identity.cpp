// The sum is made of as many first bytes as the token tells, so that a file that has grown since still fits it.

#include "components/file/identity.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "components/file/source.h"

namespace batchout::file {
namespace {

constexpr std::string_view kLength = "first=";

// FNV-1a with 64 bits: nobody has to be kept from making two files with one sum.
std::uint64_t sum_of(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

std::string token_of(std::string_view bytes) {
  return fmt::format("{}{}&fnv1a={:016x}", kLength, bytes.size(), sum_of(bytes));
}

std::optional<std::size_t> length_in(std::string_view token) {
  if (!token.starts_with(kLength)) return std::nullopt;
  token.remove_prefix(kLength.size());
  std::size_t length = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), length);
  return code == std::errc() ? std::optional(length) : std::nullopt;
}

Result<std::string> first_bytes(Source& source) {
  std::string bytes(Identity::kBytesMax, '\0');
  std::size_t count = 0;
  while (count < bytes.size()) {
    BATCHOUT_TRY(const auto read, source.read(bytes.data() + count, bytes.size() - count, {}, {}));
    if (!read || *read == 0) break;
    count += *read;
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace

Result<Identity> identity_of(const std::string& path, const std::string& shown, std::string_view known) {
  BATCHOUT_TRY(Source source, Source::open(path, shown, false));
  BATCHOUT_TRY(const std::string bytes, first_bytes(source));
  Identity identity;
  identity.size = source.size();
  identity.compression = compression_of(bytes);
  const auto length = length_in(known);
  identity.same = length && *length <= bytes.size() && token_of(std::string_view(bytes).substr(0, *length)) == known;
  identity.token = identity.same ? std::string(known) : token_of(bytes);
  return identity;
}

}  // namespace batchout::file
