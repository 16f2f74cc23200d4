// One input's map at work: payloads in, rows of its tables out.
//
// The program writes most cells finished. Columns with processors come out of it as found; processors and cast then
// run over them one column at a time.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "batchout/result.h"
#include "data/extraction.h"
#include "data/program.h"
#include "engine/failed_values.h"
#include "engine/rows.h"
#include "plan/plan.h"

namespace batchout {

/// One per lane and input; it keeps its memory from run to run. Not thread-safe.
class Mapping {
 public:
  /// `input` must outlive the mapping.
  explicit Mapping(const PlannedInput& input);

  /// Builds program and processors. To be called once, before `run`.
  /// `valueless`: payloads without a value make rows instead of rejects.
  Result<> prepare(const Context& context, bool valueless);

  /// Makes the rows of `payloads`, by table of the input. What was refused, and which casts failed, can be asked for
  /// afterwards.
  Result<> run(const Payloads& payloads, std::vector<std::vector<Block>>& tables);

  /// Of the last run. May be moved from.
  Rejects& rejects() { return extraction_.rejects; }
  /// Of the last run, per column of the extracted values.
  const std::vector<CastFailures>& failures() const { return extraction_.failures; }

  /// Of the last run: rows left out because of values that did not fit.
  std::uint64_t rows_refused() const { return rows_refused_; }
  /// Of the last run: the payloads that have no value and an entry nevertheless.
  const PayloadSet& valueless() const { return valueless_; }
  /// Of the last run: the value because of which the run has to stop; there are no rows then.
  const std::optional<Reject>& stopped() const { return failed_values_.stopped(); }

 private:
  struct Steps {
    /// Among the extracted values.
    std::size_t column = 0;
    std::vector<std::unique_ptr<Processor>> processors;
    /// Of the plan.
    const Cast* cast = nullptr;
  };

  Result<> apply(const Steps& steps);
  Result<> process(const Steps& steps, std::size_t number, Column& column);
  std::string name_of(std::size_t column) const;
  void take_valueless(const Payloads& payloads);
  void refuse_unusable(const Payloads& payloads);
  void make_rows(const Projection& projection, const std::shared_ptr<const TableShape>& shape,
                 const std::vector<std::size_t>& order, const Payloads& payloads, std::vector<Block>& blocks);
  void refuse_everywhere(std::size_t first, std::vector<std::vector<Block>>& tables);

  const PlannedInput& input_;
  std::string place_;
  std::unique_ptr<Program> program_;
  std::vector<Steps> steps_;
  Extraction extraction_;
  FailedValues failed_values_;
  std::uint64_t rows_refused_ = 0;
  bool takes_valueless_ = false;
  PayloadSet valueless_;
};

}  // namespace batchout
