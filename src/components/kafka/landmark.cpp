// What a partition is known by in another run: the form of tokens, and the sum of a message.

#include "components/kafka/landmark.h"

#include <fmt/format.h>

#include <charconv>
#include <variant>

#include "base/fnv1a.h"

namespace batchout::kafka {
namespace {

constexpr std::string_view kBefore = "&before=";
constexpr std::string_view kSum = "&fnv1a=";

// The sum is made for each run of payloads of a partition, so it is made of few bytes; with the time and the sizes
// these tell messages apart, except for those where it makes no difference.
constexpr std::size_t kSummed = 256;

void add(Fnv1a& sum, std::string_view bytes) {
  sum.add(fmt::format_int(bytes.size()).c_str());
  sum.add(":");
  sum.add(bytes.substr(0, kSummed));
}

template <class Number>
bool reads(std::string_view text, Number& out, int base) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return code == std::errc() && end == text.data() + text.size();
}

}  // namespace

Witness witness_of(const Payloads& payloads, std::size_t payload) {
  const Payloads::Entry& entry = payloads.entry(payload);
  const MetaValue time = payloads.metadata(payload, MetaField::timestamp);
  const MetaValue key = payloads.metadata(payload, MetaField::key);
  Fnv1a sum;
  if (const auto* milliseconds = std::get_if<std::int64_t>(&time)) sum.add(fmt::format_int(*milliseconds).c_str());
  sum.add(entry.state == Payloads::State::missing ? "-" : "+");
  if (const auto* bytes = std::get_if<std::string_view>(&key)) add(sum, *bytes);
  sum.add(";");
  add(sum, payloads.bytes(payload));
  return {entry.position, sum.sum()};
}

// What has another form, as tokens of earlier versions have, names a cluster.
Landmark Landmark::of(std::string_view token) {
  const std::size_t before = token.rfind(kBefore), sum = token.rfind(kSum);
  Witness witness;
  if (before == std::string_view::npos || sum == std::string_view::npos || sum < before + kBefore.size() ||
      !reads(token.substr(before + kBefore.size(), sum - before - kBefore.size()), witness.offset, 10) ||
      !reads(token.substr(sum + kSum.size()), witness.sum, 16))
    return {std::string(token), std::nullopt};
  return {std::string(token.substr(0, before)), witness};
}

std::string Landmark::token() const {
  if (!witness) return cluster;
  return fmt::format("{}{}{}{}{:016x}", cluster, kBefore, witness->offset, kSum, witness->sum);
}

}  // namespace batchout::kafka
