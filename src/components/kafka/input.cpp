// Reads Kafka topics as one member of a consumer group, or the partitions that it is told.
//
// Messages are taken one by one: librdkafka 2.0.2's calls for many can lose some in a rebalance.

#include "components/kafka/input.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "components/kafka/errors.h"
#include "components/kafka/output.h"
#include "registry/registry.h"

namespace batchout::kafka {
namespace {

using std::chrono::milliseconds;

// Between two looks at the stop token.
constexpr milliseconds kSlice{100};
// For more messages once there is one.
constexpr milliseconds kLinger{5};
// For the group to share out its partitions: it first waits out the session of a member that is dead, which is 45 s by
// default.
constexpr std::chrono::seconds kGroupWait{60};

std::string topic_of(const rd_kafka_message_t& message) {
  return message.rkt == nullptr ? std::string() : rd_kafka_topic_name(message.rkt);
}

// The longest that a broker takes to say that there is nothing, and that an earlier question keeps it from a new one.
milliseconds two_fetches(const Settings& settings) {
  const std::string text = settings.librdkafka.understood("fetch.wait.max.ms");
  int one = 0;
  const bool is_known = std::from_chars(text.data(), text.data() + text.size(), one).ec == std::errc{};
  constexpr milliseconds kDefault{500};  // Of librdkafka.
  return 2 * (is_known ? milliseconds(one) : kDefault);
}

bool is_unheard(const Partition& partition) {
  return partition.owned && !partition.revoked && partition.end == Position::kUnset;
}

// Rounded up, since a wait of 0 ms before the deadline would spin.
milliseconds until(Time deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  return std::clamp(left, milliseconds(0), kSlice);
}

}  // namespace

KafkaInput::KafkaInput(Settings settings, const Context& context, milliseconds end_wait)
    : settings_(std::move(settings)),
      log_(context.log),
      start_(settings_.start.value_or(context.dialect == Dialect::v0_0_1 ? Start::latest : Start::earliest)),
      listening_(two_fetches(settings_)),
      end_wait_(std::max(end_wait, two_fetches(settings_))) {}

// In a configuration -1 is "no limit"; 0 takes no message but stores where reading would begin.
InputTraits KafkaInput::traits() const {
  InputTraits traits;
  traits.endless = true;
  traits.resumes = true;
  if (settings_.max_batch_size >= 0) traits.round_payloads = static_cast<std::size_t>(settings_.max_batch_size);
  traits.round_quiet = settings_.timeout_sec.value;
  return traits;
}

// The consumer lives from round to round: leaving and joining the group each time, as the original did, costs a
// rebalance.
Result<> KafkaInput::start_round() {
  round_bytes_ = 0;
  round_full_ = false;
  if (consumer_) return {};
  BATCHOUT_TRY(consumer_, Consumer::open(settings_, log_));
  return {};
}

// -------------------------------------------------------------------------------------------------------- pulling

// Payloads that are in hand go out before any event, because an event may take their units away. Waits in slices, so
// that a stop request is heard within kSlice.
Result<Event> KafkaInput::next_event(const Budget& budget, Time deadline, std::stop_token stop) {
  if (!consumer_) BATCHOUT_CHECK(start_round());
  hold_back(paused_ || round_full_ || budget.payloads == 0);
  BATCHOUT_CHECK(hear_silence());
  Payloads payloads;
  for (;;) {
    if (anything_due()) {
      if (!payloads.empty()) return handed_out(std::move(payloads));
      BATCHOUT_TRY(std::optional<Event> event, due_event());
      if (event) return std::move(*event);
      continue;
    }
    const milliseconds left = until(deadline);
    Message message = next_message(payloads.empty() ? left : std::min(left, kLinger));
    if (message) {
      if (take(std::move(message), budget, payloads) == Taken::full && !payloads.empty())
        return handed_out(std::move(payloads));
    } else if (!anything_due()) {
      if (!payloads.empty()) return handed_out(std::move(payloads));
      if (stop.stop_requested() || left.count() == 0) return nothing_came();
    }
  }
}

// A stopped partition waits while the input is paused: to look at it takes seconds.
bool KafkaInput::anything_due() const {
  const bool gap = !gaps_.empty() && (settings_.on_gap == OnGap::fail || !holding_back_);
  return error_ || gap || consumer_->rebalanced() || (any_stopped_ && !paused_);
}

// None if what was due needed no word to the engine.
Result<std::optional<Event>> KafkaInput::due_event() {
  if (error_) return std::unexpected(*std::exchange(error_, std::nullopt));
  if (consumer_->rebalanced()) return event_of(consumer_->take_rebalance());
  if (any_stopped_ && !paused_) BATCHOUT_CHECK(look_at_stopped());
  if (gaps_.empty() || (settings_.on_gap != OnGap::fail && holding_back_)) return std::nullopt;
  const Gap gap = gaps_.front();
  gaps_.pop_front();
  return event_of(gap);
}

// As a payload that is refused a gap is stored, rewound and counted like any other, and its dead letter is there as
// often as its position moves.
Event KafkaInput::event_of(const Gap& gap) {
  if (settings_.on_gap == OnGap::fail) return gap;
  const Partition& partition = partitions_.at(gap.unit);
  Payloads payloads;
  partition.note(payloads);
  payloads.append({}, gap.unit, gap.expected, gap.found, Payloads::State::missing,
                  fmt::format("messages were gone from the topic before they were read; positions {} to {}",
                              gap.expected, gap.found - 1));
  return payloads;
}

std::optional<Event> KafkaInput::event_of(const Rebalance& rebalance) {
  return rebalance.assigned ? assigned(rebalance) : revoked(rebalance);
}

// An assignment without partitions leaves nothing to answer. It is told only to an engine that has no unit at all,
// whose round waits for one.
std::optional<Event> KafkaInput::assigned(const Rebalance& rebalance) {
  missing_.clear();
  shared_out_ = true;
  waiting_since_.reset();
  Assigned event;
  for (int i = 0; i < rebalance.partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = rebalance.partitions->elems[i];
    event.units.push_back(partitions_.at(element.topic, element.partition).unit());
  }
  if (!event.units.empty()) return event;
  if (auto done = consumer_->assign(*rebalance.partitions); !done) error_ = done.error();
  return partitions_.owns_any() ? std::nullopt : std::optional<Event>(event);
}

// From here on nothing of these partitions is handed out, although they are given back only by `release`.
std::optional<Event> KafkaInput::revoked(const Rebalance& rebalance) {
  Revoked event;
  event.lost = rebalance.lost;
  // Others follow. A cooperative group takes what it has other plans with, and may leave it at that.
  if (rebalance.lost || !consumer_->cooperative()) shared_out_ = false;
  for (int i = 0; i < rebalance.partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = rebalance.partitions->elems[i];
    Partition& partition = partitions_.at(element.topic, element.partition);
    partition.revoked = true;
    forget(partition.id);
    event.units.push_back(partition.id);
    if (rebalance.lost) partition.owned = false;
  }
  if (!event.units.empty()) return event;
  consumer_->unassign(*rebalance.partitions);
  return std::nullopt;
}

// A paused input has nothing to fear: the engine is busy with another fault or with writing.
Result<Event> KafkaInput::nothing_came() {
  if (auto fatal = consumer_->fatal()) return std::unexpected(*std::move(fatal));
  if (paused_) return Event(Idle{});
  // What keeps it from being heard is told by the next acknowledgement, if it lasts.
  if (const auto heard = commit_unheard(); !heard) log_.debug(heard.error().message);
  if (consumer_->unreachable())
    return fail(Verdict::environment, kUnreachable,
                fmt::format("No broker can be reached; check that they run and that `bootstrap_servers` names them: "
                            "{}: {}",
                            settings_.servers(), consumer_->trouble()));
  if (!missing_.empty() && !partitions_.owns_any()) return no_topic();
  if (at_ends()) {
    waiting_since_.reset();
    return Event(Idle{});
  }
  return not_at_ends();
}

// True if nothing is to be expected: everything was read when the brokers last said how much there is. What is held
// back is not asked for.
bool KafkaInput::at_ends() {
  if (holding_back_) return true;
  return shared_out_ && std::ranges::none_of(partitions_.all(), is_unheard);
}

// Silence is not an end: a group that does not share out, or a leader that does not answer, is told of after a while,
// and again each time that it lasts so long.
Result<Event> KafkaInput::not_at_ends() {
  const Time now = std::chrono::steady_clock::now();
  if (!waiting_since_) waiting_since_ = now;
  if (shared_out_ || now - *waiting_since_ < kGroupWait) return Event(Payloads{});
  waiting_since_.reset();
  return fail(Verdict::environment, kUnreachable,
              fmt::format("The group has not shared out its partitions; check its coordinator and its other members: "
                          "{} on {}",
                          settings_.consumer_group, settings_.servers()));
}

// Each partition has a clock of its own: one without a leader shows beside others that are full of messages, whose
// round would not end either.
Result<> KafkaInput::hear_silence() {
  if (holding_back_ || !shared_out_) return {};
  std::vector<std::string> silent;
  for (Partition& partition : partitions_.all()) {
    if (!is_unheard(partition) || listening_.so_far() - partition.heard_at < end_wait_) continue;
    partition.heard_at = listening_.so_far();
    silent.push_back(partition.text());
  }
  if (silent.empty()) return {};
  if (!missing_.empty()) return no_topic();
  return fail(Verdict::environment, kUnreachable,
              fmt::format("The brokers do not answer for partitions; check that their leaders run: {} on {}",
                          fmt::join(silent, ", "), settings_.servers()));
}

std::unexpected<Error> KafkaInput::no_topic() const {
  return fail(Verdict::environment, kNoTopic,
              fmt::format("The topic does not exist; create it or correct `topic`: {} on {}", fmt::join(missing_, ", "),
                          settings_.servers()));
}

// ------------------------------------------------------------------------------------------------------- messages

// Held messages first, which keeps the order within their partitions. While holding back they stay, but polling goes
// on.
Message KafkaInput::next_message(milliseconds wait) {
  Message message;
  if (!held_.empty() && !holding_back_) {
    message = std::move(held_.front());
    held_.pop_front();
    return message;
  }
  const Time asked = std::chrono::steady_clock::now();
  message = consumer_->poll(wait);
  if (!holding_back_) listening_.add(std::chrono::steady_clock::now() - asked);
  if (auto error = consumer_->take_error()) error_ = std::move(error);
  return message;
}

// What librdkafka reports in place of a message.
void KafkaInput::note(const rd_kafka_message_t& failure) {
  const std::string topic = topic_of(failure);
  const char* reason = rd_kafka_message_errstr(&failure);
  if (failure.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    patience_.restore();
    waiting_since_.reset();
    partitions_.at(topic, failure.partition).end = failure.offset;
    return;
  }
  switch (class_of(failure.err)) {
    case Class::none:
      return;
    case Class::gap:
      partitions_.at(topic, failure.partition).stopped = true;
      any_stopped_ = true;
      return;
    case Class::no_topic:
      return note_missing(topic);
    case Class::membership:
    case Class::unwell:
      return log_.debug(fmt::format("{}: {}", rd_kafka_err2name(failure.err), reason));
    default:
      if (failure.err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED && !settings_.partitions.empty() &&
          does_without_group(error_of(failure.err, reason)))
        return;
      error_ = error_of(failure.err, fmt::format("{}/{}: {}", topic, failure.partition, reason));
  }
}

// A topic may be made after its readers: a warning now, an error of each pull that has nothing else to read. Once per
// assignment.
void KafkaInput::note_missing(const std::string& topic) {
  if (!missing_.insert(topic).second) return;
  log_.warning(fmt::format("The topic does not exist; it is waited for: {} on {}", topic, settings_.servers()));
}

// Held messages stay where they are: librdkafka goes on behind the last message that it has given us.
void KafkaInput::hold_back(bool on) {
  if (on == holding_back_) return;
  holding_back_ = on;
  const PartitionList list = owned_as_fetched();
  consumer_->pause(*list, on);
  listening_.interrupt();
  waiting_since_.reset();
  // What has come meanwhile is asked for, and librdkafka tells the end anew. A partition that is silent stays so.
  for (Partition& partition : partitions_.all())
    if (!is_unheard(partition)) ask(partition);
}

void KafkaInput::ask(Partition& partition) {
  partition.end = Position::kUnset;
  partition.heard_at = listening_.so_far();
}

// ------------------------------------------------------------------------------------------------------ positions

// Librdkafka gives up a partition whose offset the broker does not have, rightly or not. Retention that was faster than
// we is a gap; an offset that is there after all is tried again. If a question fails it is asked again by the next
// pull: the flags are cleared last.
Result<> KafkaInput::look_at_stopped() {
  for (Partition& partition : partitions_.all()) {
    if (!partition.stopped) continue;
    if (partition.owned && !partition.revoked) {
      BATCHOUT_TRY(const Watermarks marks, watermarks(partition, partition.expected));
      BATCHOUT_CHECK(starting_offset({partition.id, partition.expected, {}}, partition, marks));
      if (partition.witness && partition.witness->offset < marks.low) partition.witness.reset();
      if (partition.expected < marks.low) {
        gaps_.push_back({partition.id, partition.expected, marks.low});
        partition.expected = marks.low;
      }
      BATCHOUT_CHECK(reposition({&partition.id, 1}));
    }
    partition.stopped = false;
  }
  any_stopped_ = false;
  return {};
}

// In an eager group all partitions are revoked at once, so giving back all is giving back these. Also for units that
// were lost, whose partitions librdkafka wants to have confirmed.
void KafkaInput::release(std::span<const UnitId> units) {
  const PartitionList list = new_partition_list();
  for (const UnitId unit : units) {
    Partition* partition = partitions_.find(unit);
    if (partition == nullptr) continue;
    partition->owned = false;
    forget(unit);
    add_to(*list, *partition, RD_KAFKA_OFFSET_INVALID);
  }
  consumer_->unassign(*list);
}

// A unit that has been revoked meanwhile has nothing to go back to. The round begins to count its bytes anew, since
// what it had counted is given back.
Result<> KafkaInput::go_back(std::span<const Position> positions) {
  std::vector<UnitId> units;
  for (const Position& position : positions) {
    Partition* partition = partitions_.find(position.unit);
    if (partition == nullptr || !partition->owned || partition->revoked) continue;
    partition->expected = position.number;
    partition->stopped = false;
    forget(position.unit);
    units.push_back(position.unit);
  }
  round_bytes_ = 0;
  round_full_ = false;
  return reposition(units);
}

// Makes librdkafka fetch these units from the offset that is expected next.
Result<> KafkaInput::reposition(std::span<const UnitId> units) {
  PartitionList list = new_partition_list();
  for (const UnitId unit : units) {
    drop_held(unit);
    ask(partitions_.at(unit));
    add_to(*list, partitions_.at(unit), partitions_.at(unit).fetched_from());
  }
  BATCHOUT_TRY(PartitionList stopped, consumer_->seek(std::move(list)));
  if (stopped->cnt == 0) return {};
  if (!consumer_->cooperative()) {  // There is no restart of only some.
    stopped = owned_as_fetched();
    held_.clear();
    for (Partition& partition : partitions_.all()) ask(partition);
  }
  BATCHOUT_CHECK(consumer_->restart(*stopped));
  consumer_->pause(*stopped, holding_back_);
  return {};
}

PartitionList KafkaInput::owned_as_fetched() {
  PartitionList list = new_partition_list();
  for (const Partition& partition : partitions_.all())
    if (partition.owned && !partition.revoked) add_to(*list, partition, partition.fetched_from());
  return list;
}

// Drops what was taken of a unit and not handed out. Their messages come again from the offset that is expected.
void KafkaInput::drop_held(UnitId unit) {
  std::erase_if(held_, [&](const Message& message) {
    return partitions_.at(rd_kafka_topic_name(message->rkt), message->partition).id == unit;
  });
}

// The unit is taken away or read from elsewhere: nothing of it is still to be told.
void KafkaInput::forget(UnitId unit) {
  std::erase_if(gaps_, [&](const Gap& gap) { return gap.unit == unit; });
  drop_held(unit);
}

}  // namespace batchout::kafka

namespace batchout {

void add_kafka(Registry& registry) {
  registry.input<kafka::Settings, kafka::KafkaInput>();
  registry.output<kafka::OutputSettings, kafka::KafkaOutput, kafka::KafkaStore>();
  kafka::add_warnings<kafka::Settings>(registry.types().inputs.back().decoder);
  kafka::add_warnings<kafka::OutputSettings>(registry.types().outputs.back().decoder);
}

}  // namespace batchout
