// Values that did not fit columns whose `on_error` is not null: found after the casts, acted on once there are rows.
//
// A cast marks the cell (Column::append_failed), so the walk over a payload needs to know nothing of policies.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "batchout/payloads.h"
#include "data/cast.h"
#include "data/extraction.h"
#include "plan/plan.h"

namespace batchout {

class FailedValues {
 public:
  /// `input` must outlive the object.
  explicit FailedValues(const PlannedInput& input);

  /// Forgets the values of the last run.
  void clear();

  /// Notes a value that a processor refused; `column` counts among the extracted values. It is to be called for columns
  /// of any policy: those with OnError::null count it in `failures`.
  void note(std::size_t column, std::uint32_t entry, std::string_view excerpt, std::size_t processor,
            CastFailures& failures);

  /// The same for a value that a processor has given up for its steps. Without a policy its payload is refused.
  void note_given_up(std::size_t column, std::uint32_t entry, std::string_view excerpt, std::size_t processor);

  /// Finds the cells that casts have marked. Adds a reject for each value of `reject_row` and for each payload of
  /// `reject_payload`; a value of a payload that is refused as a whole is no second reject.
  void collect(const Payloads& payloads, Extraction& extraction);

  /// The first value of a column with `stop`: where it was and what is wrong.
  const std::optional<Reject>& stopped() const { return stopped_; }

  /// What a column of the tables does with a value that does not fit.
  OnError policy_of(std::string_view column) const;

  /// Takes the rows that must not be seen out of the blocks of one table; returns how many. `shape` and `order` are
  /// those of the table in the plan.
  std::uint64_t remove_rows(const Extraction& extraction, const TableShape& shape,
                            const std::vector<std::size_t>& order, std::vector<Block>& blocks) const;

 private:
  struct Failure {
    /// Of the extracted values.
    std::size_t column = 0;
    /// Of the column's level.
    std::uint32_t entry = 0;
    /// Entry of the payload level.
    std::uint32_t payload = 0;
    /// From 1; 0: the cast.
    std::size_t processor = 0;
    std::string excerpt;
    /// It took too many steps.
    bool given_up = false;
  };
  /// What is known of a column of the table.
  struct Known {
    std::string name;
    Kind kind = Kind::text;
    OnError on_error = OnError::null;
    LevelId level = kPayloadLevel;
  };

  OnError policy_of(const Failure& failure) const;
  void find_marks(const Extraction& extraction);
  std::uint32_t payload_of(const Extraction& extraction, LevelId level, std::uint32_t entry) const;
  Reject reject_of(const Failure& failure, const Payloads& payloads, const Extraction& extraction) const;

  const PlannedInput& input_;
  /// There is a column with a policy.
  bool active_ = false;
  /// In the order of the extracted values.
  std::vector<Known> columns_;
  std::vector<Failure> failures_;
  std::optional<Reject> stopped_;
};

}  // namespace batchout
