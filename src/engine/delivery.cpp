// Writes batches to stores and outputs, and commits them in the one order that is safe.

#include "engine/delivery.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "engine/accounts.h"
#include "engine/guard.h"
#include "engine/letters.h"
#include "plan/letter_place.h"
#include "registry/idle_transaction.h"
#include "registry/letter_check.h"
#include "registry/refused_rows.h"
#include "registry/source_listener.h"
#include "registry/stop_listener.h"
#include "registry/target_name.h"
#include "registry/write_order.h"
#include "registry/writer_listener.h"

namespace batchout {
namespace {

/// A store's word for: this role may not make the table that positions are kept in.
constexpr std::string_view kNoPlaceForPositions = "BO537";
/// The same for dead letters.
constexpr std::string_view kNoPlaceForLetters = "BO539";

/// What such a book refuses shall not leave rows in the stores that commit before it.
bool keeps_early(const LetterBook* book) {
  return book != nullptr && book->wants_every_batch();
}

}  // namespace

// Components are built, not connected.
Result<> Delivery::prepare(const LogSink& log, bool positions) {
  std::vector<StoreTraits> traits;
  for (const PlannedStore& planned : plan_.stores) {
    OpenStore& open = stores_.emplace_back();
    open.place = place_of(plan_, stores_.size() - 1);
    open.log = Log(log, open.place);
    const Context context{planned.name, plan_.name, plan_.dialect, plan_.folder, open.log};
    BATCHOUT_TRY(open.store, guarded(open.place, [&] { return planned.make(context); }));
    BATCHOUT_TRY(traits.emplace_back(), guarded(open.place, [&] { return open.store->traits(); }));
    open.book = dynamic_cast<LetterBook*>(open.store.get());
    auto* const idle = dynamic_cast<IdleTransaction*>(open.store.get());
    if (idle != nullptr && plan_.stores.size() > 1) idle->expect_idleness();
  }
  const StoreParts parts = parts_of(plan_, traits, positions);
  authority_ = parts.authority;
  if (plan_.dead_letters) letters_ = parts.letters;
  for (const PlannedOutput& planned : plan_.outputs) {
    OpenOutput& open = outputs_.emplace_back();
    open.place = "outputs." + planned.name;
    const Context context{planned.name, plan_.name, plan_.dialect, plan_.folder, Log(log, open.place)};
    Store& store = *stores_[planned.store].store;
    BATCHOUT_TRY(open.output, guarded(open.place, [&] { return planned.make.output(context, store); }));
    if (const auto* const named = dynamic_cast<TargetName*>(open.output.get())) open.target = named->target();
  }
  rows_written_.resize(outputs_.size());
  return {};
}

void Delivery::listen(const std::stop_token& stop) {
  for (const OpenStore& open : stores_)
    if (auto* const listener = dynamic_cast<StopListener*>(open.store.get())) listener->listen(stop);
}

void Delivery::tell_sources(std::function<bool(std::string_view source)> reads) {
  if (!authority_) return;
  auto* const listener = dynamic_cast<SourceListener*>(stores_[*authority_].store.get());
  if (listener != nullptr) listener->listen_to(std::move(reads));
}

// A failed claim may have cost the connection, and with it what outputs had prepared on it.
Result<std::vector<Claim>> Delivery::claim(std::span<const Unit> units, std::string_view claimant) {
  if (!authority_) return std::vector<Claim>{};
  for (const Unit& unit : units) {
    const auto [owner, added] = claimants_.try_emplace({unit.source, unit.name}, claimant);
    if (!added && owner->second != claimant)
      return fail_at(
          claimant, Verdict::configuration, "BO504",
          fmt::format("Two inputs read the same unit, whose position is kept only once; read it by one, or set "
                      "delivery: at_least_once: {} reads {}, unit \"{}\", too",
                      owner->second, unit.source, unit.name));
  }
  OpenStore& open = stores_[*authority_];
  auto claimed = guarded(open.place, [&] { return open.store->claim(units); });
  // No row comes with a claim.
  if (!claimed && claimed.error().verdict == Verdict::row) claimed.error().verdict = Verdict::configuration;
  if (!claimed) {
    close_outputs(*authority_);
    if (claimed_ || plan_.delivery == DeliveryLevel::exactly_once || claimed.error().code != kNoPlaceForPositions)
      return claimed;
    open.log.warning(claimed.error().message + "; rows may come twice after a failure");
    authority_.reset();
    return std::vector<Claim>{};
  }
  claimed_ = true;
  if (claimed->size() != units.size())
    return fail(Verdict::internal, "BO902",
                fmt::format("{}: a store must answer every unit that is claimed; asked for {}, answered {}", open.place,
                            units.size(), claimed->size()));
  return claimed;
}

// A transaction of its own; batch number 0 belongs to no batch.
Result<> Delivery::store_positions(std::span<const Move> moves) {
  OpenStore& open = stores_[*authority_];
  const auto stored = [&]() -> Result<> {
    open.in_transaction = true;
    BATCHOUT_CHECK(guarded(open.place, [&] { return open.store->begin(0); }));
    BATCHOUT_TRY(const Outcome outcome, commit(*authority_, moves, {}));
    if (outcome == Outcome::in_doubt) return no_answer(*authority_, 0);
    if (outcome == Outcome::fenced)
      return fail_at(open.place, Verdict::fenced, "BO503", "Another process has claimed a unit that this one reads");
    return {};
  };
  Result<> result = stored();
  if (!result) roll_back();
  return result;
}

// An error of the environment: writing the same rows again is right wherever no position depends on them.
std::unexpected<Error> Delivery::no_answer(std::size_t store, std::uint64_t batch) const {
  return fail_at(stores_[store].place, Verdict::environment, "BO501",
                 fmt::format("The store did not say whether it has committed; batch {}", batch));
}

// The number tells whether this is a new batch or another try: a store that has committed it is left alone then.
Result<Outcome> Delivery::store(const Batch& batch) {
  if (batch.number != batch_) {
    batch_ = batch.number;
    for (OpenStore& open : stores_) {
      open.done = false;
      open.rejects.clear();
    }
    left_out_.clear();
    set_aside_.clear();
    leave_out_refused_values(batch);
    std::ranges::fill(rows_written_, 0);
  }
  values_kept_ = 0;
  Result<Outcome> outcome = store_all(batch);
  given_rows_.reset();
  if (!outcome || *outcome != Outcome::committed) roll_back();
  // Where nobody keeps positions there is nothing to claim again: the run ends with the words of the store.
  if (authority_ && !outcome && outcome.error().verdict == Verdict::fenced) return Outcome::fenced;
  if (outcome && *outcome == Outcome::committed) budget_.stored();
  return outcome;
}

// With the first batch that its store has a part in: to end, or to lose a letter, weeks later would be worse than to
// hear of it now.
Result<> Delivery::check_letters(const Batch& batch) {
  if (!letters_ || letters_checked_ || (letters_ != authority_ && !needed(*letters_, batch))) return {};
  OpenStore& open = stores_[*letters_];
  if (auto* const check = dynamic_cast<LetterCheck*>(open.store.get())) {
    const Result<> checked = guarded(open.place, [&] { return check->check_letters(); });
    const bool insists = plan_.delivery == DeliveryLevel::exactly_once || plan_.insists_on_letters;
    if (!checked && (checked.error().code != kNoPlaceForLetters || insists)) return checked;
    if (!checked) {
      open.log.warning(checked.error().message + "; until then they are only logged and counted");
      letters_.reset();
    }
  }
  letters_checked_ = true;
  return {};
}

Result<Outcome> Delivery::store_all(const Batch& batch) {
  BATCHOUT_CHECK(check_letters(batch));
  BATCHOUT_TRY(std::vector<std::size_t> others, write_all(batch));
  // Each time there are fewer payloads. A chain of payloads, of which each needs a row of the one before, loses one at
  // a time: what may not be stored anyway is not written again.
  while (set_aside_payloads()) {
    BATCHOUT_CHECK(check_set_aside(batch));
    roll_back();
    BATCHOUT_TRY(others, write_all(batch));
  }
  BATCHOUT_CHECK(check_refused(batch));
  if (letters_ && keeps_early(stores_[*letters_].book)) {
    OpenStore& open = stores_[*letters_];
    BATCHOUT_CHECK(guarded(open.place, [&] { return open.book->keep(dead_letters(batch)); }));
  }
  BATCHOUT_CHECK(check_transactions(others));
  for (const std::size_t store : others) {
    OpenStore& open = stores_[store];
    BATCHOUT_TRY(const Outcome outcome, commit_batch(store, {}, batch));
    if (outcome != Outcome::committed) return no_answer(store, batch.number);
    // Another try may have other letters.
    open.done = !is_for_letters(plan_, store);
  }
  if (!authority_) return Outcome::committed;
  std::vector<Move> moves;
  for (const auto& [key, move] : batch.moves)
    if (move.epoch > 0) moves.push_back(move);  // Others are of inputs that resume nowhere.
  if (failpoint("positions_apart") && !moves.empty()) {
    BATCHOUT_TRY(const Outcome rows, commit_batch(*authority_, {}, batch));
    failpoint("rows_without_positions");
    if (rows == Outcome::committed) BATCHOUT_CHECK(store_positions(moves));
    return rows;
  }
  BATCHOUT_TRY(const Outcome outcome, commit_batch(*authority_, moves, batch));
  // Without a unit there is nothing to claim, so nothing that could resolve the doubt.
  if (outcome == Outcome::in_doubt && moves.empty()) return no_answer(*authority_, batch.number);
  return outcome;
}

// A commit that cannot work any more, or a row that is refused only there, would leave rows in the stores that have
// committed by then, and once more with each try. One store alone may as well find out when it commits.
Result<> Delivery::check_transactions(const std::vector<std::size_t>& others) {
  if (others.size() + (authority_ ? 1 : 0) < 2) return {};
  for (std::size_t store = 0; store < stores_.size(); ++store) {
    OpenStore& open = stores_[store];
    auto* const idle = dynamic_cast<IdleTransaction*>(open.store.get());
    if (idle == nullptr || !open.in_transaction) continue;
    BATCHOUT_CHECK(guarded(open.place, [&] { return idle->check_transaction(); }));
  }
  return {};
}

// The authority first. All are written before the first one commits: what one refuses shall not leave rows in the
// others. Returns those that are to be committed before the authority; the one with the letters comes last, since what
// another refuses may come to light only when it is to commit.
Result<std::vector<std::size_t>> Delivery::write_all(const Batch& batch) {
  if (authority_) BATCHOUT_CHECK(write(*authority_, batch));
  std::vector<std::size_t> others;
  for (std::size_t store = 0; store < stores_.size(); ++store)
    if (store != authority_ && store != letters_ && !stores_[store].done && needed(store, batch))
      others.push_back(store);
  for (const std::size_t store : others) BATCHOUT_CHECK(write(store, batch));
  if (!letters_ || letters_ == authority_ || stores_[*letters_].done) return others;
  // Rows may have been refused only now.
  const auto refused = [](const OpenStore& open) { return !open.rejects.empty(); };
  if (needed(*letters_, batch) || !set_aside_.empty() || std::ranges::any_of(stores_, refused)) {
    others.push_back(*letters_);
    BATCHOUT_CHECK(write(*letters_, batch));
  }
  return others;
}

// All writers of one store in one transaction, in the order of the plan unless the store knows better. Counters and
// rejects of an earlier try are forgotten. Positions are no part of it: they come with `commit`.
Result<> Delivery::write(std::size_t store, const Batch& batch) {
  OpenStore& open = stores_[store];
  open.rejects.clear();
  open.in_transaction = true;
  BATCHOUT_CHECK(guarded(open.place, [&] { return open.store->begin(batch.number); }));
  failpoint("after_begin");
  for (std::size_t output = 0; output < outputs_.size(); ++output)
    if (plan_.outputs[output].store == store) rows_written_[output] = 0;
  BATCHOUT_TRY(std::vector<Writing> left, writings(store, batch));
  for (std::size_t i = 0; i < left.size(); ++i) {
    BATCHOUT_CHECK(write_output(left[i].output, left[i].writer, batch));
    // What it has put off cannot wait for rows of another table.
    const auto same = [&](const Writing& other) { return other.output == left[i].output; };
    if (std::any_of(left.begin() + static_cast<std::ptrdiff_t>(i) + 1, left.end(), same))
      BATCHOUT_CHECK(finish_late(left[i], batch));
  }
  for (; !left.empty(); left.pop_back()) BATCHOUT_CHECK(finish_late(left.back(), batch));
  return {};
}

// Without rows an output is not called, unless the dialect wants it to see every batch.
Result<std::vector<Delivery::Writing>> Delivery::writings(std::size_t store, const Batch& batch) {
  std::vector<Writing> declared;
  std::vector<const Output*> outputs;
  for (std::size_t writer = 0; writer < plan_.writers.size(); ++writer)
    for (const std::size_t output : plan_.writers[writer].outputs) {
      if (plan_.outputs[output].store != store || (batch.rows_of(writer) == 0 && !batch.touch_outputs)) continue;
      declared.push_back({output, writer});
      outputs.push_back(outputs_[output].output.get());
    }
  auto* const ordering = dynamic_cast<WriteOrder*>(stores_[store].store.get());
  if (ordering == nullptr || declared.size() < 2) return declared;
  BATCHOUT_TRY(const auto order, guarded(stores_[store].place, [&] { return ordering->order(outputs); }));
  std::vector<Writing> ordered;
  for (const std::size_t place : order) ordered.push_back(declared[place]);
  return ordered;
}

Result<> Delivery::finish_late(const Writing& writing, const Batch& batch) {
  OpenOutput& open = outputs_[writing.output];
  auto* const late = dynamic_cast<LateWork*>(open.output.get());
  if (late == nullptr) return {};
  Rejects rejects;
  given_rows_.reset();
  BATCHOUT_CHECK(guarded(open.place, [&] { return late->finish_late(rejects); }));
  take_back(writing, batch, std::move(rejects));
  return {};
}

Result<> Delivery::write_output(std::size_t output, std::size_t writer, const Batch& batch) {
  Result<> written = write_blocks(output, writer, batch);
  if (!written && written.error().verdict == Verdict::row)
    written.error().message = fmt::format(
        "The target refused a row, and no single row can be left out of this batch, so nothing of it was "
        "stored and the run ends; batch {}: {}",
        batch.number, written.error().message);
  return written;
}

// Rejects are kept apart until the commit: a batch that is tried again would count them twice.
Result<> Delivery::write_blocks(std::size_t output, std::size_t writer, const Batch& batch) {
  OpenOutput& open = outputs_[output];
  BATCHOUT_CHECK(open_output(output, writer));
  given_rows_.reset();
  const PlannedWriter& planned = plan_.writers[writer];
  for (std::size_t selection = 0; selection < planned.selections.size(); ++selection) {
    const std::size_t input = planned.selections[selection].input;
    for (const Block& whole : batch.tables[writer][selection]) {
      const Block remaining = left_out_.empty() ? Block() : without_payloads(whole, input);
      const Block& block = left_out_.empty() ? whole : remaining;
      if (block.rows() == 0) continue;
      Rejects rejects;
      auto rows = guarded(open.place, [&] { return open.output->write(block, rejects); });
      if (!rows) {
        if (rows.error().verdict == Verdict::row && !rejects.empty() && rejects.back().code == rows.error().code)
          rows.error().message += origin_of(batch, input, rejects.back());
        return std::unexpected(std::move(rows).error());
      }
      rows_written_[output] += *rows;
      keep_rejects({output, writer}, batch, input, std::move(rejects));
    }
  }
  failpoint("before_finish");
  Rejects late;
  BATCHOUT_CHECK(guarded(open.place, [&] { return open.output->finish(late); }));
  take_back({output, writer}, batch, std::move(late));
  failpoint("after_finish");
  return {};
}

// An output that serves two writers is opened anew whenever the table changes.
Result<> Delivery::open_output(std::size_t output, std::size_t writer) {
  OpenOutput& open = outputs_[output];
  if (open.writer == writer) return {};
  if (auto* const listener = dynamic_cast<WriterListener*>(open.output.get()))
    listener->listen_to_writer(plan_.writers[writer].name);
  const TableShape& shape = *plan_.writers[writer].selections.front().shape;
  BATCHOUT_CHECK(guarded(open.place, [&] { return open.output->open(shape); }));
  open.writer = writer;
  return {};
}

// A store that keeps letters in its own way gets them before the end.
Result<Outcome> Delivery::commit_batch(std::size_t store, std::span<const Move> moves, const Batch& batch) {
  const auto letters = letters_ == store ? dead_letters(batch) : std::vector<NewLetter>();
  if (!failpoint("dead_letters_apart") || letters.empty()) return commit(store, moves, letters);
  BATCHOUT_TRY(const Outcome rows, commit(store, moves, {}));
  failpoint("rows_without_letters");
  if (rows != Outcome::committed) return rows;
  OpenStore& open = stores_[store];
  open.in_transaction = true;
  BATCHOUT_CHECK(guarded(open.place, [&] { return open.store->begin(batch.number); }));
  return commit(store, {}, letters);
}

// Any other end leaves the transaction marked as open, so that `roll_back` tells the store.
Result<Outcome> Delivery::commit(std::size_t store, std::span<const Move> moves, std::span<const NewLetter> letters) {
  OpenStore& open = stores_[store];
  std::vector<DeadLetter> plain;
  if (open.book == nullptr)
    plain.assign(letters.begin(), letters.end());
  else if (letters_ == store && !keeps_early(open.book))
    BATCHOUT_CHECK(guarded(open.place, [&] { return open.book->keep(letters); }));
  BATCHOUT_TRY(const Outcome outcome, guarded(open.place, [&] { return open.store->commit(moves, plain); }));
  if (outcome == Outcome::committed) open.in_transaction = false;
  return outcome;
}

// Safe at any time: stores without an open transaction are left alone.
void Delivery::roll_back() {
  for (std::size_t store = 0; store < stores_.size(); ++store) {
    OpenStore& open = stores_[store];
    if (!open.in_transaction) continue;
    // A store that cannot even roll back has lost its connection, which its next `begin` will find out.
    (void)guarded(open.place, [&] { open.store->rollback(); });
    open.in_transaction = false;
    close_outputs(store);
  }
}

void Delivery::close_outputs(std::size_t store) {
  for (std::size_t output = 0; output < outputs_.size(); ++output)
    if (plan_.outputs[output].store == store) outputs_[output].writer.reset();
}

// A store without rows for this batch is not even connected to, unless it has to keep dead letters. Asked for stores
// beside the authority only, whose transaction carries the positions even without rows.
bool Delivery::needed(std::size_t store, const Batch& batch) const {
  if (batch.touch_outputs) return true;
  const LetterBook* const book = stores_[store].book;
  if (letters_ == store && (!batch.rejects.empty() || (book != nullptr && book->wants_every_batch()))) return true;
  for (std::size_t writer = 0; writer < plan_.writers.size(); ++writer) {
    const auto writes_here = [&](std::size_t output) { return plan_.outputs[output].store == store; };
    if (std::ranges::any_of(plan_.writers[writer].outputs, writes_here) && batch.rows_of(writer) > 0) return true;
  }
  return false;
}

}  // namespace batchout
