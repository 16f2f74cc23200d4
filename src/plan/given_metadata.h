// What a test says of a payload beside its bytes, as an input would know it.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "batchout/payloads.h"
#include "batchout/spec.h"

namespace batchout {

/// One thing that is known of a payload; MetaValue with memory of its own.
struct MetaNote {
  MetaField field{};
  std::variant<std::nullptr_t, std::int64_t, std::string> value;
  /// Of a header its name, else empty.
  std::string header;
};

/// The names are those of the extractor `meta`. What is not given is unknown.
struct GivenMetadata {
  std::optional<std::string> topic, key, file;
  std::optional<std::int64_t> partition, offset, status;
  /// Milliseconds since 1970, or a time of ISO 8601, which is UTC unless it says otherwise.
  std::optional<std::string> timestamp;
  std::map<std::string, std::optional<std::string>> headers;

  /// `timestamp` in milliseconds; none if it is missing or no time.
  std::optional<std::int64_t> milliseconds() const;
  std::vector<MetaNote> notes() const;
  static void describe(Spec<GivenMetadata>& s);
};

}  // namespace batchout
