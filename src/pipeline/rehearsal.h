// A run whose rows are kept instead of stored, for tests.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "batchout/pipeline.h"
#include "pipeline/expected_rows.h"
#include "plan/plan.h"

namespace batchout {

/// What runs have made.
struct Rehearsal {
  /// Of all writers of the plan.
  std::map<std::string, ShownRows, std::less<>> rows;
  /// Writers with numbers of rows, in the order in which they got them.
  std::vector<std::pair<std::string, std::size_t>> order;
  std::map<std::string, std::uint64_t> rejects;
  /// What was logged from warnings up, and what ended a run, a line each.
  std::vector<std::string> log;
  /// Of the last run.
  Result<> outcome;
};

/// The plan of a run that hands its rows to a sink.
using ShownPlan = std::function<Plan(const Plan& plan, const Pipeline::PreviewSink& sink)>;

/// A round of `shown`, whose rows are added to `rehearsal`. Systems that are unwell are retried for a second.
void rehearse(const Plan& plan, const ShownPlan& shown, std::stop_token stop, Rehearsal& rehearsal);

}  // namespace batchout
