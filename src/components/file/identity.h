// What tells a file from another one that has come in its place: a sum of its first bytes.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/compression.h"
#include "batchout/result.h"

namespace batchout::file {

struct Identity {
  /// First bytes that are looked at. A file that was shorter when it was met last is known by what it had then.
  static constexpr std::size_t kBytesMax = 64 * 1024;

  /// Of the file as it is now, to be kept with the position:
  /// `first=512&fnv1a=af63bd4c8601b7df&inode=2049:131074&at=/srv/orders.jsonl`.
  std::string token;
  /// Bytes of the file as it is now.
  std::size_t size = 0;
  Compression compression = Compression::none;
  /// The file fits the token that was asked for.
  bool same = false;
};

/// A token beside which it is noted that the file, as it was then, could not be cut into payloads behind position
/// `begin`.
std::string with_broken(const Identity& identity, std::int64_t begin);

struct Broken {
  std::int64_t begin = 0;
  /// Of the file then, in bytes.
  std::size_t size = 0;
};
/// What `with_broken` has noted.
std::optional<Broken> broken_in(std::string_view token);

/// Device and inode of the file, which it keeps under another name, as they are in the token; empty in one of an
/// earlier version.
std::string_view inode_in(std::string_view token);

/// The absolute path that a token has; none of an earlier version.
std::optional<std::string> place_in(std::string_view token);

/// Of a regular file. `known`: a token kept before; empty: none. `shown` is the name in messages.
Result<Identity> identity_of(const std::string& path, const std::string& shown, std::string_view known);

}  // namespace batchout::file
