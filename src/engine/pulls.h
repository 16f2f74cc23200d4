// Pulls of several inputs at a time: waiting for one source does not keep the others from answering.
//
// Each input is used by one thread at a time and is at most one event ahead of who takes its events. With one thread
// there is none: the pull is made where it is asked for.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "batchout/component.h"
#include "batchout/result.h"

namespace batchout {

/// All calls come from the engine's thread. Inputs have numbers in the order of `add`, from 0.
class Pulls {
 public:
  static constexpr std::size_t kThreadsMax = 64;

  explicit Pulls(std::size_t threads);
  /// Interrupts what is under way, and waits for it.
  ~Pulls();

  void add(std::unique_ptr<Input> input);
  std::size_t count() const { return slots_.size(); }
  /// Removes all inputs; waits as the destructor does.
  void clear();

  /// The most that is worth to be begun before something is taken.
  std::size_t threads() const { return threads_; }

  /// The input itself, for anything but pulling. A pull that is under way is interrupted and waited for; its event
  /// stays.
  Input& at(std::size_t number);

  /// Pulls once more, unless a pull is under way or its event waits to be taken.
  void begin(std::size_t number, const Budget& budget, Time deadline, const std::stop_token& stop);
  /// True if an event can be taken.
  bool ready(std::size_t number) const;
  /// Of an event that can be taken: whether units are announced.
  bool announces(std::size_t number) const;
  Result<Event> take(std::size_t number);
  /// Forgets the event, if there is one. To be called after `at`.
  void forget(std::size_t number);

  /// Until `first` or `second` is ready, the deadline has passed, or a stop is requested, which interrupts all pulls.
  void wait(std::size_t first, std::size_t second, Time deadline, const std::stop_token& stop);

 private:
  enum class State : std::uint8_t { idle, waiting, running, ready };
  struct Slot {
    std::unique_ptr<Input> input;
    State state = State::idle;
    Budget budget;
    Time deadline{};
    std::stop_source stop;
    /// Of a slot that is ready.
    std::optional<Result<Event>> event;
  };

  void work();
  void interrupt(std::unique_lock<std::mutex>& lock);
  static Result<Event> pulled(Slot& slot, const std::stop_token& stop);

  std::size_t threads_;
  /// By pointer, since threads work on them while others are added. The vector is the engine's thread's alone.
  std::vector<std::unique_ptr<Slot>> slots_;
  /// Guards all below, and the slots but for the inputs of those that run.
  mutable std::mutex mutex_;
  std::deque<Slot*> waiting_;
  bool ending_ = false;
  /// Wakes threads: a slot waits, or the end.
  std::condition_variable begun_;
  /// Wakes the engine's thread.
  std::condition_variable_any finished_;
  std::vector<std::jthread> workers_;
};

}  // namespace batchout
