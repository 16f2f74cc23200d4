// Bad entries of a level are bits; a row goes if its selection of that level hits one. Blocks without such a row stay.

#include "engine/failed_values.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/accounts.h"

namespace batchout {
namespace {

// Bytes of a value in a message.
constexpr std::size_t kSampleSizeMax = 64;

using Bits = std::vector<bool>;

// Bits stay empty until there is something to mark: mostly there is not.
void set(Bits& bits, std::uint32_t entry, std::size_t size) {
  if (bits.empty()) bits.resize(size);
  bits[entry] = true;
}

// Clears in `keep` the rows whose selection hits a set bit.
void drop(const std::vector<std::uint32_t>& selection, const Bits& bad, Bits& keep) {
  if (bad.empty()) return;
  for (std::size_t row = 0; row < selection.size(); ++row)
    if (selection[row] != Block::kNone && bad[selection[row]]) keep[row] = false;
}

}  // namespace

// A column with processors is cast behind them, so its policy stands in its steps; in the projection it is dynamic.
FailedValues::FailedValues(const PlannedInput& input) : input_(input), columns_(input.values()) {
  const Projection& projection = input.projection;
  const std::size_t extracted = projection.columns.size();
  input.each_table([&](const TableShape& shape, const std::vector<std::size_t>& order) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t column = order[i];
      const bool is_extracted = column < extracted;
      Known& known = columns_[column];
      known.name = shape.columns[i].name;
      known.kind = shape.columns[i].kind;
      known.level = is_extracted ? projection.columns[column].level : projection.origins[column - extracted].level;
      known.on_error = is_extracted ? projection.columns[column].cast.on_error
                                    : projection.origins[column - extracted].cast.on_error;
    }
  });
  for (const ColumnSteps& steps : input.steps) columns_[steps.column].on_error = steps.cast.on_error;
  active_ = std::ranges::any_of(columns_, [](const Known& known) { return known.on_error != OnError::null; });
}

OnError FailedValues::policy_of(std::string_view column) const {
  const auto known = std::ranges::find(columns_, column, &Known::name);
  return known == columns_.end() ? OnError::null : known->on_error;
}

void FailedValues::clear() {
  failures_.clear();
  stopped_.reset();
}

// What has a policy becomes a failure, the rest is counted as a failed cast is.
void FailedValues::note(std::size_t column, std::uint32_t entry, std::string_view excerpt, std::size_t processor,
                        CastFailures& failures) {
  if (columns_[column].on_error != OnError::null) {
    failures_.push_back({column, entry, 0, processor, std::string(excerpt), false});
  } else if (failures.count++ == 0) {
    failures.sample = excerpt_of({.tag = Tag::text, .text = excerpt}, kSampleSizeMax);
  }
}

void FailedValues::note_given_up(std::size_t column, std::uint32_t entry, std::string_view excerpt,
                                 std::size_t processor) {
  failures_.push_back({column, entry, 0, processor, std::string(excerpt), true});
}

// Nobody has looked at what was given up, so it is no empty value.
OnError FailedValues::policy_of(const Failure& failure) const {
  const OnError policy = columns_[failure.column].on_error;
  return failure.given_up && policy == OnError::null ? OnError::reject_payload : policy;
}

// Failures are put in the order of payloads, so that those of one payload can be weighed against each other: stopping
// goes before refusing the payload, and that before refusing rows. Each payload has one outcome: a stop, a reject of
// its own, or one reject for each bad value.
void FailedValues::collect(const Payloads& payloads, Extraction& extraction) {
  if (active_) find_marks(extraction);
  if (failures_.empty()) return;
  for (Failure& failure : failures_)
    failure.payload = payload_of(extraction, columns_[failure.column].level, failure.entry);
  std::ranges::stable_sort(failures_, {}, &Failure::payload);
  for (auto begin = failures_.begin(); begin != failures_.end() && !stopped_;) {
    const auto end = std::find_if(begin, failures_.end(), [&](const auto& f) { return f.payload != begin->payload; });
    const auto first = [&](OnError policy) {
      return std::find_if(begin, end, [&](const Failure& failure) { return policy_of(failure) == policy; });
    };
    if (const auto stop = first(OnError::stop); stop != end) {
      stopped_ = reject_of(*stop, payloads, extraction);
    } else if (const auto whole = first(OnError::reject_payload); whole != end) {
      extraction.rejects.push_back(reject_of(*whole, payloads, extraction));
    } else {
      for (auto at = begin; at != end; ++at) extraction.rejects.push_back(reject_of(*at, payloads, extraction));
    }
    begin = end;
  }
}

