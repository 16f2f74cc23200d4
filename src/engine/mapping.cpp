// Runs program, processors and casts, and multiplies the result out to rows.

#include "engine/mapping.h"

#include <algorithm>
#include <set>
#include <utility>

#include "data/origin.h"
#include "data/payload_fault.h"
#include "data/valueless_rows.h"
#include "engine/guard.h"
#include "registry/digit_keeper.h"
#include "registry/step_limited.h"

namespace batchout {
namespace {

// For a map in which nothing looks into a payload: each usable one is an entry, whatever it holds.
class UnreadPayloads final : public Program {
 public:
  void run(const Payloads& payloads, Extraction& out) override {
    for (std::size_t i = 0; i < payloads.count(); ++i) {
      const Payloads::Entry& entry = payloads.entry(i);
      if (entry.state != Payloads::State::usable) continue;
      out.payloads.push_back(static_cast<std::uint32_t>(i));
      out.values->units.push_back(entry.unit);
      out.values->positions.push_back(entry.position);
      ++out.levels[kPayloadLevel].count;
    }
  }
};

std::unique_ptr<Program> program_of(const PlannedInput& input) {
  if (input.extractor == nullptr) return std::make_unique<UnreadPayloads>();
  return input.extractor->compile(input.projection);
}

bool wants_digits(const Cast& cast) {
  return cast.kind == Kind::decimal || cast.kind == Kind::json;
}

// What the source can say of an entry without value is that more than this one is gone.
PayloadFault unusable(Payloads::State state, std::string_view fault) {
  if (state == Payloads::State::broken) return read_fault(fault, "BO409");
  if (!fault.empty()) return {state == Payloads::State::missing ? "BO413" : "BO404", fault};
  if (state == Payloads::State::missing) return {"BO403", "the payload has no value (a tombstone)"};
  return {"BO404", "the payload is larger than allowed"};
}

}  // namespace

Mapping::Mapping(const PlannedInput& input)
    : input_(input), place_("inputs." + input.name), extraction_(input.projection), failed_values_(input) {}

Result<> Mapping::prepare(const Context& context, bool valueless) {
  takes_valueless_ = valueless;
  BATCHOUT_TRY(program_, guarded(place_, [&] { return program_of(input_); }));
  for (const ColumnSteps& planned : input_.steps) {
    Steps& steps = steps_.emplace_back();
    steps.column = planned.column;
    steps.cast = &planned.cast;
    for (const auto& make : planned.processors) {
      BATCHOUT_TRY(auto processor, guarded(place_, [&] { return make(context); }));
      auto* const keeper = dynamic_cast<DigitKeeper*>(processor.get());
      if (keeper != nullptr && wants_digits(planned.cast)) keeper->keep_digits();
      steps.processors.push_back(std::move(processor));
    }
  }
  return {};
}

// Guarded as a whole: extractors and processors are components. After an error the blocks made so far are of no use.
Result<> Mapping::run(const Payloads& payloads, std::vector<std::vector<Block>>& tables) {
  return guarded(place_, [&]() -> Result<> {
    extraction_.clear();
    failed_values_.clear();
    rows_refused_ = 0;
    program_->run(payloads, extraction_);
    valueless_.clear();
    if (takes_valueless_) take_valueless(payloads);
    refuse_unusable(payloads);
    fill_origins(input_.projection, payloads, extraction_);
    for (const Steps& steps : steps_) BATCHOUT_CHECK(apply(steps));
    failed_values_.collect(payloads, extraction_);
    if (failed_values_.stopped()) return {};
    const std::size_t refused = extraction_.rejects.size();
    tables.resize(1 + input_.further.size());
    make_rows(input_.projection, input_.shape, input_.order, payloads, tables.front());
    for (std::size_t i = 0; i < input_.further.size(); ++i) {
      const FurtherTable& table = input_.further[i];
      make_rows(table.projection, table.shape, table.order, payloads, tables[i + 1]);
    }
    if (!input_.further.empty()) refuse_everywhere(refused, tables);
    return {};
  });
}

// Origin columns stand behind the extracted ones in the values, and further tables show only some of them; a table has
// its columns where they are declared.
void Mapping::make_rows(const Projection& projection, const std::shared_ptr<const TableShape>& shape,
                        const std::vector<std::size_t>& order, const Payloads& payloads, std::vector<Block>& blocks) {
  expand(projection, shape, payloads, extraction_, blocks);
  if (!projection.origins.empty() || !input_.further.empty())
    for (Block& block : blocks) block = block.projected(shape, order);
  rows_refused_ += failed_values_.remove_rows(extraction_, *shape, order, blocks);
}

// A payload that would make too many rows of one table has no rows in any other, and is one reject. `first` is the
// first reject that came while rows were made.
void Mapping::refuse_everywhere(std::size_t first, std::vector<std::vector<Block>>& tables) {
  Rejects& rejects = extraction_.rejects;
  if (rejects.size() == first) return;
  std::set<std::pair<UnitId, std::int64_t>> refused;
  const auto begin = rejects.begin() + static_cast<std::ptrdiff_t>(first);
  rejects.erase(std::remove_if(begin, rejects.end(),
                               [&](const Reject& r) { return !refused.emplace(r.unit, r.position).second; }),
                rejects.end());
  for (std::vector<Block>& blocks : tables) {
    for (Block& block : blocks) {
      std::vector<bool> keep(block.rows());
      for (std::size_t row = 0; row < keep.size(); ++row) {
        const std::uint32_t payload = block.origins()[row];
        keep[row] = !refused.contains({block.values().units[payload], block.values().positions[payload]});
      }
      block = block.filtered(keep);
    }
    std::erase_if(blocks, [](const Block& block) { return block.rows() == 0; });
  }
}

// As the tables have it, from the number among the extracted values.
std::string Mapping::name_of(std::size_t column) const {
  std::string name;
  input_.each_table([&](const TableShape& shape, const std::vector<std::size_t>& order) {
    const auto place = std::ranges::find(order, column);
    if (place != order.end()) name = shape.columns[static_cast<std::size_t>(place - order.begin())].name;
  });
  return name;
}

// Processors first, in their order, then the cast. A column of kind dynamic is cast by nobody.
Result<> Mapping::apply(const Steps& steps) {
  Column& column = extraction_.values->columns[steps.column];
  const std::size_t size = column.size();
  for (std::size_t i = 0; i < steps.processors.size(); ++i) BATCHOUT_CHECK(process(steps, i, column));
  if (steps.cast->kind == Kind::dynamic) return {};
  Column cast;
  for (std::size_t i = 0; i < size; ++i)
    append_cast(*steps.cast, column.cell(i), cast, extraction_.failures[steps.column]);
  column = std::move(cast);
  return {};
}

// A processor is foreign code: that it keeps one cell per cell is checked, since rows would shift otherwise.
Result<> Mapping::process(const Steps& steps, std::size_t number, Column& column) {
  Column changed;
  steps.processors[number]->apply(column, changed);
  if (changed.size() != column.size())
    return fail(Verdict::internal, "BO902",
                fmt::format("A processor of column \"{}\" must give one cell for each; it was given {} and gave {}",
                            name_of(steps.column), column.size(), changed.size()));
  const auto* const limited = dynamic_cast<const StepLimited*>(steps.processors[number].get());
  for (std::size_t i = 0; i < changed.size(); ++i) {
    if (!changed.failed(i)) continue;
    const auto entry = static_cast<std::uint32_t>(i);
    if (limited != nullptr && std::ranges::binary_search(limited->given_up(), i))
      failed_values_.note_given_up(steps.column, entry, changed.excerpt(i), number + 1);
    else
      failed_values_.note(steps.column, entry, changed.excerpt(i), number + 1, extraction_.failures[steps.column]);
  }
  column = std::move(changed);
  return {};
}

// Programs have refused them: they do not know what such a payload is to the input.
void Mapping::take_valueless(const Payloads& payloads) {
  for (std::size_t i = 0; i < payloads.count(); ++i)
    if (is_valueless(payloads, i)) valueless_.emplace(payloads.entry(i).unit, payloads.entry(i).position);
  if (valueless_.empty()) return;
  std::erase_if(extraction_.rejects, [&](const Reject& r) { return valueless_.contains({r.unit, r.position}); });
  add_valueless(input_.projection, payloads, extraction_);
}

// Programs only look at usable payloads. Whichever of the others they have not refused themselves is refused here, so
// that a position never advances over a payload without a trace.
void Mapping::refuse_unusable(const Payloads& payloads) {
  Rejects& rejects = extraction_.rejects;
  // Programs may have refused some of them already; those appended below need not be searched.
  const std::size_t known = rejects.size();
  for (std::size_t i = 0; i < payloads.count(); ++i) {
    const Payloads::Entry& entry = payloads.entry(i);
    if (entry.state == Payloads::State::usable || (takes_valueless_ && is_valueless(payloads, i))) continue;
    const auto same = [&](const Reject& r) { return r.unit == entry.unit && r.position == entry.position; };
    if (std::any_of(rejects.begin(), rejects.begin() + static_cast<std::ptrdiff_t>(known), same)) continue;
    const auto [code, why] = unusable(entry.state, payloads.fault(i));
    Reject& reject = rejects.emplace_back();
    reject.stage = Reject::Stage::read;
    reject.code = code;
    reject.message = why;
    reject.excerpt = payloads.bytes(i).substr(0, 256);
    reject.unit = entry.unit;
    reject.position = entry.position;
  }
}

}  // namespace batchout
