// The outside world of the simulation: time, chance, sources with their messages, a database, and a rival process.
//
// A seed decides everything. Each simulated call is a step: time passes, messages arrive, units change hands, and our
// own process may crash there. What the process knew is lost then; sources and database stay. The first broken promise
// is kept in `violation`.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "batchout/payloads.h"

namespace batchout::sim {

/// Protections taken out on purpose: the invariants have to notice.
enum class Ablation : std::uint8_t {
  none,
  position_outside,  ///< The store commits positions after the rows, not together with them.
  no_rewind,         ///< The input ignores `seek`, so a dropped batch is not read again.
  no_fence,          ///< The store takes positions from whoever comes.
  read_first,        ///< A claim reads the position before it waits for whoever may still move it.
};

/// Jumps instead of waiting.
class JumpingClock final : public Clock {
 public:
  Time now() const override { return now_; }
  void sleep_until(Time time, const std::stop_token& stop) override {
    if (!stop.stop_requested()) now_ = std::max(now_, time);
  }

 private:
  Time now_{std::chrono::hours{1}};
};

/// The process dies here.
struct Crash {};

struct Message {
  enum class Fate : std::uint8_t { rows, refused, tombstone, one_row_refused };

  std::int64_t offset = 0;
  Fate fate = Fate::rows;
  int rows = 0;
  bool excused = false;  ///< Lost to retention before we took it: may be missing.
  /// Everything that it has to leave behind: its rows ("#0", …) and its dead letter ("!"), each under its own text.
  std::vector<std::string> traces;
};

/// A unit of a source: its messages, and who reads them.
struct UnitLog {
  enum class Owner : std::uint8_t { nobody, us, rival };

  Unit unit;
  std::vector<Message> messages;
  std::size_t visible = 0;  ///< How many messages have been produced.
  std::int64_t low = 0;     ///< The first offset that retention has left.
  std::int64_t acknowledged = Position::kUnset;
  Owner owner = Owner::nobody;

  std::int64_t end() const { return messages.empty() ? 0 : messages.back().offset + 1; }
  std::string key() const { return unit.source + "/" + unit.name; }
};

class SimInput;

struct Source {
  std::string name;
  bool finite = false;
  bool skips_gaps = false;  ///< What is lost to retention becomes a payload that is refused.
  std::vector<UnitLog> logs;
  SimInput* member = nullptr;  ///< Our living input, if there is one.
};

/// What a transaction wants to change.
struct Transaction {
  struct Step {
    std::string unit;
    std::int64_t epoch = 0;
    std::int64_t from = 0;
    Position to;
  };
  std::vector<std::string> traces;
  std::vector<Step> steps;
};

/// Tables and positions of one database.
struct Database {
  struct Row {
    std::int64_t epoch = 0;
    std::optional<Position> position;
  };
  bool keeps_positions = false;
  std::map<std::string, int> traces;
  std::map<std::string, Row> positions;  ///< By key of the unit.
  std::vector<Transaction> limbo;        ///< Sent, and nobody knows whether they will be committed.
};

/// How often things went wrong, so that a test can ask whether they did at all.
struct Counts {
  std::uint64_t steps = 0, crashes = 0, fenced = 0, doubts = 0, doubts_kept = 0, failures = 0, revoked = 0, lost = 0,
                gaps = 0, rewinds = 0, stops = 0, commits = 0, rival_commits = 0, stragglers = 0, gaps_skipped = 0;

  void add(const Counts& other);
};

class World {
 public:
  World(std::uint64_t seed, Ablation ablation);
  World(const World&) = delete;

  /// Called at both ends of each simulated call.
  void step(std::string_view call);
  /// True if the call at hand shall fail because a system is unwell.
  bool unwell();
  bool chance(std::uint64_t share, std::uint64_t of) { return !calm && random.chance(share, of); }
  void break_promise(std::string what);
  void note(std::string_view what) const;

  /// Ends a transaction that was sent: commits it, unless somebody else has claimed one of its units.
  bool apply(Database& database, Transaction& transaction);
  /// A claim waits for the transactions that hold the unit's row.
  void end_limbo(Database& database, const std::string& unit);

  /// What is acknowledged has to be stored.
  void check_acknowledged(const UnitLog& log, std::int64_t position);

  UnitLog* find(const std::string& key);
  Source& source_of(const UnitLog& log);
  Database& authority() { return databases[authority_number]; }

  /// From now on nothing goes wrong any more, all messages are there, and the rival is gone.
  void calm_down();
  /// The position that an operator would set after a gap.
  void repair_gaps();
  /// What is still missing, or empty.
  std::string missing() const;
  void start_process();

  Random random;
  JumpingClock clock;
  const Ablation ablation;
  bool verbose = false;
  bool calm = false;
  bool echoes = false;  ///< Each row leads to another one (echo.h).
  bool crashed = false;
  std::string violation;
  std::stop_source* stop = nullptr;
  std::vector<Source> sources;
  std::vector<Database> databases;
  bool whole_payloads = false;       ///< All rows of a payload go with a refused one.
  std::size_t authority_number = 0;  ///< The database that counts: the first that keeps positions, else the first.
  std::size_t refusing_number = 0;   ///< The database that refuses rows; dead letters are kept by the one that counts.
  bool refuses_late = false;         ///< It does so only when it is to commit, unless it has done so for this batch.
  Counts counts;

 private:
  struct Rival {
    std::int64_t epoch = 0;
    std::int64_t next = Position::kUnset;
  };

  void make_sources();
  void make_messages(UnitLog& log);
  void move_on();
  void rebalance();
  void trim();
  void rival_acts();
  void rival_claims(UnitLog& log);
  void rival_commits(UnitLog& log);
  void check_unit(const Database& database, const UnitLog& log, std::int64_t position);

  std::uint64_t chaos_steps_;
  std::uint64_t crash_odds_;
  std::uint64_t unwell_odds_;
  std::map<std::string, Rival> rival_;
  std::set<std::string> expected_;  ///< All traces that may ever be left behind.
};

}  // namespace batchout::sim