// Excerpts are copied: processors and outputs may change the columns before the reject is shown.
void FailedValues::find_marks(const Extraction& extraction) {
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (columns_[column].on_error == OnError::null) continue;
    const Column& cells = extraction.values->columns[column];
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (cells.failed(i))
        failures_.push_back({column, static_cast<std::uint32_t>(i), 0, 0, std::string(cells.excerpt(i)), false});
  }
}

// Walks up level by level; a binary search each, since this happens for bad values only. `begin` has an element more
// than the parent has entries; the last one that is not above the entry is its parent, also where parents without
// entries repeat a number.
std::uint32_t FailedValues::payload_of(const Extraction& extraction, LevelId level, std::uint32_t entry) const {
  while (level != kPayloadLevel) {
    const auto& begin = extraction.levels[level].begin;
    entry = static_cast<std::uint32_t>(std::ranges::upper_bound(begin, entry) - begin.begin()) - 1;
    level = input_.projection.levels[level].parent;
  }
  return entry;
}

Reject FailedValues::reject_of(const Failure& failure, const Payloads& payloads, const Extraction& extraction) const {
  const Known& column = columns_[failure.column];
  const Payloads::Entry& payload = payloads.entry(extraction.payloads[failure.payload]);
  const std::string sample = excerpt_of({.tag = Tag::text, .text = failure.excerpt}, kSampleSizeMax);
  Reject reject;
  reject.stage = Reject::Stage::cast;
  reject.code = failure.given_up ? "BO408" : "BO411";
  if (failure.given_up)
    reject.message = fmt::format("a value takes too many steps in processor {}: \"{}\"", failure.processor, sample);
  else if (failure.processor > 0)
    reject.message = fmt::format("a value does not suit processor {}: \"{}\"", failure.processor, sample);
  else
    reject.message = fmt::format("a value could not be cast to {}: \"{}\"", type_name(column.kind), sample);
  reject.column = column.name;
  reject.excerpt = failure.excerpt;
  reject.unit = payload.unit;
  reject.position = payload.position;
  return reject;
}

// Blocks that lose all rows are dropped. A value that no row shows (its level was multiplied with an empty one) removes
// nothing, yet it is a reject.
std::uint64_t FailedValues::remove_rows(const Extraction& extraction, const TableShape& shape,
                                        const std::vector<std::size_t>& order, std::vector<Block>& blocks) const {
  if (failures_.empty()) return 0;
  Bits payloads;
  std::vector<Bits> values(columns_.size());
  for (const Failure& failure : failures_) {
    const Known& column = columns_[failure.column];
    if (policy_of(failure) == OnError::reject_payload)
      set(payloads, failure.payload, extraction.levels[kPayloadLevel].count);
    else
      set(values[failure.column], failure.entry, extraction.levels[column.level].count);
  }
  std::uint64_t removed = 0;
  for (Block& block : blocks) {
    Bits keep(block.rows(), true);
    drop(block.selections()[kPayloadLevel], payloads, keep);
    for (std::size_t place = 0; place < order.size(); ++place)
      drop(block.selections()[shape.columns[place].level], values[order[place]], keep);
    const auto gone = static_cast<std::uint64_t>(std::ranges::count(keep, false));
    if (gone > 0) block = block.filtered(keep);
    removed += gone;
  }
  std::erase_if(blocks, [](const Block& block) { return block.rows() == 0; });
  return removed;
}

}  // namespace batchout
