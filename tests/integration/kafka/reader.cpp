// Plays the engine for one input.

#include "integration/kafka/reader.h"

#include "integration/kafka/broker.h"

namespace batchout::kafka {

Reader::Reader(const Options& options) {
  Settings settings;
  settings.bootstrap_servers = {options.servers.empty() ? broker_address() : options.servers};
  settings.partitions = options.partitions;
  settings.instance_id = options.instance_id;
  settings.consumer_group = options.group;
  settings.topic = options.topics;
  settings.start = options.start;
  settings.max_batch_size = options.max_batch_size;
  if (options.max_batch_bytes) settings.max_batch_bytes = ByteSize(*options.max_batch_bytes);
  settings.librdkafka.values = options.librdkafka;
  Context context;
  context.name = "kafka";
  context.dialect = options.dialect;
  context.log = Log(
      [this](const LogRecord& record) {
        if (record.level >= LogLevel::warning) warnings.emplace_back(record.text);
      },
      "inputs.kafka");
  input = std::make_unique<KafkaInput>(settings, context);
}

std::string Reader::step(std::chrono::milliseconds wait) {
  auto event = input->pull(budget, std::chrono::steady_clock::now() + wait, {});
  std::string name = "error";
  if (event)
    name = std::visit([this](auto& it) { return answer(it); }, *event);
  else
    error = event.error();
  if (name != "payloads" && name != "waiting" && name != "idle") events.push_back(name);
  return name;
}

bool Reader::until(const std::function<bool()>& done, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done() && std::chrono::steady_clock::now() < end) step();
  return done();
}

bool Reader::until_delivered(std::size_t count) {
  return until([&] { return delivered.size() >= count; });
}

bool Reader::until_idle() {
  std::string last = "waiting";
  until([&] { return (last = step()) != "waiting"; });
  return last == "idle";
}

bool Reader::until_assigned() {
  return until([&] { return !events.empty() && events.back() == "assigned"; });
}

Result<> Reader::acknowledge() {
  std::vector<Position> positions;
  for (const auto& [unit, number] : next)
    if (owned.contains(unit)) positions.push_back({unit, number, {}});
  return input->acknowledge(positions);
}

std::vector<std::string> Reader::texts() const {
  std::vector<std::string> all;
  for (const Delivered& one : delivered) all.push_back(one.bytes);
  return all;
}

std::string Reader::answer(Payloads& payloads) {
  if (payloads.empty()) return "waiting";
  for (std::size_t i = 0; i < payloads.count(); ++i) {
    const Payloads::Entry& entry = payloads.entry(i);
    const auto unit = owned.find(entry.unit);
    delivered.push_back({std::string(payloads.bytes(i)), unit == owned.end() ? "not owned" : unit->second,
                         entry.position, entry.state});
    next[entry.unit] = entry.next;
  }
  for (const auto& [unit, token] : payloads.tokens()) tokens[unit] = token;
  return "payloads";
}

std::string Reader::answer(Assigned& event) {
  std::vector<Position> positions;
  for (const Unit& unit : event.units) {
    const std::string name = unit.source.substr(6) + "/" + unit.name;
    units[name] = unit.id;
    owned[unit.id] = name;
    positions.push_back({unit.id, stored.contains(name) ? stored[name] : Position::kUnset, stored_tokens[name]});
  }
  auto placed = input->assign(positions);
  if (!placed) {
    error = placed.error();
    return "error";
  }
  for (const Position& position : *placed) {
    starts[owned[position.unit]] = position.number;
    next[position.unit] = position.number;
    tokens[position.unit] = position.token;
  }
  return "assigned";
}

std::string Reader::answer(Revoked& event) {
  for (const UnitId unit : event.units) owned.erase(unit);
  input->release(event.units);
  return event.lost ? "lost" : "revoked";
}

std::string Reader::answer(Gap& event) {
  gaps.push_back(event);
  return "gap";
}

}  // namespace batchout::kafka
