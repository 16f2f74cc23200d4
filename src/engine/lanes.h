// Extraction on several threads: payloads go in one after the other, their rows come out in the same order.
//
// Every lane has programs and scratch memory of its own; they share the plan, which nobody changes. With one lane there
// is no thread: the work is done where it is handed in.

#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "batchout/block.h"
#include "batchout/component.h"
#include "batchout/result.h"
#include "engine/mapping.h"
#include "plan/plan.h"

namespace batchout {

/// All calls come from the engine's thread. An exception in a lane does not leave it: it comes back as the result of
/// its payloads.
class Lanes {
 public:
  /// What became of the payloads of one `put`.
  struct Mapped {
    std::size_t input = 0;
    /// Of the payloads.
    std::size_t bytes = 0;
    /// Everything below is empty if it is an error.
    Result<> result;
    /// By table of the input.
    std::vector<std::vector<Block>> tables;
    Rejects rejects;
    /// Per column of the extracted values.
    std::vector<CastFailures> failures;
    /// Left out because of values that did not fit.
    std::uint64_t rows_refused = 0;
    /// Payloads without a value that make rows.
    PayloadSet valueless;
    /// The value because of which the run has to stop; there are no rows then.
    std::optional<Reject> stopped;
  };

  /// `plan` must outlive the lanes.
  explicit Lanes(const Plan& plan) : plan_(plan) {}
  /// Waits for what is under way.
  ~Lanes();

  /// Builds `count` lanes, at least one, with a map per input; contexts are the inputs' in order. To be called once.
  /// `valueless`: of which inputs payloads without a value make rows; none if it is empty.
  Result<> prepare(std::size_t count, const std::vector<Context>& contexts, const std::vector<bool>& valueless = {});

  /// Hands payloads of an input in. They must stay where they are until their result has been taken.
  void put(std::size_t input, const Payloads& payloads);

  /// The next result in order. None if nothing is under way or, unless `wait`, if it is not finished yet.
  std::optional<Mapped> take(bool wait);

  /// Forgets everything that was handed in; waits for what a lane has begun.
  void drop();

  /// True if the lanes have enough to do: something should be taken before more is put. Two tasks a lane: one to work
  /// on and one to go on with, so that no lane waits for the engine's next pull. More would only hold memory.
  bool full() const { return tasks_.size() >= kTasksPerLane * lanes_.size(); }

 private:
  static constexpr std::size_t kTasksPerLane = 8;

  enum class State : std::uint8_t { waiting, running, done };
  /// Held by pointer, since a lane works on it without the lock while others join the queue.
  struct Task {
    const Payloads* payloads = nullptr;
    State state = State::waiting;
    Mapped mapped;
  };
  using Lane = std::vector<std::unique_ptr<Mapping>>;  // By input.

  static void run(Lane& lane, Task& task);
  void work(Lane& lane);
  Task* next_waiting();
  bool is_time_to_take() const;

  const Plan& plan_;
  std::vector<Lane> lanes_;
  // Changed by the engine's thread only, under the mutex.
  std::deque<std::unique_ptr<Task>> tasks_;
  // Guards the states of tasks, and `tasks_` against workers.
  std::mutex mutex_;
  /// Wakes lanes: there is a task, or the end.
  std::condition_variable handed_in_;
  /// Wakes the engine, the only one that waits for results.
  std::condition_variable finished_;
  /// Under the mutex; set once.
  std::size_t waiting_ = 0;  // Tasks that no lane has begun; under the mutex.
  bool ending_ = false;
  // One per lane, or none.
  std::vector<std::jthread> threads_;
};

}  // namespace batchout
