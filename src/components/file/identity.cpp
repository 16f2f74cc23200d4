// The sum is made of as many first bytes as the token tells, so that a file that has grown since still fits it.

#include "components/file/identity.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/files.h"
#include "base/fnv1a.h"
#include "base/percent.h"
#include "components/file/source.h"

namespace batchout::file {
namespace {

constexpr std::string_view kLength = "first=";
constexpr std::string_view kInode = "&inode=";
constexpr std::string_view kPlace = "&at=";
constexpr std::string_view kBroken = "&broken=";
constexpr std::string_view kSize = "&size=";

// A token has 4 KiB at most, and in percent encoding a path may be longer.
constexpr std::size_t kPlaceMax = 3072;

std::string token_of(std::string_view bytes) {
  Fnv1a sum;
  sum.add(bytes);
  return fmt::format("{}{}&fnv1a={:016x}", kLength, bytes.size(), sum.sum());
}

// How a token begins.
std::string_view sum_in(std::string_view token) {
  return token.substr(0, std::min({token.find(kInode), token.find(kPlace), token.find(kBroken)}));
}

std::optional<std::size_t> length_in(std::string_view token) {
  if (!token.starts_with(kLength)) return std::nullopt;
  token.remove_prefix(kLength.size());
  std::size_t length = 0;
  const auto [end, code] = std::from_chars(token.data(), token.data() + token.size(), length);
  return code == std::errc() ? std::optional(length) : std::nullopt;
}

Result<std::string> first_bytes_of(Source& source) {
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

std::string with_broken(const Identity& identity, std::int64_t begin) {
  return fmt::format("{}{}{}{}{}", identity.token, kBroken, begin, kSize, identity.size);
}

std::optional<Broken> broken_in(std::string_view token) {
  const std::size_t begin = token.find(kBroken);
  const std::size_t size = token.find(kSize);
  if (begin == std::string_view::npos || size == std::string_view::npos || size < begin) return std::nullopt;
  Broken broken;
  const std::string_view number = token.substr(begin + kBroken.size(), size - begin - kBroken.size());
  const std::string_view bytes = token.substr(size + kSize.size());
  if (std::from_chars(number.data(), number.data() + number.size(), broken.begin).ec != std::errc() ||
      std::from_chars(bytes.data(), bytes.data() + bytes.size(), broken.size).ec != std::errc())
    return std::nullopt;
  return broken;
}

std::string_view inode_in(std::string_view token) {
  const std::size_t begin = token.find(kInode);
  if (begin == std::string_view::npos) return {};
  token.remove_prefix(begin + kInode.size());
  return token.substr(0, token.find('&'));
}

std::optional<std::string> place_in(std::string_view token) {
  const std::size_t begin = token.find(kPlace);
  if (begin == std::string_view::npos) return std::nullopt;
  token.remove_prefix(begin + kPlace.size());
  return percent_decoded(token.substr(0, token.find('&')));
}

Result<Identity> identity_of(const std::string& path, const std::string& shown, std::string_view known) {
  BATCHOUT_TRY(Source source, Source::open(path, shown, false));
  BATCHOUT_TRY(const std::string bytes, first_bytes_of(source));
  Identity identity;
  identity.size = source.size();
  identity.compression = compression_of(bytes);
  const auto length = length_in(known);
  identity.same =
      length && *length <= bytes.size() && token_of(std::string_view(bytes).substr(0, *length)) == sum_in(known);
  // Of a file that has grown more is known now.
  identity.token = token_of(bytes).append(kInode).append(source.inode());
  const std::string place = percent_encoded(path_key({}, path), "-._~/");
  if (place.size() <= kPlaceMax) identity.token.append(kPlace).append(place);
  return identity;
}

}  // namespace batchout::file
