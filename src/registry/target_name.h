// What an output writes to, for people who read of a row that it has refused.

#pragma once

#include <string>

namespace batchout {

class TargetName {
 public:
  virtual ~TargetName() = default;

  /// As the configuration has it: a table with its schema, the path of a file, a topic. Empty if it differs by row.
  virtual std::string target() const = 0;
};

}  // namespace batchout
