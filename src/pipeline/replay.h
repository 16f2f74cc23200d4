// What is replayed: payloads of dead letters on their way through the plan, and what becomes of them.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "batchout/pipeline.h"
#include "engine/letters.h"

namespace batchout {

/// What became of a letter.
struct ReplayedLetter {
  enum class Fate : std::uint8_t {
    replayed,
    refused,     ///< Once more; `why` says for what, `code` is that of the new error.
    passed_over  ///< It cannot be replayed, as `why` says.
  };
  std::int64_t id = 0;
  Fate fate = Fate::replayed;
  std::string code, why;
};
using ReplaySink = std::function<void(const ReplayedLetter& letter)>;

/// Why a letter, replayed, might do harm; nothing if it does not.
struct ReplayRisk {
  std::string why;
  /// The user may take it.
  bool acceptable = true;
};
using ReplayRisks = std::function<ReplayRisk(const Letter& letter)>;

/// Which row of a payload.
struct RowToReplay {
  std::string output;
  std::string writer;  ///< Empty if the output gets its rows from one only.
  std::int64_t row = 0;

  auto operator<=>(const RowToReplay&) const = default;
};

/// A payload with those of its letters that are new.
struct PayloadToReplay {
  /// Of the letter that has the payload; stands for its position.
  std::int64_t carrier = 0;
  std::string bytes;
  std::string metadata;  ///< As in Letter.
  std::vector<std::int64_t> letters;
  /// None of its rows is stored. Else only these are written, each with the number of rows there were.
  bool whole = false;
  std::map<RowToReplay, std::int64_t> rows;
};

/// What has been taken from the letters and not yet been stored. Used by one thread.
class ReplayDesk {
 public:
  /// Borrows the plan and the letters. Letters that have been tried kAttemptsMax times are passed over unless `force`
  /// says so, which also takes acceptable risks.
  ReplayDesk(const Plan& plan, Letters& letters, bool force, ReplayRisks risks, ReplaySink sink)
      : plan_(plan), letters_(letters), force_(force), risks_(std::move(risks)), sink_(std::move(sink)) {}

  /// Notes a letter that is to be replayed.
  void choose(const Letter& letter);
  /// For each input of the plan: the letters that have its payloads, in ascending order, as positions have to be.
  const std::vector<std::int64_t>& carriers_of(const std::string& input);
  bool empty() const { return carriers_.empty(); }
  /// Bytes of the payload that this carrier has; more than are kept if it was cut.
  std::uint64_t size_of(std::int64_t carrier) const;

  /// BO507 if a letter of the payloads that are chosen might do harm, also one that was not chosen itself.
  Result<> check_risks();

  /// Reads the payloads of some carriers, which are in hand from now on. Those that are of no use are passed over.
  /// Refuses what check_risks does.
  Result<std::vector<PayloadToReplay>> take(const std::vector<std::int64_t>& carriers);
  /// Forgets what is in hand from this carrier on.
  void give_back(std::int64_t carrier) { in_hand_.erase(in_hand_.lower_bound(carrier), in_hand_.end()); }

  /// By carrier.
  const std::map<std::int64_t, PayloadToReplay>& in_hand() const { return in_hand_; }
  /// What was in hand is stored, but for the payloads that were refused.
  void settle(const std::map<std::int64_t, Reject>& refused);

  void pass_over(std::int64_t id, std::string why);

  /// An output has got to see rows of a payload in hand, from a writer as in RowToReplay.
  void note_rows(std::int64_t carrier, const std::string& output, const std::string& writer) {
    with_rows_.emplace(carrier, output, writer);
  }
  /// An output that should have got to see rows, and has not; null if there is none.
  const std::string* without_rows(const PayloadToReplay& payload) const;

 private:
  std::optional<std::string> input_of(const Letter& letter) const;
  std::string obstacle(const Letter& letter, const std::string& input) const;
  std::string obstacle_of_row(const Letter& letter) const;
  /// Names of the writers that give the output their rows; none: there is no such output.
  std::vector<std::string> writers_to(const std::string& output) const;
  /// True for a letter that goes with its payload.
  bool is_replayed(const Letter& letter) const;
  Result<> check_risk(const Letter& letter) const;
  void add(const Letter& letter, PayloadToReplay& payload) const;

  const Plan& plan_;
  Letters& letters_;
  bool force_;
  ReplayRisks risks_;
  ReplaySink sink_;
  std::map<std::string, std::vector<std::int64_t>> carriers_;
  /// Of the payloads that are chosen, by carrier.
  std::map<std::int64_t, std::uint64_t> sizes_;
  std::map<std::int64_t, PayloadToReplay> in_hand_;
  std::set<std::tuple<std::int64_t, std::string, std::string>> with_rows_;
};

}  // namespace batchout
