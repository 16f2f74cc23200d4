// What is replayed: payloads of dead letters on their way through the plan, and what becomes of them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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

/// A payload with those of its letters that are new.
struct PayloadToReplay {
  /// Of the letter that has the payload; stands for its position.
  std::int64_t carrier = 0;
  std::string bytes;
  std::string metadata;  ///< As in Letter.
  std::vector<std::int64_t> letters;
  /// None of its rows is stored. Else only these are written: the name of an output, and the number of a row of it, of
  /// how many.
  bool whole = false;
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> rows;
};

/// What has been taken from the letters and not yet been stored. Used by one thread.
class ReplayDesk {
 public:
  /// Borrows all of them. Letters that have been tried kAttemptsMax times are passed over unless `force` says so.
  ReplayDesk(const Plan& plan, Letters& letters, bool force, ReplaySink sink)
      : plan_(plan), letters_(letters), force_(force), sink_(std::move(sink)) {}

  /// Notes a letter that is to be replayed.
  void choose(const Letter& letter);
  /// For each input of the plan: the letters that have its payloads, in ascending order, as positions have to be.
  const std::vector<std::int64_t>& carriers_of(const std::string& input);
  bool empty() const { return carriers_.empty(); }

  /// Reads the payloads of some carriers, which are in hand from now on. Those that are of no use are passed over.
  Result<std::vector<PayloadToReplay>> take(const std::vector<std::int64_t>& carriers);
  /// Forgets what is in hand from this carrier on.
  void give_back(std::int64_t carrier) { in_hand_.erase(in_hand_.lower_bound(carrier), in_hand_.end()); }

  /// By carrier.
  const std::map<std::int64_t, PayloadToReplay>& in_hand() const { return in_hand_; }
  /// What was in hand is stored, but for the payloads that were refused.
  void settle(const std::map<std::int64_t, Reject>& refused);

  void pass_over(std::int64_t id, std::string why);

  /// An output has got to see rows of a payload in hand.
  void note_rows(std::int64_t carrier, const std::string& output) { with_rows_.emplace(carrier, output); }
  /// An output that should have got to see rows, and has not; null if there is none.
  const std::string* without_rows(const PayloadToReplay& payload) const;

 private:
  std::optional<std::string> input_of(const Letter& letter) const;
  std::string obstacle(const Letter& letter, const std::string& input) const;
  static void add(const Letter& letter, PayloadToReplay& payload);

  const Plan& plan_;
  Letters& letters_;
  bool force_;
  ReplaySink sink_;
  std::map<std::string, std::vector<std::int64_t>> carriers_;
  std::set<std::int64_t> seen_;
  std::map<std::int64_t, PayloadToReplay> in_hand_;
  std::set<std::pair<std::int64_t, std::string>> with_rows_;
};

}  // namespace batchout
