// A queue in order of arrival. A lane takes the first task that waits; the engine takes from the front.

#include "engine/lanes.h"

#include <algorithm>
#include <utility>

namespace batchout {

Lanes::~Lanes() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  handed_in_.notify_all();
}

Result<> Lanes::prepare(std::size_t count, const std::vector<Context>& contexts) {
  lanes_.resize(std::max<std::size_t>(count, 1));
  for (Lane& lane : lanes_)
    for (std::size_t input = 0; input < plan_.inputs.size(); ++input) {
      lane.push_back(std::make_unique<Mapping>(plan_.inputs[input]));
      BATCHOUT_CHECK(lane.back()->prepare(contexts[input]));
    }
  if (lanes_.size() > 1)
    for (Lane& lane : lanes_) threads_.emplace_back([this, &lane] { work(lane); });
  return {};
}

void Lanes::put(std::size_t input, const Payloads& payloads) {
  auto task = std::make_unique<Task>();
  task->payloads = &payloads;
  task->mapped.input = input;
  if (threads_.empty()) run(lanes_.front(), *task);
  const std::scoped_lock lock(mutex_);
  if (threads_.empty()) task->state = State::done;
  tasks_.push_back(std::move(task));
  handed_in_.notify_one();
}

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

void Lanes::drop() {
  std::unique_lock lock(mutex_);
  std::erase_if(tasks_, [](const auto& task) { return task->state == State::waiting; });
  finished_.wait(
      lock, [&] { return std::ranges::all_of(tasks_, [](const auto& task) { return task->state == State::done; }); });
  tasks_.clear();
}

void Lanes::run(Lane& lane, Task& task) {
  Mapping& mapping = *lane[task.mapped.input];
  task.mapped.result = mapping.run(*task.payloads, task.mapped.blocks);
  if (!task.mapped.result) return;
  task.mapped.rejects = std::move(mapping.rejects());
  task.mapped.failures = mapping.failures();
  task.mapped.rows_refused = mapping.rows_refused();
  task.mapped.stopped = mapping.stopped();
}

void Lanes::work(Lane& lane) {
  std::unique_lock lock(mutex_);
  for (;;) {
    Task* task = nullptr;
    handed_in_.wait(lock, [&] { return ending_ || (task = next_waiting()) != nullptr; });
    if (ending_) return;
    task->state = State::running;
    lock.unlock();
    run(lane, *task);
    lock.lock();
    task->state = State::done;
    finished_.notify_one();
  }
}

Lanes::Task* Lanes::next_waiting() {
  for (const auto& task : tasks_)
    if (task->state == State::waiting) return task.get();
  return nullptr;
}

}  // namespace batchout
