// Registered through the public face, as a user's own components would be.

#include "recorder.h"

#include <algorithm>
#include <chrono>

namespace batchout::oracle {
namespace {

Node node_of(const Cell& cell, const TimeZone* zone) {
  switch (cell.tag) {
    case Tag::absent:
    case Tag::null:
      return {};
    case Tag::boolean:
      return Node(cell.integer != 0);
    case Tag::integer:
      return Node(cell.integer);
    case Tag::real:
      return Node(cell.real);
    default:
      break;
  }
  std::string text;
  append_text(cell, zone, text);
  return Node(std::move(text));
}

struct RecorderConfig {
  static void describe(Spec<RecorderConfig>& s) { s.named("output", "recorder", "Remembers rows."); }
  std::string store_key() const { return "recorder"; }
};

class NoStore final : public Store {
 public:
  NoStore(const RecorderConfig&, const Context&) {}
  StoreTraits traits() const override { return {}; }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override { return std::vector<Claim>(units.size()); }
  Result<> begin(std::uint64_t) override { return {}; }
  Result<Outcome> commit(std::span<const Move>, std::span<const DeadLetter>) override { return Outcome::committed; }
  void rollback() override {}
};

class Recorder final : public Output {
 public:
  explicit Recorder(std::vector<Row>& rows) : rows_(rows) {}

  Result<> open(const TableShape&) override { return {}; }
  Result<std::uint64_t> write(const Block& block, Rejects&) override {
    for (std::size_t row = 0; row < block.rows(); ++row) {
      Row& cells = rows_.emplace_back();
      for (std::size_t c = 0; c < block.shape().columns.size(); ++c)
        cells.push_back(node_of(block.column(c).cell(row), block.shape().columns[c].zone));
    }
    return block.rows();
  }
  Result<> finish(Rejects&) override { return {}; }

 private:
  std::vector<Row>& rows_;
};

struct TopicConfig {
  std::vector<std::string> bootstrap_servers;
  std::string consumer_group, topic;
  std::int64_t max_batch_size = -1;
  Duration timeout_sec{std::chrono::milliseconds(1)};

  static void describe(Spec<TopicConfig>& s) {
    s.named("input", "kafka", "Plays a topic from files.")
        .field("bootstrap_servers", &TopicConfig::bootstrap_servers, "Ignored.")
        .field("consumer_group", &TopicConfig::consumer_group, "Ignored.")
        .field("topic", &TopicConfig::topic, "Ignored.")
        .field("max_batch_size", &TopicConfig::max_batch_size, "Messages of a round.")
        .field("timeout_sec", &TopicConfig::timeout_sec, "Quiet after which a round ends.");
  }
};

class TopicInput final : public Input {
 public:
  TopicInput(const TopicConfig& config, Topic& topic) : config_(config), topic_(topic) {}

  InputTraits traits() const override {
    InputTraits traits{.endless = true, .round_payloads = {}, .round_quiet = std::chrono::milliseconds(1)};
    if (config_.max_batch_size >= 0) traits.round_payloads = static_cast<std::size_t>(config_.max_batch_size);
    return traits;
  }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget& budget, Time, std::stop_token) override {
    if (!assigned_) {
      assigned_ = true;
      return Assigned{{Unit{UnitId{0}, "kafka:oracle.topic", "0"}}};
    }
    Payloads payloads;
    while (payloads.count() < budget.payloads && next_ < static_cast<std::int64_t>(topic_.messages.size())) {
      payloads.append(topic_.messages[static_cast<std::size_t>(next_)], UnitId{0}, next_, next_ + 1);
      ++next_;
    }
    if (payloads.empty()) return Idle{};
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position>) override {
    next_ = topic_.committed;
    return std::vector<Position>{{UnitId{0}, next_, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    next_ = positions.front().number;
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position> positions) override {
    topic_.committed = positions.front().number;
    return {};
  }

 private:
  TopicConfig config_;
  Topic& topic_;
  bool assigned_ = false;
  std::int64_t next_ = 0;
};

}  // namespace

void add_stand_ins(Registry& registry, Recording& recording, Topic& topic) {
  registry.add_output(spec_of<RecorderConfig>(), [&](const Node& node, const Decoding& decoding) {
    std::optional<OutputMake> make;
    if (!decode<RecorderConfig>(node, decoding)) return make;
    make.emplace();
    make->store_key = [](std::string_view) { return std::string("recorder"); };
    make->store = [](const Context& context) -> Result<std::unique_ptr<Store>> {
      return std::make_unique<NoStore>(RecorderConfig{}, context);
    };
    make->output = [&](const Context& context, Store&) -> Result<std::unique_ptr<Output>> {
      return std::make_unique<Recorder>(recording[context.name]);
    };
    return make;
  });
  registry.add_input(spec_of<TopicConfig>(), [&](const Node& node, const Decoding& decoding) {
    std::optional<Make<Input>> make;
    if (auto config = decode<TopicConfig>(node, decoding))
      make = [&topic, config = *config](const Context&) -> Result<std::unique_ptr<Input>> {
        return std::make_unique<TopicInput>(config, topic);
      };
    return make;
  });
}

}  // namespace batchout::oracle
