// Runs a plan: reads inputs round by round, cuts what they give into batches, and stores each batch in one transaction
// together with the positions that it covers.
//
// The engine owns clock, retries and the order of commits. It works on one thread, but for extraction, which lanes do
// for it: at most one batch exists, either being built or being stored. A batch is given up only together with a rewind
// of every unit in it.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "batchout/pipeline.h"
#include "batchout/result.h"
#include "engine/batch.h"
#include "engine/delivery.h"
#include "engine/lanes.h"
#include "engine/memory.h"
#include "engine/queries.h"
#include "engine/reader.h"
#include "plan/plan.h"

namespace batchout {

/// What a run needs besides its plan. The clock must outlive the engine.
struct Runtime {
  Clock& clock;
  Random random;
  RunOptions options;
};

/// The place of an error says whose it is: "inputs.<name>" or "outputs.<name>" (stores carry the name of their first
/// output). Of its verdicts, `environment` means that retrying was given up, `row` that a target refused a row,
/// `fenced` that another process keeps taking our units.
class Engine {
 public:
  /// `plan` must outlive the engine. Nothing is built and nothing is touched before the first run.
  Engine(const Plan& plan, Runtime runtime);

  /// Every finite input to its end, every endless one until its limits. A stop request ends the round early: what has
  /// been read is stored if that works at once, and will be read again otherwise.
  Result<> run_round(std::stop_token stop);

  /// Rounds until `stop`, an error, or the number of rounds in the options. Returns without an error after a stop
  /// request, the last round or the allowed idle time.
  Result<> run_forever(std::stop_token stop);

  const Summary& summary() const { return summary_; }

 private:
  /// Nothing waits longer than this without looking round: progress, other inputs, the age of the batch.
  static constexpr std::chrono::seconds kTick{1};

  // Builds all components, once; its outcome is kept in `prepared_`, so a failed one is not tried again. Nothing has
  // touched the outside world when it returns.
  Result<> prepare();
  std::chrono::milliseconds least_pause() const;
  // A round. An error of the environment is retried inside; what comes out ends the run.
  Result<> start_round(const std::stop_token& stop);
  Result<> read_round(const std::stop_token& stop);
  void drop_half_round();

  // Listening to inputs. `number` and `reader` are positions in `readers_`.
  std::optional<std::size_t> next_reader() const;
  Result<> step(std::size_t reader, const std::stop_token& stop);
  void postpone_quiet(Clock::Time since);
  Result<> give_parameters(std::size_t number, const std::stop_token& stop);
  Result<> pull(std::size_t number, const std::stop_token& stop);
  Result<> handle(std::size_t number, Event event);
  void assigned(std::size_t reader, const Assigned& event);
  Result<> revoked(std::size_t reader, const Revoked& event);
  Result<> gap(Reader& reader, const Gap& event);

  // From payloads to rows. A payload that goes into the batch moves its unit there; what is sifted out moves nothing.
  Result<> take(std::size_t reader, Payloads payloads);
  bool sent_back(std::size_t number, const Payloads& payloads);
  Result<> sift(std::size_t reader, Payloads& payloads);
  Result<bool> wanted(std::size_t number, const Payloads::Entry& entry);
  std::size_t room(std::size_t reader) const;
  Result<> collect(bool all);
  Result<> add_rows(Lanes::Mapped mapped);
  void add_blocks(const Lanes::Mapped& mapped, std::size_t table);

  // The end of a batch. After each of these it is stored, or given up with every unit in it due for a rewind.
  Result<> deliver(const std::stop_token& stop);
  Result<> deliver_batch(const std::stop_token& stop);
  Result<> committed(const std::stop_token& stop);
  Result<> fenced(const std::stop_token& stop);
  Result<> resolve_doubt(const std::stop_token& stop);
  bool arrived(const Batch& batch);
  Result<> not_arrived(std::uint64_t batch, Clock::Time since, const std::stop_token& stop);
  Result<> acknowledge(const std::map<UnitKey, Move>& moves, const std::stop_token& stop);
  Result<> acknowledge_once(const std::map<UnitKey, Move>& moves);
  Batch give_up_batch(bool claim);

  // Whatever waits meanwhile keeps endless inputs alive, so a group does not throw us out.
  Result<> settle(const std::stop_token& stop);
  Result<> settle_once();
  Result<> count_fence(Error error, bool alone, const std::stop_token& stop);
  Result<> back_off(Backoff& backoff, const Error& error, const std::stop_token& stop);
  Result<> wait(Clock::Time until, const std::stop_token& stop);
  Result<> keep_alive(std::size_t number, const std::stop_token& stop);
  Result<> report_progress(bool now);

  /// Borrowed.
  const Plan& plan_;
  Clock& clock_;
  Random random_;
  RunOptions options_;
  Log log_;
  /// Of committed batches only; rounds, retries and skipped payloads are counted as they happen.
  Summary summary_;
  Delivery delivery_;
  /// By number of the input in the plan. Pointers, because lanes and batches know readers by number while the vector
  /// grows.
  std::vector<std::unique_ptr<Reader>> readers_;
  /// The one that is being built or stored; there always is one, maybe empty.
  Batch batch_;
  // After `batch_`, whose payloads they read.
  Lanes lanes_;
  Queries queries_;
  /// By number of the input.
  std::vector<Expansion> expansions_;
  /// Numbers given to batches.
  std::uint64_t batches_ = 0;
  /// Ends the run once what was read before it is stored.
  std::optional<Error> failure_;
  /// In a row.
  int fences_ = 0;
  /// That an input refuses to be acknowledged has been told.
  bool refusal_told_ = false;
  /// Whatever happens, this round is not the last.
  bool rounds_follow_ = false;
  /// Of commits that were in doubt and turned out not to have happened, one after the other.
  std::optional<Backoff> doubts_;
  /// A batch has been committed in this round: outputs that must see every round have seen it.
  bool stored_in_round_ = false;
  /// None between rounds.
  std::optional<Clock::Time> round_start_;
  /// Spent in earlier rounds.
  std::chrono::nanoseconds time_before_{};
  Clock::Time last_progress_{};
  /// The other inputs were looked at then.
  Clock::Time last_keep_alive_{};
  std::optional<Result<>> prepared_;
};

}  // namespace batchout
