// What is refused in a batch: what goes with it, and the letters that tell of it.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "engine/accounts.h"
#include "engine/delivery.h"
#include "engine/guard.h"
#include "engine/letter_writer.h"
#include "engine/letters.h"
#include "registry/refused_rows.h"

namespace batchout {
namespace {

/// Bytes of cells that the letters of one batch may have; those of further rows have none.
constexpr std::size_t kValuesMax = 16 << 20;

/// Rows of several inputs may be refused together, and a unit has a number within its input only.
std::size_t input_of(const Batch& batch, const PlannedWriter& writer, const Reject& reject) {
  for (const PlannedSelection& selection : writer.selections)
    if (batch.has_unit(selection.input, reject.unit)) return selection.input;
  return writer.selections.front().input;
}

/// Messages without a value are no fault of anybody, and of gaps the input says what becomes of them.
bool is_fault(const Refused& refused) {
  return refused.reject.code != "BO403" && refused.reject.code != "BO413";
}

std::unexpected<Error> ends_batch(const Batch& batch, std::string_view what, std::string_view place,
                                  const Refused& refused) {
  return fail_at(
      place, Verdict::row, "BO505",
      fmt::format("{} was refused, and on_row_error: batch ends the run; nothing of the batch was stored: "
                  "{}: {}{}",
                  what, refused.reject.code, refused.reject.message, origin_of(batch, refused.input, refused.reject)));
}

}  // namespace

// A value that costs its rows costs the payload where a row does. Other payloads that are refused before there is an
// output have no rows.
void Delivery::leave_out_refused_values(const Batch& batch) {
  if (plan_.on_row_error != RowErrors::payload) return;
  for (const Refused& refused : batch.rejects)
    if (refused.reject.stage == Reject::Stage::cast)
      left_out_.emplace(refused.input, refused.reject.unit, refused.reject.position);
}

// True if payloads have to go with their refused rows. A computed row has no payload.
bool Delivery::set_aside_payloads() {
  if (plan_.on_row_error != RowErrors::payload || failpoint("payloads_kept")) return false;
  std::set<PayloadKey> fresh;
  for (OpenStore& open : stores_) {
    if (open.done) continue;
    std::erase_if(open.rejects, [&](Refused& refused) {
      const PayloadKey key{refused.input, refused.reject.unit, refused.reject.position};
      // Of a payload that is out already it says that the row was not its own.
      if (refused.input >= plan_.inputs.size() || left_out_.contains(key)) return false;
      fresh.insert(key);
      set_aside_.push_back(std::move(refused));
      return true;
    });
  }
  const bool any = !fresh.empty();
  left_out_.merge(fresh);
  return any;
}

// Those that are set aside are never taken back. Computed rows may still turn out to be good.
Result<> Delivery::check_set_aside(const Batch& batch) {
  std::vector<const Refused*> refused;
  for (const Refused& one : set_aside_) refused.push_back(&one);
  return budget_.check(batch, refused);
}

Result<> Delivery::check_refused(const Batch& batch) {
  std::vector<const Refused*> refused;
  for (const Refused& one : set_aside_) refused.push_back(&one);
  for (const OpenStore& open : stores_)
    for (const Refused& one : open.rejects) refused.push_back(&one);
  if (plan_.on_row_error == RowErrors::batch) {
    const auto before = std::ranges::find_if(batch.rejects, is_fault);
    if (before != batch.rejects.end())
      return ends_batch(batch, "A payload", "inputs." + plan_.inputs[before->input].name, *before);
    if (!refused.empty()) return ends_batch(batch, "A row", refused.front()->place, *refused.front());
  }
  return budget_.check(batch, refused);
}

Block Delivery::without_payloads(const Block& block, std::size_t input) const {
  std::vector<bool> keep(block.rows(), true);
  const std::span<const std::uint32_t> origins = block.origins();
  for (std::size_t row = 0; row < keep.size(); ++row)
    if (origins[row] != Block::kNone)
      keep[row] =
          !left_out_.contains({input, block.values().units[origins[row]], block.values().positions[origins[row]]});
  return block.filtered(keep);
}

/// Rows that had counted as written.
void Delivery::take_back(const Writing& writing, const Batch& batch, Rejects rejects) {
  std::uint64_t& written = rows_written_[writing.output];
  written -= std::min<std::uint64_t>(written, rejects.size());
  keep_rejects(writing, batch, std::nullopt, std::move(rejects));
}

/// `input`: whose rows they are; none: to be found out.
void Delivery::keep_rejects(const Writing& writing, const Batch& batch, std::optional<std::size_t> input,
                            Rejects rejects) {
  if (rejects.empty()) return;
  std::vector<Refused>& kept = stores_[plan_.outputs[writing.output].store].rejects;
  const std::size_t before = kept.size();
  const PlannedWriter& writer = plan_.writers[writing.writer];
  const bool several = writers_of(plan_, writing.output).size() > 1;
  for (Reject& reject : rejects) {
    const std::size_t owner = input ? *input : input_of(batch, writer, reject);
    Refused& refused = kept.emplace_back(Refused{owner, std::move(reject), outputs_[writing.output].place});
    if (plan_.on_row_error == RowErrors::row) refused.row = kUnknownRow;
    if (several) refused.writer = writer.name;
    refused.target = outputs_[writing.output].target;
  }
  if (letters_) tell_rows(writing, batch, std::span(kept).subspan(before));
}

/// Which rows have just been refused. The number of one is told only where the others of its payload are stored.
void Delivery::tell_rows(const Writing& writing, const Batch& batch, std::span<Refused> refused) {
  const auto* const told = dynamic_cast<const RefusedRows*>(outputs_[writing.output].output.get());
  if (told == nullptr) return;
  const auto numbers = told->refused_rows();
  if (numbers.size() != refused.size()) return;
  if (!given_rows_) given_rows_ = rows_given(writing.writer, batch);
  for (std::size_t i = 0; i < refused.size(); ++i) {
    if (values_kept_ < kValuesMax) refused[i].values = given_rows_->values_of(numbers[i]);
    values_kept_ += refused[i].values.size();
    if (plan_.on_row_error != RowErrors::row) continue;
    const GivenRows::Place place = given_rows_->place_of(numbers[i]);
    refused[i].row = place.row;
    refused[i].rows = place.rows;
  }
}

GivenRows Delivery::rows_given(std::size_t writer, const Batch& batch) const {
  const auto& selections = plan_.writers[writer].selections;
  std::vector<std::vector<Block>> given(selections.size());
  for (std::size_t selection = 0; selection < selections.size(); ++selection)
    for (const Block& whole : batch.tables[writer][selection])
      given[selection].push_back(left_out_.empty() ? whole : without_payloads(whole, selections[selection].input));
  return GivenRows(std::move(given));
}

// The bytes are those of the batch, which outlives the call; rejects stay as they are until the commit returns.
std::vector<NewLetter> Delivery::dead_letters(const Batch& batch) const {
  std::vector<NewLetter> letters;
  LetterWriter writer(plan_, batch);
  for (const Refused& refused : batch.rejects) letters.push_back(writer.letter_of(refused));
  for (const Refused& refused : set_aside_) letters.push_back(writer.letter_of(refused));
  for (const OpenStore& open : stores_)
    for (const Refused& refused : open.rejects) letters.push_back(writer.letter_of(refused));
  return letters;
}

std::vector<Refused> Delivery::take_rejects() {
  std::vector<Refused> all = std::exchange(set_aside_, {});
  for (OpenStore& open : stores_) {
    std::ranges::move(open.rejects, std::back_inserter(all));
    open.rejects.clear();
  }
  return all;
}

}  // namespace batchout
