// What people call a partition.

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "components/kafka/input.h"

namespace batchout::kafka {

namespace {

constexpr std::string_view kSystem = "kafka:";

}  // namespace

std::optional<Unit> KafkaInput::unit_named(std::string_view text) const {
  if (text.starts_with(kSystem)) text.remove_prefix(kSystem.size());
  const std::size_t slash = text.rfind('/');
  const bool one_topic = settings_.topic.size() == 1 && !settings_.has_patterns();
  if (slash == std::string_view::npos && !one_topic) return std::nullopt;
  const std::string topic(slash == std::string_view::npos ? settings_.topic.front() : text.substr(0, slash));
  const std::string number(text.substr(slash == std::string_view::npos ? 0 : slash + 1));
  std::int32_t partition = 0;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), partition);
  // One text for each number.
  if (code != std::errc() || partition < 0 || std::to_string(partition) != number) return std::nullopt;
  const auto& some = settings_.partitions;
  if (!settings_.reads(topic) || (!some.empty() && std::ranges::find(some, partition) == some.end()))
    return std::nullopt;
  return Unit{{}, std::string(kSystem) + topic, number};
}

bool KafkaInput::reads_source(std::string_view source) const {
  return source.starts_with(kSystem) && settings_.reads(source.substr(kSystem.size()));
}

std::expected<std::string, std::string> KafkaInput::token_at(const Unit&, std::int64_t,
                                                             const std::optional<std::string>& given,
                                                             const std::string&) const {
  if (given) return std::unexpected("a partition has an offset and no token");
  return std::string();
}

std::string KafkaInput::first_start() const {
  constexpr std::string_view kEnds[] = {"at the beginning of the partition", "at the end of the partition",
                                        "nowhere, which is an error"};
  return fmt::format("at the offset that group \"{}\" has committed, without one {}", settings_.consumer_group,
                     kEnds[static_cast<std::size_t>(start_)]);
}

}  // namespace batchout::kafka
