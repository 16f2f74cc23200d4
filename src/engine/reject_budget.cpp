// Counts batch by batch.

#include "engine/reject_budget.h"

#include <set>
#include <tuple>

#include <fmt/format.h>

namespace batchout {
namespace {

constexpr std::string_view kWithoutValue = "BO403";

}  // namespace

Result<> RejectBudget::check(const Batch& batch, std::span<const Refused* const> of_outputs) {
  std::set<std::tuple<std::size_t, UnitId, std::int64_t>> refused;
  // What a compacted topic has for deleted keys is no fault of anybody.
  const auto add = [&](const Refused& one) {
    if (one.reject.code != kWithoutValue) refused.emplace(one.input, one.reject.unit, one.reject.position);
  };
  for (const Refused& one : batch.rejects) add(one);
  for (const Refused* one : of_outputs) add(*one);
  checked_ = {batch.payloads, refused.size()};
  if (refused.empty()) return {};
  if (limit_.count && refused_ + checked_.refused > *limit_.count)
    return fail(
        Verdict::row, "BO505",
        fmt::format("More payloads are refused than pipeline.reject_limit allows, so the batch was not stored; {} "
                    "in this run, at most {}",
                    refused_ + checked_.refused, *limit_.count));
  const Counts all{sum_.payloads + checked_.payloads, sum_.refused + checked_.refused};
  if (all.payloads < kShareFrom || static_cast<double>(all.refused) <= limit_.share * static_cast<double>(all.payloads))
    return {};
  return fail(
      Verdict::row, "BO505",
      fmt::format("More payloads are refused than pipeline.reject_limit allows, so the batch was not stored; {} of "
                  "the last {}, at most {:g} %",
                  all.refused, all.payloads, limit_.share * 100));
}

void RejectBudget::stored() {
  refused_ += checked_.refused;
  sum_.payloads += checked_.payloads;
  sum_.refused += checked_.refused;
  window_.push_back(checked_);
  while (sum_.payloads - window_.front().payloads >= kWindow) {
    sum_.payloads -= window_.front().payloads;
    sum_.refused -= window_.front().refused;
    window_.pop_front();
  }
}

}  // namespace batchout
