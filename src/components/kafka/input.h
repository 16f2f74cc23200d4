// Reads Kafka topics as one member of a consumer group: each partition is a unit, each message a payload.

#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "components/kafka/consumer.h"
#include "components/kafka/errors.h"
#include "components/kafka/listening.h"
#include "components/kafka/partitions.h"
#include "components/kafka/settings.h"
#include "data/position_book.h"
#include "registry/group_member.h"
#include "registry/kept_positions.h"
#include "registry/valueless_rows.h"

namespace batchout::kafka {

/// Endless: the engine ends its rounds by count or by quiet. All calls come from one thread, on which librdkafka's
/// callbacks run, too.
class KafkaInput final : public Input,
                         public NamedUnits,
                         public ValuelessRows,
                         public KeptPositions,
                         public GroupMember {
 public:
  /// Bytes of the largest message that is taken whole, and of the beginning that is kept of a larger one.
  static constexpr std::size_t kPayloadMax = 16 * 1024 * 1024;
  static constexpr std::size_t kKeptOfTooLarge = 4 * 1024;

  /// For the brokers to say that a partition has nothing more. They are asked again and again meanwhile, each time for
  /// fetch.wait.max.ms; it is waited for at least two times that.
  static constexpr std::chrono::milliseconds kEndWait{30'000};

  /// Nothing outside is touched before the first round.
  KafkaInput(Settings settings, const Context& context, std::chrono::milliseconds end_wait = kEndWait);
  /// May wait a little, so that the group hears of the last positions.
  ~KafkaInput() override;

  InputTraits traits() const override;
  Result<> start_round() override;
  /// Payloads without a single one: nothing came, and the brokers have not said yet that there is nothing.
  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override {
    return patience_.judged(next_event(budget, deadline, std::move(stop)));
  }
  /// Where the partition has lost what comes next, the position is returned as it was asked for; the next pull tells
  /// the Gap, or gives a payload that stands for it, and reading goes on behind it.
  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    return patience_.judged(begin(positions));
  }
  void release(std::span<const UnitId> units) override;
  Result<> seek(std::span<const Position> positions) override { return patience_.judged(go_back(positions)); }
  void pause(bool on) override { paused_ = on; }
  Result<> acknowledge(std::span<const Position> positions) override {
    return patience_.judged(tell_stored(positions));
  }
  void positions_are_kept() override { kept_elsewhere_ = true; }

  /// `kafka:orders/3`, `orders/3`, and `3` if there is one topic. How many partitions a topic has is not known.
  std::optional<Unit> unit_named(std::string_view text) const override;
  bool reads_source(std::string_view source) const override;
  std::expected<std::string, std::string> token_at(const Unit& unit, std::int64_t number,
                                                   const std::optional<std::string>& given,
                                                   const std::string& kept) const override;
  std::string first_start() const override;
  bool shares_units() const override { return settings_.partitions.empty(); }
  bool rows_without_value() const override { return settings_.tombstones == Tombstones::rows; }

 private:
  enum class Taken : std::uint8_t {
    yes,
    no,    // Skipped, or kept for later.
    full,  // The payloads are to be handed out: the budget, the arena or the round is used up.
  };

  Result<Event> next_event(const Budget& budget, Time deadline, std::stop_token stop);
  Result<std::vector<Position>> begin(std::span<const Position> positions);
  Result<> go_back(std::span<const Position> positions);
  Result<> tell_stored(std::span<const Position> positions);

  // Events that come before further messages, in the order in which they are told.
  bool anything_due() const;
  Result<std::optional<Event>> due_event();
  Event event_of(const Gap& gap);
  std::optional<Event> event_of(const Rebalance& rebalance);
  std::optional<Event> assigned(const Rebalance& rebalance);
  std::optional<Event> revoked(const Rebalance& rebalance);
  // Idle or no payloads, or the error that explains why nothing comes.
  Result<Event> nothing_came();
  bool at_ends();
  Result<Event> not_at_ends();
  // An error if a partition has said nothing for too long, whatever comes of the others.
  Result<> hear_silence();
  // Its end is to be told anew.
  void ask(Partition& partition);
  std::unexpected<Error> no_topic() const;

  Message next_message(std::chrono::milliseconds wait);
  // Copies a message into the payloads, if it is one that is expected.
  Taken take(Message message, const Budget& budget, Payloads& payloads);
  // False, and an error to be told, if the partition holds others than those that were read.
  bool is_known(Partition& partition, const rd_kafka_message_t& message);
  Event handed_out(Payloads payloads);
  bool has_room(std::size_t size, const Budget& budget, const Payloads& payloads);
  void note(const rd_kafka_message_t& failure);
  void note_missing(const std::string& topic);
  // Tells librdkafka to stop or go on fetching; polling goes on in both cases.
  void hold_back(bool on);

  Result<> fill_in_committed(std::span<Position> positions);
  Result<Watermarks> watermarks(const Partition& partition, std::int64_t position);
  // Takes the cluster's id into the position, or fails where it belongs to another one.
  Result<> check_cluster(Position& asked, const Partition& partition);
  Partition begun_at(const Position& start, const Partition& partition, const Watermarks& marks) const;
  // The position as a number. Fails where the partition cannot be read from there by right.
  Result<std::int64_t> starting_offset(const Position& asked, const Partition& partition, const Watermarks& marks);

  // The group, in group_offsets.cpp.
  Result<> commit_unheard();
  PartitionList unheard();
  void tell_group(std::chrono::milliseconds wait);
  void group_answered(const Result<bool>& answer);
  bool does_without_group(const Error& error);

  Result<> look_at_stopped();
  Result<> reposition(std::span<const UnitId> units);
  PartitionList owned_as_fetched();
  void drop_held(UnitId unit);
  void forget(UnitId unit);

  Settings settings_;
  Log log_;
  Start start_;
  /// From the first round on.
  std::unique_ptr<Consumer> consumer_;
  /// Its id, as soon as anything was assigned.
  std::string cluster_;
  /// Their ids hold for the life of the input.
  Partitions partitions_;
  // Taken from librdkafka and not handed out yet, in order; after consumer_, which has to outlive them.
  std::deque<Message> held_;
  // To be told next, those that become payloads while payloads are wanted.
  std::deque<Gap> gaps_;
  // To be told next.
  std::optional<Error> error_;
  Patience patience_;
  // Topics that do not exist.
  std::set<std::string> missing_;
  // Asked for by the engine.
  bool paused_ = false;
  // Told to librdkafka.
  bool holding_back_ = false;
  // Outputs keep the positions.
  bool kept_elsewhere_ = false;
  // That the group does not take offsets has been told.
  bool refused_ = false;
  // A partition has a position that the group has not heard.
  bool any_unheard_ = false;
  // The partitions that we have are what the group gave us; it may be about to give others.
  bool shared_out_ = false;
  // Since when the group has not shared out its partitions although nothing comes.
  std::optional<Time> waiting_since_;
  Listening listening_;
  Listening::Duration end_wait_;
  // A partition is `stopped`.
  bool any_stopped_ = false;
  // max_batch_bytes is reached.
  bool round_full_ = false;
  // Handed out in this round.
  std::size_t round_bytes_ = 0;
};

}  // namespace batchout::kafka
