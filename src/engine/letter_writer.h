// Makes letters of what was refused in a batch.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "data/letter_book.h"
#include "engine/batch.h"
#include "engine/failed_values.h"
#include "plan/plan.h"

namespace batchout {

/// Borrows the batch and what it is given: letters are as long-lived as those.
class LetterWriter {
 public:
  LetterWriter(const Plan& plan, const Batch& batch) : plan_(plan), batch_(batch) {}

  NewLetter letter_of(const Refused& refused);

 private:
  /// A payload of a part of the batch.
  using PayloadPlace = std::pair<const Payloads*, std::size_t>;

  std::optional<PayloadPlace> locate(const UnitKey& unit, std::int64_t position);
  std::optional<PayloadPlace> search(const UnitKey& unit, std::int64_t position) const;
  void find_payloads();
  void tell_origin(const Payloads& payloads, std::size_t number, const PlannedInput& input, NewLetter& letter);
  bool refuses_rows(const Refused& refused);

  const Plan& plan_;
  const Batch& batch_;
  /// By unit, then by position in it. Empty until many letters are asked for.
  std::map<UnitKey, std::unordered_map<std::int64_t, PayloadPlace>> payloads_;
  int searches_ = 0;
  /// By input: what its columns do with values that do not fit.
  std::map<std::size_t, FailedValues> values_;
  /// By their first bytes: payloads that have a letter, which tells what is known of them.
  std::set<const char*> told_;
};

}  // namespace batchout
