// Stand-ins for the outside world of a case: an output that remembers what it was given, and an input that plays a
// Kafka topic from files.

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "batchout/component.h"

namespace batchout::oracle {

/// One cell as the configuration's node, which tells integers from other numbers.
using Row = std::vector<Node>;

/// All rows that an output was given, by output.
using Recording = std::map<std::string, std::vector<Row>>;

/// The messages of a case's topic, and how far its group has committed.
struct Topic {
  std::vector<std::string> messages;
  std::int64_t committed = 0;
};

/// Registers type `recorder`, which writes to `recording`, and a type `kafka` that reads `topic`.
void add_stand_ins(Registry& registry, Recording& recording, Topic& topic);

}  // namespace batchout::oracle
