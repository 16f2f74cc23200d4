// What an input sees of an extractor: one path, looked up in its own payloads.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace batchout {

/// For inputs that have to know a little of what they read: where the next page is. Compiled and checked by the plan;
/// immutable.
class Finder {
 public:
  virtual ~Finder() = default;

  /// All matches in order, those without content left out: null, and empty texts, lists and objects. Texts are what
  /// they say, other values JSON. If the payload is refused: why.
  virtual std::expected<std::vector<std::string>, std::string> find(std::string_view payload) const = 0;
};

}  // namespace batchout
