// What some stores can be told of the inputs.

#pragma once

#include <functional>
#include <string_view>

namespace batchout {

/// A store that wants to know what its pipeline reads, before anything of it is claimed.
class SourceListener {
 public:
  virtual ~SourceListener() = default;

  /// `reads` says whether an input whose positions are kept reads units of a source. It lives as long as the inputs,
  /// and is not called after the last claim.
  virtual void listen_to(std::function<bool(std::string_view source)> reads) = 0;
};

}  // namespace batchout
