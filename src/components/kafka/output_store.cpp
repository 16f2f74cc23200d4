// Messages of a batch, kept until it commits.

#include "components/kafka/output_store.h"

#include <algorithm>
#include <utility>

namespace batchout::kafka {

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
    const std::size_t end = i + 1 < messages_.size() ? messages_[i + 1].first_header : headers_.size();
    headers.clear();
    for (std::size_t h = message.first_header; h < end; ++h)
      headers.push_back({headers_[h].first, text_of(headers_[h].second)});
    OutgoingMessage outgoing{topics_[message.topic], std::nullopt, text_of(message.value), headers};
    if (message.key) outgoing.key = text_of(*message.key);
    BATCHOUT_CHECK(producer.put(outgoing, stop));
  }
  return producer.flush(stop);
}

// ----------------------------------------------------------------------------------------------------------- store

Result<std::vector<Claim>> KafkaStore::claim(std::span<const Unit> units) {
  return std::vector<Claim>(units.size());
}

Result<> KafkaStore::begin(std::uint64_t) {
  staged_.clear();
  if (producer_) return {};
  if (!std::exchange(opened_, true)) settings_.warn_of_bare_passwords(log_);
  BATCHOUT_TRY(producer_, Producer::open(settings_, log_));
  return {};
}

// A producer that has failed is replaced: of what it still holds nobody knows whether it arrives.
Result<Outcome> KafkaStore::commit(std::span<const Move>, std::span<const DeadLetter>) {
  Result<> sent = staged_.put_into(*producer_, stop_);
  staged_.clear();
  if (sent) return Outcome::committed;
  producer_.reset();
  return std::unexpected(std::move(sent).error());
}

}  // namespace batchout::kafka
