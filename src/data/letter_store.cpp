// Appends lines under a lock of the file. FIFOs and devices have none.

#include "data/letter_store.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/file_lock.h"

namespace batchout {
namespace {

constexpr std::chrono::seconds kLockWait{5};
constexpr std::chrono::milliseconds kLockPause{20};

}  // namespace

LetterStore::LetterStore(const std::string& path, const Context& context)
    : shown_(path),
      path_(resolve_path(context.folder, path)),
      pipeline_(context.pipeline),
      file_(path_, shown_, FileMode::append),
      reader_({path_, shown_, pipeline_}, context.log) {}

Result<> LetterStore::begin(std::uint64_t) {
  rollback();
  return {};
}

Result<Outcome> LetterStore::commit(std::span<const Move>, std::span<const DeadLetter> dead_letters) {
  BATCHOUT_CHECK(keep(plain_letters(dead_letters)));
  if (!file_.staged().empty()) BATCHOUT_CHECK(lock());
  Result<> done = file_.commit();
  if (done && std::exchange(made_, false)) sync_folder(path_);
  lock_.close();
  if (!done) return std::unexpected(std::move(done).error());
  return Outcome::committed;
}

void LetterStore::rollback() {
  file_.rollback();
  lock_.close();
}

Result<> LetterStore::keep(std::span<const NewLetter> letters) {
  append_letter_lines(pipeline_, letters, file_.staged());
  return {};
}

Result<> LetterStore::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  if (is_special(path_))
    return fail(Verdict::configuration, "BO508",
                fmt::format("Dead letters that went into what is no regular file cannot be read from it: {}", shown_));
  return reader_.each(filter, payloads, sink);
}

// Others hold it for as long as they write lines, or replay a batch.
Result<> LetterStore::lock() {
  if (lock_ || is_special(path_)) return {};
  const auto end = std::chrono::steady_clock::now() + kLockWait;
  made_ = made_ || ::access(path_.c_str(), F_OK) != 0;
  lock_ = open_locked(path_);
  while (!lock_ && errno == EWOULDBLOCK && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kLockPause);
    lock_ = open_locked(path_);
  }
  if (lock_) return {};
  const int number = errno;
  if (number == EWOULDBLOCK)
    return fail(Verdict::environment, "BO556",
                fmt::format("Another process is writing to the file of dead letters; wait for its end: {}", shown_));
  const Verdict verdict = verdict_of_errno(number);
  return fail(
      verdict, verdict == Verdict::environment ? "BO552" : "BO551",
      fmt::format("The file of dead letters cannot be locked: {}: {}", shown_, write_error_text(path_, number)));
}

Result<> LetterStore::resolve(std::span<const std::int64_t> ids, std::string_view status) {
  BATCHOUT_CHECK(lock());
  BATCHOUT_CHECK(reader_.check_new(ids));
  append_resolved_lines(ids, status, file_.staged());
  return {};
}

Result<> LetterStore::note_failure(std::span<const std::int64_t> ids, const Reject& reject) {
  BATCHOUT_CHECK(lock());
  append_failed_lines(ids, reject, file_.staged());
  return {};
}

}  // namespace batchout
