// Plays the engine for one input: answers its events, keeps what it delivers and what is stored of it.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "components/kafka/input.h"

namespace batchout::kafka {

struct Options {
  std::vector<std::string> topics;
  std::string group;
  std::optional<Start> start;
  std::map<std::string, std::string> librdkafka;
  std::int64_t max_batch_size = -1;
  std::optional<std::uint64_t> max_batch_bytes;
  Dialect dialect = Dialect::v1;
  std::vector<std::int32_t> partitions = {};
  std::string instance_id = {};
  /// Empty: those of BATCHOUT_TEST_KAFKA.
  std::string servers = {};
};

class Reader {
 public:
  struct Delivered {
    std::string bytes;
    std::string unit;  // "<topic>/<partition>"
    std::int64_t offset = 0;
    Payloads::State state = Payloads::State::usable;
  };

  explicit Reader(const Options& options);

  /// One pull, its event answered. Gives the event's name: payloads, waiting (no payloads, but not at the end),
  /// assigned, revoked, lost, gap, idle, error.
  std::string step(std::chrono::milliseconds wait = std::chrono::milliseconds(200));
  /// Steps until `done` holds; false if it does not within a time that is more than enough.
  bool until(const std::function<bool()>& done, std::chrono::seconds limit = std::chrono::seconds(60));
  bool until_delivered(std::size_t count);
  bool until_assigned();
  /// Steps until the end of all partitions has been told; false if anything else comes before.
  bool until_idle();

  /// Tells the input that everything delivered is stored.
  Result<> acknowledge();
  /// The id of a unit that was assigned.
  UnitId id(const std::string& unit) const { return units.at(unit); }
  std::vector<std::string> texts() const;

  std::unique_ptr<KafkaInput> input;
  /// Positions that `assign` answers with, by unit; else the input decides.
  std::map<std::string, std::int64_t> stored;
  /// Their tokens; else empty.
  std::map<std::string, std::string> stored_tokens;
  Budget budget{1000, 1 << 20};

  std::vector<Delivered> delivered;
  std::vector<std::string> events;  // Names of all but payloads and idle, in order.
  std::vector<Gap> gaps;
  std::map<std::string, UnitId> units;
  std::map<std::string, std::int64_t> starts;  // What `assign` returned.
  std::map<UnitId, std::string> owned;
  std::map<UnitId, std::int64_t> next;   // After what was delivered.
  std::map<UnitId, std::string> tokens;  // Of these.
  std::vector<std::string> warnings;
  Error error;

 private:
  std::string answer(Payloads& payloads);
  std::string answer(Assigned& event);
  std::string answer(Revoked& event);
  std::string answer(Gap& event);
  std::string answer(Idle&) { return "idle"; }
  std::string answer(End&) { return "end"; }
};

}  // namespace batchout::kafka
