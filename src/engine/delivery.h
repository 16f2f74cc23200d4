// Where batches end: the stores with their outputs, and the order in which transactions are written and committed.
//
// The first store that keeps positions is the authority. Its transaction is written first and committed last, with the
// positions; every other store is written and committed in between, so that it can only be ahead of the positions,
// never behind. Without an authority the stores are written and committed one after the other, the one with
// the dead letters last.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "batchout/component.h"
#include "batchout/log.h"
#include "batchout/result.h"
#include "engine/batch.h"
#include "engine/given_rows.h"
#include "engine/reject_budget.h"
#include "plan/plan.h"

namespace batchout {

/// Knows nothing of inputs and rewinds. Every call into a store or an output is guarded and carries its place; called
/// from the engine's thread only.
class Delivery {
 public:
  /// `plan` must outlive the delivery.
  explicit Delivery(const Plan& plan) : plan_(plan), budget_(plan.reject_limit) {}

  /// Builds the stores and outputs. To be called once, before everything else. `positions`: they are to be kept if a
  /// store can.
  Result<> prepare(const LogSink& log, bool positions);

  /// Lets the stores hear a stop request.
  void listen(const std::stop_token& stop);

  /// Tells the authority, if there is one, as SourceListener::listen_to. To be called before the first claim.
  void tell_sources(std::function<bool(std::string_view source)> reads);

  bool keeps_positions() const { return authority_.has_value(); }
  /// Of the authority; there must be one.
  const std::string& authority_place() const { return stores_[*authority_].place; }

  /// Asks the authority for units of `claimant`, the place of an input. Without one there is no claim. If it may not
  /// keep positions, which the first claim finds out, and the plan does not insist, there is none any more, and no
  /// claim.
  Result<std::vector<Claim>> claim(std::span<const Unit> units, std::string_view claimant);

  /// Stores positions without rows in the authority; there must be one. After a failure it is not known whether they
  /// have been stored.
  Result<> store_positions(std::span<const Move> moves);

  /// Tries once to store `batch`. Unless the outcome is `committed`, every open transaction has been rolled back;
  /// stores that had committed the batch by then are not written again when the same batch is tried again. `in_doubt`
  /// is only said of an authority; elsewhere a lost answer is an error of the environment, because writing again is
  /// right.
  Result<Outcome> store(const Batch& batch);
  /// True if the last call of `store` was for the batch of this number.
  bool has_tried(std::uint64_t number) const { return batch_ == number; }

  /// It has turned out that the batch that was tried last is stored.
  void note_stored() { budget_.stored(); }

  /// Rows written by the last committed batch, by output.
  const std::vector<std::uint64_t>& rows_written() const { return rows_written_; }
  /// Rejects of the outputs in the last committed batch. They are gone from here afterwards.
  std::vector<Refused> take_rejects();

 private:
  struct OpenStore {
    std::unique_ptr<Store> store;
    /// The same, if it can be asked for its letters.
    LetterBook* book = nullptr;
    std::string place;
    Log log;
    /// From before `begin` on, since a failing `begin` may have opened it; until a commit is known to have worked.
    bool in_transaction = false;
    /// Has committed the batch at hand.
    bool done = false;
    /// Of its outputs, in this try of the batch.
    std::vector<Refused> rejects;
  };
  struct OpenOutput {
    std::unique_ptr<Output> output;
    std::string place;
    /// As TargetName; empty if the output does not say.
    std::string target;
    /// Whose table it has been opened for on this connection.
    std::optional<std::size_t> writer;
  };

  /// A payload of one of the inputs.
  using PayloadKey = std::tuple<std::size_t, UnitId, std::int64_t>;

  Result<Outcome> store_all(const Batch& batch);
  Result<> check_letters(const Batch& batch);
  Result<> check_transactions(const std::vector<std::size_t>& others);
  Result<std::vector<std::size_t>> write_all(const Batch& batch);
  void leave_out_refused_values(const Batch& batch);
  bool set_aside_payloads();
  Result<> check_set_aside(const Batch& batch);
  Result<> check_refused(const Batch& batch);
  Block without_payloads(const Block& block, std::size_t input) const;
  Result<> write(std::size_t store, const Batch& batch);
  /// An output with the writer whose rows it gets.
  struct Writing {
    std::size_t output = 0;
    std::size_t writer = 0;
  };
  Result<std::vector<Writing>> writings(std::size_t store, const Batch& batch);
  Result<> finish_late(const Writing& writing, const Batch& batch);
  Result<> write_output(std::size_t output, std::size_t writer, const Batch& batch);
  Result<> write_blocks(std::size_t output, std::size_t writer, const Batch& batch);
  void take_back(const Writing& writing, const Batch& batch, Rejects rejects);
  GivenRows rows_given(std::size_t writer, const Batch& batch) const;
  void tell_rows(const Writing& writing, const Batch& batch, std::span<Refused> refused);
  void keep_rejects(const Writing& writing, const Batch& batch, std::optional<std::size_t> input, Rejects rejects);
  Result<> open_output(std::size_t output, std::size_t writer);
  Result<Outcome> commit(std::size_t store, std::span<const Move> moves, std::span<const NewLetter> letters);
  Result<Outcome> commit_batch(std::size_t store, std::span<const Move> moves, const Batch& batch);
  std::unexpected<Error> no_answer(std::size_t store, std::uint64_t batch) const;
  void roll_back();
  /// After a failure the store may come back with another connection, on which nothing has been opened.
  void close_outputs(std::size_t store);
  bool needed(std::size_t store, const Batch& batch) const;
  std::vector<NewLetter> dead_letters(const Batch& batch) const;

  const Plan& plan_;
  std::vector<OpenStore> stores_;
  std::vector<OpenOutput> outputs_;
  /// Position in `stores_`; none: no store keeps positions.
  std::optional<std::size_t> authority_;
  /// It has kept its promise once.
  bool claimed_ = false;
  /// By source and name of a unit: the place of the input that claims it.
  std::map<std::pair<std::string, std::string>, std::string> claimants_;
  /// The store that keeps dead letters; none: they are only counted and logged.
  std::optional<std::size_t> letters_;
  /// That store has been asked whether it may.
  bool letters_checked_ = false;
  /// Of the writing at hand, once a row of it has been refused.
  std::optional<GivenRows> given_rows_;
  /// Bytes of cells that the rejects of this try have.
  std::size_t values_kept_ = 0;
  RejectBudget budget_;
  /// Of the batch at hand: payloads of which no row is written, because a row of theirs was refused, and why.
  std::set<PayloadKey> left_out_;
  std::vector<Refused> set_aside_;
  /// Number of the batch at hand.
  std::uint64_t batch_ = 0;
  /// By output; of the present try.
  std::vector<std::uint64_t> rows_written_;
};

}  // namespace batchout
