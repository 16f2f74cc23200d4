// What outputs can be told of the rows that they get.

#pragma once

#include <string_view>

namespace batchout {

/// An output that wants to know whose rows it gets, where several writers give it theirs.
class WriterListener {
 public:
  virtual ~WriterListener() = default;

  /// The rows that come until the next call are those of this writer.
  virtual void listen_to_writer(std::string_view name) = 0;
};

}  // namespace batchout
