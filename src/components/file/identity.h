// What tells a file from another one that has come in its place: a sum of its first bytes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/compression.h"
#include "batchout/result.h"

namespace batchout::file {

struct Identity {
  /// First bytes that are looked at. A file that was shorter when it was met first is known by what it had then.
  static constexpr std::size_t kBytesMax = 64 * 1024;

  /// Kept with the position: `first=512&fnv1a=af63bd4c8601b7df`.
  std::string token;
  /// Bytes of the file as it is now.
  std::size_t size = 0;
  Compression compression = Compression::none;
  /// The file fits the token that was asked for.
  bool same = false;
};

/// Of a regular file. `known`: a token kept before; empty: none, and the token is made anew. With one that the file
/// does not fit, too. `shown` is the name in messages.
Result<Identity> identity_of(const std::string& path, const std::string& shown, std::string_view known);

}  // namespace batchout::file
