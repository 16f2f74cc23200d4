// Messages of a batch, kept until it commits; then the brokers get them, and have to acknowledge each one.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "components/kafka/errors.h"
#include "components/kafka/output_settings.h"
#include "components/kafka/producer.h"
#include "data/letter_book.h"
#include "registry/stop_listener.h"

namespace batchout::kafka {

/// Part of a run of bytes.
struct Slice {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// The messages of a batch in one run of bytes.
class StagedMessages {
 public:
  /// The bytes of the message that is being staged are appended here, part by part.
  std::string& bytes() { return bytes_; }

  void begin(std::string_view topic);
  /// What has been appended since the last part, or since `begin`.
  void end_key();
  void end_value();
  /// `name` is borrowed for as long as the messages are kept.
  void end_header(std::string_view name);
  /// Bytes of the message at hand, as librdkafka counts them.
  std::size_t message_size() const;
  /// Drops the message at hand.
  void drop();

  void clear();
  /// Puts one of them.
  Result<> put_into(Producer& producer, std::size_t message, const std::stop_token& stop);

  std::string_view topic(std::size_t message) const { return topics_[messages_[message].topic]; }
  /// Bytes of a message, as `message_size`.
  std::size_t size(std::size_t message) const;
  /// Tells messages from each other, by topic, key, value and headers; the one at hand is the last one.
  std::size_t hash(std::size_t message) const;
  std::size_t count() const { return messages_.size(); }

 private:
  struct Message {
    std::size_t topic = 0;
    std::optional<Slice> key;
    Slice value;
    std::size_t first_header = 0;
  };

  Slice part();
  std::size_t headers_end(std::size_t message) const;

  std::string bytes_;
  std::vector<Message> messages_;
  std::vector<std::pair<std::string_view, Slice>> headers_;
  /// Few, and the last one mostly comes again.
  std::vector<std::string> topics_;
  /// Of the message that is put.
  std::vector<Header> put_headers_;
  std::size_t begin_ = 0, part_begin_ = 0;
};

/// What a commit has sent is there even if the commit fails: at least once.
class KafkaStore final : public Store, public StopListener, public LetterBook {
 public:
  /// `limits_hold`: for how long it is believed that a topic does not take messages of a size that it has refused.
  KafkaStore(const OutputSettings& settings, const Context& context,
             std::chrono::milliseconds limits_hold = std::chrono::minutes(5))
      : settings_(settings), pipeline_(context.pipeline), log_(context.log), limits_hold_(limits_hold) {}

  StoreTraits traits() const override { return {}; }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override;
  Result<> begin(std::uint64_t batch) override;
  Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) override;
  void rollback() override { staged_.clear(); }
  void listen(std::stop_token stop) override { stop_ = std::move(stop); }

  /// A message for each payload, with what its first letter says as headers.
  Result<> keep(std::span<const NewLetter> letters) override;
  /// A topic is read by consumers: all of these are BO508.
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) override;
  Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) override;
  Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) override;

  StagedMessages& staged() { return staged_; }
  /// Bytes of the largest message. There must have been a `begin`.
  std::size_t message_max() const { return producer_->message_max(); }
  /// True if brokers have refused the message that was staged last, or a smaller one where size is what counts.
  bool is_refused() const;

 private:
  Result<> send();
  Result<> answered(std::span<const Refused> refused);

  OutputSettings settings_;
  std::string pipeline_;
  Log log_;
  Patience patience_;
  StagedMessages staged_;
  std::stop_token stop_;
  /// Of the batch that is being tried.
  std::uint64_t batch_ = 0;
  /// Hashes of its messages that are sent in groups of so many, because brokers have refused what they were in; 0: they
  /// are sent like all others.
  std::set<std::size_t> suspects_;
  std::size_t apart_ = 0;
  /// Hashes of its messages that brokers have refused.
  std::set<std::size_t> refused_;
  /// By topic the size of the smallest message that was refused alone. Not where messages are compressed: then their
  /// size says little. Forgotten after a while, since the topic may take larger ones by then.
  std::map<std::string, std::size_t, std::less<>> limits_;
  std::chrono::steady_clock::time_point limits_since_;
  std::chrono::milliseconds limits_hold_;
  /// As Producer::open takes it.
  std::size_t together_max_ = 0;
  /// None before the first batch and after an error.
  std::unique_ptr<Producer> producer_;
};

}  // namespace batchout::kafka
