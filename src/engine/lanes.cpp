// A queue in order of arrival. A lane takes the first task that waits; the engine takes from the front.

#include "engine/lanes.h"

#include <algorithm>
#include <utility>

namespace batchout {

// The threads join themselves; whatever waits in the queue is not begun any more.
Lanes::~Lanes() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  handed_in_.notify_all();
}

// Programs are built here, on the engine's thread, so that a lane cannot fail at its start.
Result<> Lanes::prepare(std::size_t count, const std::vector<Context>& contexts, const std::vector<bool>& valueless) {
  lanes_.resize(std::max<std::size_t>(count, 1));
  for (Lane& lane : lanes_)
    for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
      lane.push_back(std::make_unique<Mapping>(plan_.inputs[input]));
      BATCHOUT_CHECK(lane.back()->prepare(contexts[input], input < valueless.size() && valueless[input]));
    }
  if (lanes_.size() > 1)
    for (Lane& lane : lanes_) threads_.emplace_back([this, &lane] { work(lane); });
  return {};
}

// Without threads the work is done before the task is in the queue, so no lock is held meanwhile.
void Lanes::put(std::size_t input, const Payloads& payloads) {
  auto task = std::make_unique<Task>();
  task->payloads = &payloads;
  task->mapped.input = input;
  task->mapped.bytes = payloads.arena().size();
  if (threads_.empty()) run(lanes_.front(), *task);
  const std::scoped_lock lock(mutex_);
  // Under the lock like every change of a state, although nobody else looks.
  if (threads_.empty())
    task->state = State::done;
  else
    ++waiting_;
  tasks_.push_back(std::move(task));
  handed_in_.notify_one();
}

// Only the front counts: a later task that is ready earlier has to wait for its turn.
std::optional<Lanes::Mapped> Lanes::take(bool wait) {
  if (tasks_.empty()) return std::nullopt;
  std::unique_lock lock(mutex_);
  Task& first = *tasks_.front();
  if (wait) finished_.wait(lock, [&] { return first.state == State::done; });
  if (first.state != State::done) return std::nullopt;
  Mapped mapped = std::move(first.mapped);
  tasks_.pop_front();
  return mapped;
}

// Payloads of running tasks must stay until they are done, so this waits for them. A running task cannot be
// interrupted; the waiting ones are taken out first, so that no lane begins them meanwhile.
void Lanes::drop() {
  std::unique_lock lock(mutex_);
  std::erase_if(tasks_, [](const auto& task) { return task->state == State::waiting; });
  waiting_ = 0;
  finished_.wait(
      lock, [&] { return std::ranges::all_of(tasks_, [](const auto& task) { return task->state == State::done; }); });
  tasks_.clear();
}

// No lock is held: a task that runs is touched by its lane alone.
void Lanes::run(Lane& lane, Task& task) {
  Mapping& mapping = *lane[task.mapped.input];
  task.mapped.result = mapping.run(*task.payloads, task.mapped.tables);
  if (!task.mapped.result) return;
  task.mapped.rejects = std::move(mapping.rejects());
  task.mapped.failures = mapping.failures();
  task.mapped.rows_refused = mapping.rows_refused();
  task.mapped.stopped = mapping.stopped();
  task.mapped.valueless = mapping.valueless();
}

// The life of a lane's thread. It holds the lock whenever it is not working.
void Lanes::work(Lane& lane) {
  std::unique_lock lock(mutex_);
  for (;;) {
    Task* task = nullptr;
    handed_in_.wait(lock, [&] { return ending_ || (task = next_waiting()) != nullptr; });
    if (ending_) return;
    task->state = State::running;
    --waiting_;
    lock.unlock();
    run(lane, *task);
    lock.lock();
    task->state = State::done;
    if (is_time_to_take()) finished_.notify_one();
  }
}

// To wake the engine's thread costs as much as a twentieth of a task, on a processor that a lane could use: it is left
// alone until the lanes run out of tasks, and then finds several results. The caller holds the lock.
bool Lanes::is_time_to_take() const {
  return tasks_.front()->state == State::done && waiting_ < lanes_.size();
}

// The oldest. The caller holds the lock.
Lanes::Task* Lanes::next_waiting() {
  for (const auto& task : tasks_)
    if (task->state == State::waiting) return task.get();
  return nullptr;
}

}  // namespace batchout
