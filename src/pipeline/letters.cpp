// Reads the configuration as a run does, and leaves its inputs alone.

#include "pipeline/letters.h"

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "base/random.h"
#include "config/load.h"
#include "engine/engine.h"
#include "pipeline/replay_plan.h"
#include "plan/compile.h"

namespace batchout {

struct LetterOffice::Implementation {
  Plan plan;
  std::optional<Letters> letters;
};

LetterOffice::LetterOffice(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
LetterOffice::LetterOffice(LetterOffice&&) noexcept = default;
LetterOffice& LetterOffice::operator=(LetterOffice&&) noexcept = default;
LetterOffice::~LetterOffice() = default;

std::expected<LetterOffice, Problems> LetterOffice::from_file(const std::filesystem::path& file, Problems& warnings,
                                                              const Registry& registry) {
  Problems problems;
  std::optional<Plan> plan;
  if (const auto config = load_file(file, problems))
    plan = compile_plan(*config, registry, {.file = file.string(), .folder = file.parent_path().string()}, problems);
  if (!plan) return std::unexpected(std::move(problems));
  warnings = std::move(problems);
  auto implementation = std::make_unique<Implementation>();
  implementation->plan = *std::move(plan);
  return LetterOffice(std::move(implementation));
}

Result<> LetterOffice::open(const LogSink& log) {
  BATCHOUT_TRY(implementation_->letters, Letters::open(implementation_->plan, log));
  return {};
}

Result<> LetterOffice::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  return implementation_->letters->each(filter, payloads, sink);
}

Result<std::optional<Letter>> LetterOffice::find(std::int64_t id) {
  std::optional<Letter> found;
  const auto look = [&](std::int64_t number, const std::function<void(Letter&&)>& take) {
    LetterFilter filter;
    filter.ids = {number};
    return each(filter, true, [&](Letter&& letter) -> Result<bool> {
      take(std::move(letter));
      return false;
    });
  };
  BATCHOUT_CHECK(look(id, [&](Letter&& letter) { found = std::move(letter); }));
  if (!found || found->kept > 0 || found->carrier == 0 || found->carrier == id) return found;
  BATCHOUT_CHECK(look(found->carrier, [&](Letter&& carrier) {
    found->payload = std::move(carrier.payload);
    found->kept = carrier.kept;
    found->metadata = std::move(carrier.metadata);
  }));
  return found;
}

// By runs of numbers, each of which is marked as a whole.
Result<std::size_t> LetterOffice::discard(LetterFilter filter, bool dry) {
  constexpr std::size_t kRun = 1'000;
  filter.status = "new";
  std::vector<std::int64_t> ids;
  BATCHOUT_CHECK(each(filter, false, [&](Letter&& letter) -> Result<bool> {
    ids.push_back(letter.id);
    return true;
  }));
  for (std::size_t at = 0; at < ids.size() && !dry; at += kRun)
    BATCHOUT_CHECK(implementation_->letters->discard(std::span(ids).subspan(at, std::min(kRun, ids.size() - at))));
  return ids.size();
}

Result<std::size_t> LetterOffice::prune(std::int64_t until, bool dry) {
  return implementation_->letters->prune(until, dry);
}

// Nothing is replayed before it is known that all of it may be.
Result<> LetterOffice::replay(LetterFilter filter, const Replay& replay, const ReplaySink& sink, std::stop_token stop) {
  const Plan& plan = implementation_->plan;
  if (!plan.tables.empty())
    return fail(Verdict::configuration, "BO507",
                "Letters cannot be replayed where selectors have queries, which would see only the payloads of the "
                "letters");
  filter.status = "new";
  BATCHOUT_TRY(ReplayRisks risks, replay_risks(plan));
  ReplayDesk desk(plan, *implementation_->letters, replay.force, std::move(risks), sink);
  BATCHOUT_CHECK(each(filter, false, [&](Letter&& letter) -> Result<bool> {
    desk.choose(letter);
    return true;
  }));
  if (desk.empty()) return {};
  BATCHOUT_CHECK(desk.check_risks());
  RunOptions options;
  options.log = replay.log;
  options.lanes = 1;
  options.retry_max = std::chrono::seconds(60);
  SteadyClock clock;
  const Plan replayed = replay_plan(plan, implementation_->letters->store(), desk, replay.dry);
  Engine engine(replayed, {clock, Random(std::random_device{}()), options});
  return engine.run_round(std::move(stop));
}

}  // namespace batchout
