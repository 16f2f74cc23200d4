// What a partition is known by in another run: its cluster, and the message before the position.
//
// A topic that is made anew begins at offset 0 again. Where it has grown beyond a position, only its messages tell it
// from the one before.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/payloads.h"

namespace batchout::kafka {

/// A message that has been read: where it stands, and a sum of its time, its key and its value.
struct Witness {
  std::int64_t offset = 0;
  std::uint64_t sum = 0;

  bool operator==(const Witness&) const = default;
};

/// Of a payload that is a message, which the same message has in every run.
Witness witness_of(const Payloads& payloads, std::size_t payload);

/// The token of a position: `mWw0Nn5cQ1GVt6VhEJmYzg&before=4710&fnv1a=af63bd4c8601b7df`, or less of it.
struct Landmark {
  /// Empty: unknown.
  std::string cluster;
  /// None: no message was read before the position, or an earlier version has stored it.
  std::optional<Witness> witness;

  static Landmark of(std::string_view token);
  std::string token() const;
};

}  // namespace batchout::kafka
