// A queue of slots; whoever is free takes the first one.

#include "engine/pulls.h"

#include <algorithm>
#include <utility>

#include "engine/guard.h"

namespace batchout {

Pulls::Pulls(std::size_t threads) : threads_(std::clamp<std::size_t>(threads, 1, kThreadsMax)) {}

// The threads join themselves.
Pulls::~Pulls() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  begun_.notify_all();
  interrupt(lock);
}

void Pulls::add(std::unique_ptr<Input> input) {
  slots_.push_back(std::make_unique<Slot>());
  slots_.back()->input = std::move(input);
  if (threads_ > 1 && workers_.size() < std::min(threads_, slots_.size())) workers_.emplace_back([this] { work(); });
}

void Pulls::clear() {
  {
    std::unique_lock lock(mutex_);
    interrupt(lock);
  }
  slots_.clear();
}

// Slots that wait are idle again; one that runs is ready afterwards.
void Pulls::interrupt(std::unique_lock<std::mutex>& lock) {
  for (Slot* slot : waiting_) slot->state = State::idle;
  waiting_.clear();
  for (const auto& slot : slots_)
    if (slot->state == State::running) slot->stop.request_stop();
  finished_.wait(lock, [&] {
    return std::ranges::none_of(slots_, [](const auto& slot) { return slot->state == State::running; });
  });
}

Input& Pulls::at(std::size_t number) {
  Slot& slot = *slots_[number];
  std::unique_lock lock(mutex_);
  if (slot.state == State::waiting) {
    std::erase(waiting_, &slot);
    slot.state = State::idle;
  }
  if (slot.state == State::running) slot.stop.request_stop();
  finished_.wait(lock, [&] { return slot.state != State::running; });
  return *slot.input;
}

// That nothing came is no news by the time of the next pull.
void Pulls::begin(std::size_t number, const Budget& budget, Time deadline, const std::stop_token& stop) {
  Slot& slot = *slots_[number];
  std::unique_lock lock(mutex_);
  const bool quiet = slot.state == State::ready && *slot.event && std::holds_alternative<Idle>(**slot.event);
  if (slot.state != State::idle && !quiet) return;
  slot.event.reset();
  slot.budget = budget;
  slot.deadline = deadline;
  if (threads_ == 1) {
    lock.unlock();
    slot.event = pulled(slot, stop);
    slot.state = State::ready;
    return;
  }
  slot.stop = std::stop_source();
  slot.state = State::waiting;
  waiting_.push_back(&slot);
  begun_.notify_one();
}

bool Pulls::ready(std::size_t number) const {
  const std::scoped_lock lock(mutex_);
  return slots_[number]->state == State::ready;
}

bool Pulls::announces(std::size_t number) const {
  const std::scoped_lock lock(mutex_);
  const auto& event = slots_[number]->event;
  return event && *event && std::holds_alternative<Assigned>(**event);
}

Result<Event> Pulls::take(std::size_t number) {
  const std::scoped_lock lock(mutex_);
  Slot& slot = *slots_[number];
  slot.state = State::idle;
  return *std::exchange(slot.event, std::nullopt);
}

void Pulls::forget(std::size_t number) {
  const std::scoped_lock lock(mutex_);
  slots_[number]->state = State::idle;
  slots_[number]->event.reset();
}

void Pulls::wait(std::size_t first, std::size_t second, Time deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_ready = [&] { return slots_[first]->state == State::ready || slots_[second]->state == State::ready; };
  if (!finished_.wait_until(lock, stop, deadline, is_ready) && stop.stop_requested()) interrupt(lock);
}

void Pulls::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    begun_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    Slot& slot = *waiting_.front();
    waiting_.pop_front();
    slot.state = State::running;
    const std::stop_token stop = slot.stop.get_token();
    lock.unlock();
    Result<Event> event = pulled(slot, stop);
    lock.lock();
    slot.event = std::move(event);
    slot.state = State::ready;
    finished_.notify_all();
  }
}

// Here and not only where the reader calls, because an exception must not leave a thread.
Result<Event> Pulls::pulled(Slot& slot, const std::stop_token& stop) {
  return guarded("", [&] { return slot.input->pull(slot.budget, slot.deadline, stop); });
}

}  // namespace batchout
