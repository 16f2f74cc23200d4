// The lanes are those of the engine, over a plan made by hand.

#include "ours.h"

#include <dirent.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "components/json/extractor.h"
#include "data/extraction.h"
#include "engine/lanes.h"

namespace batchout::bench {
namespace {

constexpr int kAnyProcessor = -1;

class Ours final : public Reader {
 public:
  explicit Ours(Shape shape)
      : projection_(projection_of(shape)), table_(table_of(projection_)), extraction_(projection_) {
    program_ = json::JsonExtractor(json::ExtractorConfig{}).compile(projection_);
  }

  Found read(const Payloads& payloads) override {
    blocks_.clear();
    return found_in(*extraction_.values, append(payloads, blocks_));
  }

  std::size_t append(const Payloads& payloads, std::vector<Block>& blocks) {
    extraction_.clear();
    program_->run(payloads, extraction_);
    const std::size_t before = blocks.size();
    expand(projection_, table_, payloads, extraction_, blocks);
    std::size_t rows = 0;
    for (std::size_t i = before; i < blocks.size(); ++i) rows += blocks[i].rows();
    return rows;
  }

 private:
  Projection projection_;
  std::shared_ptr<const TableShape> table_;
  Extraction extraction_;
  std::unique_ptr<Program> program_;
  std::vector<Block> blocks_;
};

Plan plan_of(Shape shape) {
  Plan plan;
  PlannedInput& input = plan.inputs.emplace_back();
  input.name = "measured";
  input.extractor = std::make_shared<json::JsonExtractor>(json::ExtractorConfig{});
  input.projection = projection_of(shape);
  input.shape = table_of(input.projection);
  for (std::size_t column = 0; column < input.projection.columns.size(); ++column) input.order.push_back(column);
  return plan;
}

void pin_thread(pid_t thread, int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int each = 0; each < CPU_SETSIZE; ++each)
    if (processor == kAnyProcessor || each == processor) CPU_SET(static_cast<std::size_t>(each), &set);
  sched_setaffinity(thread, sizeof set, &set);
}

// The lanes' threads are all that this process has beside its first one, which hands payloads in wherever there is
// time. A lane that is not pinned stays where it was started for a tenth of a second, on the processor of the others.
void pin_lanes() {
  DIR* const folder = opendir("/proc/self/task");
  if (folder == nullptr) return;
  int processor = 0;
  while (const dirent* entry = readdir(folder)) {
    const pid_t thread = std::atoi(entry->d_name);
    if (thread <= 0 || thread == getpid()) continue;
    pin_thread(thread, processor++);
    // Under chrt whoever hands payloads in must go before those who work on them.
    sched_param priority{};
    if (sched_getscheduler(thread) == SCHED_FIFO && sched_getparam(thread, &priority) == 0) {
      --priority.sched_priority;
      sched_setscheduler(thread, SCHED_FIFO, &priority);
    }
  }
  closedir(folder);
  if (processor > 0) pin_thread(0, kAnyProcessor);
}

double clock_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Calls `take` with every line of a file. False if it cannot be read.
template <class Take>
bool each_line(const char* path, Take take) {
  std::FILE* const file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  std::setvbuf(file, nullptr, _IONBF, 0);
  std::string buffer;
  std::size_t kept = 0;  // Of a line that is not whole yet.
  for (;;) {
    buffer.resize(kept + Payloads::kArenaSize);
    const std::size_t size = kept + std::fread(buffer.data() + kept, 1, Payloads::kArenaSize, file);
    if (size == kept) break;
    std::string_view rest(buffer.data(), size);
    for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1))
      take(rest.substr(0, end));
    kept = rest.size();
    std::memmove(buffer.data(), rest.data(), kept);
  }
  return std::fclose(file) == 0;
}

// As the engine takes: what is there, and more only if there is no room for the next payloads, or `all` is wanted.
std::size_t take(Lanes& lanes, bool all) {
  std::size_t rows = 0;
  while (const auto mapped = lanes.take(all || lanes.full()))
    for (const Block& block : mapped->tables.front()) rows += block.rows();
  return rows;
}

}  // namespace

std::unique_ptr<Reader> ours(Shape shape) {
  return std::make_unique<Ours>(shape);
}

double seconds_of_lanes(Shape shape, std::span<const Payloads> arenas, std::size_t count, std::size_t& rows) {
  const Plan plan = plan_of(shape);
  Lanes lanes(plan);
  if (!lanes.prepare(count, {Context{}})) return 0;
  pin_lanes();
  const double start = clock_seconds(CLOCK_MONOTONIC);
  rows = 0;
  for (const Payloads& arena : arenas) {
    lanes.put(0, arena);
    rows += take(lanes, false);
  }
  rows += take(lanes, true);
  const double seconds = clock_seconds(CLOCK_MONOTONIC) - start;
  pin(0);
  return seconds;
}

FileSeconds seconds_of_file(Shape shape, const char* path, std::size_t& rows) {
  Ours reader(shape);
  FileSeconds seconds;
  const double start = processor_seconds();
  std::vector<Block> blocks;
  Payloads arena;
  rows = 0;
  const auto extract = [&] {
    const double before = processor_seconds();
    rows += reader.append(arena, blocks);
    seconds.extracting += processor_seconds() - before;
    arena.clear();
  };
  std::int64_t number = 0;
  const bool good = each_line(path, [&](std::string_view line) {
    if (!arena.fits(line.size())) extract();
    arena.append(line, UnitId{0}, number, number + 1);
    ++number;
  });
  extract();
  seconds.all = good ? processor_seconds() - start : 0;
  return seconds;
}

void pin(int processor) {
  pin_thread(0, processor);
}

double processor_seconds() {
  return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

}  // namespace batchout::bench
