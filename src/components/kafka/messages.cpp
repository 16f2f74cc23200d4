// Which messages become payloads, and how.
//
// Each is copied into the payloads and given back at once. Offsets only have to grow: compaction and transactions leave
// holes. What comes again, below the offset that is expected next, is skipped.

#include <fmt/format.h>

#include <utility>

#include "components/kafka/errors.h"
#include "components/kafka/input.h"

namespace batchout::kafka {
namespace {

// What is taken of a message, and borrowed from it.
struct Value {
  std::string_view bytes;
  Payloads::State state = Payloads::State::usable;
};

Value value_of(const rd_kafka_message_t& message) {
  if (message.payload == nullptr) return {{}, Payloads::State::missing};
  const std::string_view bytes(static_cast<const char*>(message.payload), message.len);
  if (bytes.size() > KafkaInput::kPayloadMax)
    return {bytes.substr(0, KafkaInput::kKeptOfTooLarge), Payloads::State::too_large};
  return {bytes, Payloads::State::usable};
}

MetaValue bytes_or_null(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return nullptr;
  return std::string_view(static_cast<const char*>(bytes), size);
}

// What a message brings beside its value: its key, its time and its headers.
void note_metadata(const rd_kafka_message_t& message, Payloads& payloads) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
  // Brokers say -1 for messages that were put in without one.
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && timestamp >= 0) payloads.note(MetaField::timestamp, timestamp);
  payloads.note(MetaField::key, bytes_or_null(message.key, message.key_len));
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    payloads.note(MetaField::header, bytes_or_null(value, size), name);
}

void append(const rd_kafka_message_t& message, const Value& value, UnitId unit, Payloads& payloads) {
  payloads.append(value.bytes, unit, message.offset, message.offset + 1, value.state);
  note_metadata(message, payloads);
}

}  // namespace

// A message of a partition that is no longer ours, or below what is expected, is dropped here.
KafkaInput::Taken KafkaInput::take(Message message, const Budget& budget, Payloads& payloads) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    note(*message);
    return Taken::no;
  }
  Partition& partition = partitions_.at(rd_kafka_topic_name(message->rkt), message->partition);
  waiting_since_.reset();
  partition.heard_at = listening_.so_far();
  // One that was held may be older than what was heard of the end.
  if (message->offset >= partition.end) partition.end = Position::kUnset;
  if (!partition.owned || partition.revoked) return Taken::no;
  if (partition.witness && !is_known(partition, *message)) return Taken::no;
  if (message->offset < partition.expected) {
    ++partition.skipped;
    return Taken::no;
  }
  if (holding_back_) {  // It was on its way when librdkafka was told.
    held_.push_back(std::move(message));
    return Taken::no;
  }
  const Value value = value_of(*message);
  if (!has_room(value.bytes.size(), budget, payloads)) {
    held_.push_front(std::move(message));
    return Taken::full;
  }
  if (!payloads.has_notes_of(partition.id)) partition.note(payloads);
  append(*message, value, partition.id, payloads);
  partition.expected = message->offset + 1;
  partition.last_taken = payloads.count() - 1;
  round_bytes_ += value.bytes.size();
  patience_.restore();
  if (const auto skipped = std::exchange(partition.skipped, 0); skipped > 0)
    log_.debug(fmt::format("{} messages that had been taken before were skipped: {} below {}", skipped,
                           partition.text(), message->offset));
  return payloads.count() >= budget.payloads ? Taken::full : Taken::yes;
}

// The message before the position comes first, once. A hole where it stood says nothing: compaction and retention leave
// them.
bool KafkaInput::is_known(Partition& partition, const rd_kafka_message_t& message) {
  const Witness wanted = *partition.witness;
  if (message.offset == wanted.offset) {
    Payloads again;
    append(message, value_of(message), partition.id, again);
    partition.replaced = witness_of(again, 0) != wanted;
  }
  if (partition.replaced) {
    error_ = Error{Verdict::configuration,
                   std::string(kRewound),
                   fmt::format("Before the position to go on from is another message than the one that was read: the "
                               "topic was made anew or has lost messages; store a position within it: {}, position {}",
                               partition.text(), partition.expected),
                   {}};
    return false;
  }
  if (message.offset >= wanted.offset) partition.witness.reset();
  return true;
}

// The last message of each partition is what a later run knows the partition by.
Event KafkaInput::handed_out(Payloads payloads) {
  for (Partition& partition : partitions_.all())
    if (const auto last = std::exchange(partition.last_taken, std::nullopt))
      payloads.set_token(partition.id, Landmark{cluster_, witness_of(payloads, *last)}.token());
  return payloads;
}

// A first payload always has room, however large it is: else the topic would stand still. The limit of the round counts
// what was handed out before, in this call and in earlier ones.
bool KafkaInput::has_room(std::size_t size, const Budget& budget, const Payloads& payloads) {
  if (settings_.max_batch_bytes && round_bytes_ > 0 && round_bytes_ + size > settings_.max_batch_bytes->bytes) {
    round_full_ = true;
    hold_back(true);
    return false;
  }
  return payloads.empty() ||
         (payloads.fits(size) && payloads.arena().size() + payloads.metadata_bytes() + size <= budget.bytes);
}

}  // namespace batchout::kafka
