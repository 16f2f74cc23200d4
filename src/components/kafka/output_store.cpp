// Messages of a batch, kept until it commits.

#include "components/kafka/output_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/kafka/errors.h"
#include "components/kafka/letters.h"

namespace batchout::kafka {
namespace {

// Bytes of messages that go together: the most that halving begins with, and the least that it comes to.
constexpr std::size_t kBytesMost = 1'000'000, kBytesLeast = 1'000;
// Suspects that go one by one, and that make a group where there are more: so requests are few.
constexpr std::size_t kAloneMost = 128;

}  // namespace

// ---------------------------------------------------------------------------------------------------------- staged

void StagedMessages::begin(std::string_view topic) {
  auto found = topics_.empty() || topics_.back() != topic ? std::ranges::find(topics_, topic) : topics_.end() - 1;
  if (found == topics_.end()) found = topics_.emplace(topics_.end(), topic);
  begin_ = part_begin_ = bytes_.size();
  messages_.push_back({static_cast<std::size_t>(found - topics_.begin()), std::nullopt, {}, headers_.size()});
}

Slice StagedMessages::part() {
  return {part_begin_, bytes_.size() - std::exchange(part_begin_, bytes_.size())};
}

void StagedMessages::end_key() {
  messages_.back().key = part();
}

void StagedMessages::end_value() {
  messages_.back().value = part();
}

void StagedMessages::end_header(std::string_view name) {
  headers_.emplace_back(name, part());
}

std::size_t StagedMessages::message_size() const {
  std::size_t size = bytes_.size() - begin_;
  for (std::size_t i = messages_.back().first_header; i < headers_.size(); ++i) size += headers_[i].first.size();
  return size;
}

std::size_t StagedMessages::headers_end(std::size_t message) const {
  return message + 1 < messages_.size() ? messages_[message + 1].first_header : headers_.size();
}

std::size_t StagedMessages::size(std::size_t message) const {
  const Message& one = messages_[message];
  std::size_t size = one.value.size + (one.key ? one.key->size : 0);
  for (std::size_t i = one.first_header; i < headers_end(message); ++i)
    size += headers_[i].first.size() + headers_[i].second.size;
  return size;
}

std::size_t StagedMessages::hash(std::size_t message) const {
  const Message& one = messages_[message];
  std::size_t sum = std::hash<std::string_view>()(topics_[one.topic]);
  const auto add = [&](std::size_t part) { sum = sum * 0x9E3779B97F4A7C15 + part; };
  const auto add_part = [&](Slice part) {
    add(std::hash<std::string_view>()(std::string_view(bytes_).substr(part.begin, part.size)));
  };
  add(one.key.has_value());
  if (one.key) add_part(*one.key);
  add_part(one.value);
  for (std::size_t i = one.first_header; i < headers_end(message); ++i) {
    add(std::hash<std::string_view>()(headers_[i].first));
    add_part(headers_[i].second);
  }
  return sum;
}

void StagedMessages::drop() {
  bytes_.resize(begin_);
  headers_.resize(messages_.back().first_header);
  messages_.pop_back();
}

void StagedMessages::clear() {
  bytes_.clear();
  messages_.clear();
  headers_.clear();
  topics_.clear();
}

Result<> StagedMessages::put_into(Producer& producer, std::size_t number, const std::stop_token& stop) {
  const auto text_of = [&](Slice slice) { return std::string_view(bytes_).substr(slice.begin, slice.size); };
  const Message& message = messages_[number];
  put_headers_.clear();
  for (std::size_t h = message.first_header; h < headers_end(number); ++h)
    put_headers_.push_back({headers_[h].first, text_of(headers_[h].second)});
  OutgoingMessage outgoing{topics_[message.topic], std::nullopt, text_of(message.value), put_headers_};
  if (message.key) outgoing.key = text_of(*message.key);
  return producer.put(outgoing, number, stop);
}

// ----------------------------------------------------------------------------------------------------------- store

Result<std::vector<Claim>> KafkaStore::claim(std::span<const Unit> units) {
  return std::vector<Claim>(units.size());
}

Result<> KafkaStore::begin(std::uint64_t batch) {
  staged_.clear();
  if (std::exchange(batch_, batch) != batch) {
    refused_.clear();
    suspects_.clear();
    apart_ = 0;
    if (std::chrono::steady_clock::now() - limits_since_ >= limits_hold_) limits_.clear();
  }
  if (producer_) return {};
  BATCHOUT_TRY(producer_, Producer::open(settings_, log_, together_max_));
  return {};
}

Result<> KafkaStore::keep(std::span<const NewLetter> letters) {
  const std::size_t dropped = stage_letters(pipeline_, letters, settings_.topic, producer_->message_max(), staged_,
                                            [this] { return is_refused(); });
  if (dropped > 0)
    log_.warning(fmt::format("Dead letters are not kept, because the topic does not take them: {} on {}", dropped,
                             settings_.topic));
  return {};
}

namespace {

std::unexpected<Error> only_consumers() {
  return fail(Verdict::configuration, "BO508",
              "Dead letters that are messages of a topic are read by consumers, not by this command");
}

}  // namespace

Result<> KafkaStore::each(const LetterFilter&, bool, const LetterSink&) {
  return only_consumers();
}

Result<> KafkaStore::resolve(std::span<const std::int64_t>, std::string_view) {
  return only_consumers();
}

Result<> KafkaStore::note_failure(std::span<const std::int64_t>, const Reject&) {
  return only_consumers();
}

// A producer that has failed is replaced: of what it still holds nobody knows whether it arrives.
Result<Outcome> KafkaStore::commit(std::span<const Move>, std::span<const DeadLetter>) {
  Result<> sent = send();
  if (sent) sent = answered(producer_->refused());
  staged_.clear();
  if (sent) {
    patience_.restore();
    return Outcome::committed;
  }
  producer_.reset();
  return std::unexpected(patience_.judged(std::move(sent).error()));
}

// In order, so that messages of one key keep theirs. What waits for an answer goes together, so a group of suspects has
// the answers before it and its own waited for.
Result<> KafkaStore::send() {
  std::size_t in_group = 0;
  for (std::size_t i = 0; i < staged_.count(); ++i) {
    const bool suspect = apart_ > 0 && suspects_.contains(staged_.hash(i));
    if (suspect && in_group == 0) BATCHOUT_CHECK(producer_->flush(stop_));
    BATCHOUT_CHECK(staged_.put_into(*producer_, i, stop_));
    if (!suspect || ++in_group < apart_) continue;
    BATCHOUT_CHECK(producer_->flush(stop_));
    in_group = 0;
  }
  return producer_->flush(stop_);
}

// Brokers answer for all messages of a request together, and each of them may be the one at fault. So the batch is sent
// again with the suspects in smaller groups, of one at last, which tells; then without those that are refused alone,
// which become rejects. Each time as a whole: sent later, they would come behind others of their key.
Result<> KafkaStore::answered(std::span<const Refused> refused) {
  if (refused.empty()) {
    // All were taken when they were apart, so it was being together that was too much.
    if (apart_ > 0 && refused_.empty()) {
      const std::size_t now = together_max_ > 0 ? together_max_ : std::min(kBytesMost, producer_->together_max());
      together_max_ = std::max(std::min(now, kBytesLeast), now / 2);
      producer_.reset();
    }
    return {};
  }
  const bool alone = apart_ == 1;
  std::set<std::size_t> suspects;
  for (const auto& [message, too_large] : refused) {
    const std::size_t hash = staged_.hash(message);
    if (!alone || !suspects_.contains(hash)) {
      suspects.insert(hash);
      continue;
    }
    refused_.insert(hash);
    if (!too_large || settings_.compression != Codec::none) continue;
    if (limits_.empty()) limits_since_ = std::chrono::steady_clock::now();
    std::size_t& limit = limits_[std::string(staged_.topic(message))];
    limit = limit == 0 ? staged_.size(message) : std::min(limit, staged_.size(message));
  }
  // Those of groups that were taken are none any more. Once they go alone, they stay: one that was taken may be refused
  // together with others, so that the two would take turns for ever.
  if (!suspects.empty()) {
    if (alone)
      suspects_.merge(suspects);
    else
      suspects_ = std::move(suspects);
    apart_ = apart_ == 0 && refused.size() > kAloneMost ? kAloneMost : 1;
  }
  return fail(
      Verdict::environment, kNotTaken,
      fmt::format("The brokers do not take some messages; the batch is sent again {}: {} of {} messages, {} on {}",
                  alone ? "without them" : "in smaller groups, which tell the ones at fault", refused.size(),
                  staged_.count(), staged_.topic(refused.front().number), settings_.servers()));
}

bool KafkaStore::is_refused() const {
  const std::size_t last = staged_.count() - 1;
  const auto limit = limits_.find(staged_.topic(last));
  if (limit != limits_.end() && staged_.size(last) >= limit->second) return true;
  return !refused_.empty() && refused_.contains(staged_.hash(last));
}

}  // namespace batchout::kafka
