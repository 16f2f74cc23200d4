// Messages of a batch, kept until it commits.

#include "components/kafka/output_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/kafka/errors.h"

namespace batchout::kafka {
namespace {

// Bytes of messages that go together: what librdkafka has, and the least that is tried.
constexpr std::size_t kBytesMost = 1'000'000, kBytesLeast = 1'000;

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

Result<> StagedMessages::put_into(Producer& producer, const std::stop_token& stop) const {
  const auto text_of = [&](Slice slice) { return std::string_view(bytes_).substr(slice.begin, slice.size); };
  std::vector<Header> headers;
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    const Message& message = messages_[i];
    headers.clear();
    for (std::size_t h = message.first_header; h < headers_end(i); ++h)
      headers.push_back({headers_[h].first, text_of(headers_[h].second)});
    OutgoingMessage outgoing{topics_[message.topic], std::nullopt, text_of(message.value), headers};
    if (message.key) outgoing.key = text_of(*message.key);
    BATCHOUT_CHECK(producer.put(outgoing, i, stop));
  }
  return producer.flush(stop);
}

// ----------------------------------------------------------------------------------------------------------- store

Result<std::vector<Claim>> KafkaStore::claim(std::span<const Unit> units) {
  return std::vector<Claim>(units.size());
}

Result<> KafkaStore::begin(std::uint64_t batch) {
  staged_.clear();
  if (batch != batch_) {
    refused_.clear();
    grouping_.single = false;
  }
  batch_ = batch;
  if (producer_ && producer_->grouping() == grouping_) return {};
  if (!std::exchange(opened_, true)) settings_.warn_of_bare_passwords(log_);
  BATCHOUT_TRY(producer_, Producer::open(settings_, log_, grouping_));
  return {};
}

// A producer that has failed is replaced: of what it still holds nobody knows whether it arrives.
Result<Outcome> KafkaStore::commit(std::span<const Move>, std::span<const DeadLetter>) {
  Result<> sent = staged_.put_into(*producer_, stop_);
  if (sent) sent = answered(*producer_);
  staged_.clear();
  if (sent) return Outcome::committed;
  producer_.reset();
  return std::unexpected(std::move(sent).error());
}

// Brokers answer for all messages of a request together. So the batch is sent again, message by message, which tells
// the ones that are refused; then without those, which are rejects. Each time as a whole, since those of one key keep
// their order so.
Result<> KafkaStore::answered(const Producer& producer) {
  if (producer.refused().empty()) {
    // Each one was taken by itself, so it was their being together that was too large.
    if (grouping_.single && refused_.empty())
      grouping_.bytes_max = std::max(kBytesLeast, (grouping_.bytes_max > 0 ? grouping_.bytes_max : kBytesMost) / 2);
    return {};
  }
  const std::string_view topic = staged_.topic(producer.refused().front().number);
  const std::size_t number = producer.refused().size();
  if (!std::exchange(grouping_.single, true))
    return fail(Verdict::environment, kNotTaken,
                fmt::format("The brokers do not take messages that were sent together; each goes by itself now, which "
                            "tells the one at fault: {} of {} messages, {} on {}",
                            number, staged_.count(), topic, settings_.servers()));
  for (const auto& [message, too_large] : producer.refused()) {
    refused_.insert(staged_.hash(message));
    if (!too_large || settings_.compression != Codec::none) continue;
    std::size_t& limit = limits_[std::string(staged_.topic(message))];
    limit = limit == 0 ? staged_.size(message) : std::min(limit, staged_.size(message));
  }
  return fail(Verdict::environment, kNotTaken,
              fmt::format("The brokers do not take some messages, which become rejects; the others are sent again: "
                          "{} of {} messages, {} on {}",
                          number, staged_.count(), topic, settings_.servers()));
}

bool KafkaStore::is_refused() const {
  const std::size_t last = staged_.count() - 1;
  const auto limit = limits_.find(staged_.topic(last));
  if (limit != limits_.end() && staged_.size(last) >= limit->second) return true;
  return !refused_.empty() && refused_.contains(staged_.hash(last));
}

}  // namespace batchout::kafka
