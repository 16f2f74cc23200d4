// Three decorations around the components of a plan. The store that keeps the letters is told of a batch's rejects
// before it commits, and turns them round: what was refused again keeps its letters, the others are replayed.

#include "pipeline/replay_plan.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "config/load.h"
#include "engine/guard.h"
#include "plan/given_metadata.h"
#include "registry/idle_transaction.h"
#include "registry/refused_rows.h"
#include "registry/stop_listener.h"
#include "registry/write_order.h"
#include "registry/writer_listener.h"

namespace batchout {
namespace {

constexpr std::string_view kOtherRows = "BO431";
/// To a batch.
constexpr std::size_t kPayloadsMax = 500, kBytesMax = 16 << 20;

// ------------------------------------------------------------------------------------------------------- metadata

void note(MetaField field, const Node& value, std::string_view header, Payloads& payloads) {
  if (value.is_null()) return payloads.note(field, nullptr, header);
  if (value.type() == Node::Type::integer) return payloads.note(field, value.integer(), header);
  if (value.is_text()) return payloads.note(field, std::string_view(value.text()), header);
  const Node* const coded = value.find("base64");
  if (coded == nullptr || !coded->is_text()) return;
  if (const auto bytes = from_base64(coded->text())) payloads.note(field, std::string_view(*bytes), header);
}

/// What is not as we write it is left out.
void note_all(const std::string& metadata, Payloads& payloads) {
  if (metadata.empty()) return;
  Problems problems;
  const auto node = load_json(metadata, {}, problems);
  if (!node || !node->is_mapping()) return;
  constexpr std::pair<std::string_view, MetaField> kFields[] = {
      {"topic", MetaField::topic},   {"partition", MetaField::partition},
      {"offset", MetaField::offset}, {"timestamp", MetaField::timestamp},
      {"key", MetaField::key},       {"file", MetaField::file},
      {"status", MetaField::status}};
  for (const auto& [name, field] : kFields)
    if (const Node* const value = node->find(name)) note(field, *value, {}, payloads);
  if (const Node* const headers = node->find("headers"); headers != nullptr && headers->is_mapping())
    for (const Node::Entry& entry : headers->entries()) note(MetaField::header, entry.value, entry.key, payloads);
}

// ---------------------------------------------------------------------------------------------------------- input

/// One unit, whose positions are the ids of the letters that have the payloads.
class ReplayInput final : public Input {
 public:
  /// `unit` is no other input's: rows of several are refused together.
  ReplayInput(std::string name, UnitId unit, ReplayDesk& desk)
      : name_(std::move(name)), unit_(unit), desk_(desk), carriers_(desk.carriers_of(name_)) {}

  InputTraits traits() const override { return {}; }
  Result<> start_round() override { return {}; }
  Result<Event> pull(const Budget& budget, Time, std::stop_token) override {
    if (!std::exchange(announced_, true)) return Assigned{{Unit{unit_, "dead letters", name_}}};
    Payloads payloads;
    while (payloads.empty()) {
      if (next_ == carriers_.size()) return End{};
      const std::size_t end = end_of(budget);
      BATCHOUT_TRY(const auto taken, desk_.take({carriers_.begin() + static_cast<std::ptrdiff_t>(next_),
                                                 carriers_.begin() + static_cast<std::ptrdiff_t>(end)}));
      next_ = end;
      for (const PayloadToReplay& payload : taken) {
        payloads.append(payload.bytes, unit_, payload.carrier, payload.carrier + 1);
        note_all(payload.metadata, payloads);
      }
    }
    return payloads;
  }
  Result<std::vector<Position>> assign(std::span<const Position>) override {
    return std::vector<Position>{{unit_, 0, {}}};
  }
  void release(std::span<const UnitId>) override {}
  Result<> seek(std::span<const Position> positions) override {
    desk_.give_back(positions.front().number);
    next_ = static_cast<std::size_t>(std::ranges::lower_bound(carriers_, positions.front().number) - carriers_.begin());
    return {};
  }
  void pause(bool) override {}
  Result<> acknowledge(std::span<const Position>) override { return {}; }

 private:
  /// Where what the budget has room for ends; that is one payload at least.
  std::size_t end_of(const Budget& budget) const {
    std::size_t end = next_;
    std::uint64_t bytes = 0;
    do bytes += desk_.size_of(carriers_[end++]);
    while (end < carriers_.size() && end - next_ < std::min(budget.payloads, kPayloadsMax) &&
           bytes + desk_.size_of(carriers_[end]) <= std::min(budget.bytes, kBytesMax));
    return end;
  }

  std::string name_;
  UnitId unit_;
  ReplayDesk& desk_;
  const std::vector<std::int64_t>& carriers_;
  bool announced_ = false;
  std::size_t next_ = 0;
};

// --------------------------------------------------------------------------------------------------------- output

/// Passes on the rows that are missing. Rows of one payload follow each other.
class ReplayOutput final : public Output, public LateWork, public WriterListener {
 public:
  /// `several`: the output gets rows from more than one writer.
  ReplayOutput(std::string name, bool several, std::unique_ptr<Output> output, ReplayDesk& desk,
               const std::uint64_t& tries)
      : name_(std::move(name)), several_(several), output_(std::move(output)), desk_(desk), tries_(tries) {}

  const Output* inner() const { return output_.get(); }

  void listen_to_writer(std::string_view name) override {
    if (several_) writer_ = name;
  }
  Result<> open(const TableShape& shape) override { return output_->open(shape); }
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override {
    start_try();
    std::vector<bool> keep(block.rows(), true);
    for (std::size_t row = 0; row < keep.size(); ++row) keep[row] = wanted(block, row, rejects);
    const Block left = block.filtered(keep);
    if (left.rows() == 0) return 0;
    return output_->write(left, rejects);
  }
  Result<> finish(Rejects& rejects) override {
    start_try();
    end_payload(rejects);
    return output_->finish(rejects);
  }
  Result<> finish_late(Rejects& rejects) override {
    auto* const late = dynamic_cast<LateWork*>(output_.get());
    return late == nullptr ? Result<>{} : late->finish_late(rejects);
  }

 private:
  /// What an earlier try of the batch was at does not count.
  void start_try() {
    if (std::exchange(try_, tries_) != tries_) payload_ = nullptr;
  }

  bool wanted(const Block& block, std::size_t row, Rejects& rejects) {
    const std::uint32_t origin = block.origins()[row];
    if (origin == Block::kNone) return true;
    const std::int64_t carrier = block.values().positions[origin];
    if (payload_ == nullptr || payload_->carrier != carrier) {
      end_payload(rejects);
      const auto found = desk_.in_hand().find(carrier);
      if (found == desk_.in_hand().end()) return false;
      payload_ = &found->second;
      unit_ = block.values().units[origin];
      rows_ = 0;
    }
    return payload_->whole || payload_->rows.contains({name_, writer_, rows_++});
  }

  /// Numbers of rows mean something only as long as the payload makes as many rows as it did.
  void end_payload(Rejects& rejects) {
    const PayloadToReplay* const payload = std::exchange(payload_, nullptr);
    if (payload == nullptr) return;
    desk_.note_rows(payload->carrier, name_, writer_);
    if (payload->whole) return;
    for (const auto& [place, rows] : payload->rows) {
      if (place.output != name_ || place.writer != writer_ || rows == rows_) continue;
      Reject& reject = rejects.emplace_back();
      reject.stage = Reject::Stage::write;
      reject.code = kOtherRows;
      reject.message = fmt::format(
          "The payload does not make as many rows as when one of them was refused, so it is not known which one that "
          "is: {} rows, then {}",
          rows_, rows);
      reject.unit = unit_;
      reject.position = payload->carrier;
      return;
    }
  }

  std::string name_;
  bool several_;
  /// Whose rows come, if there are several.
  std::string writer_;
  std::unique_ptr<Output> output_;
  ReplayDesk& desk_;
  const std::uint64_t& tries_;
  std::uint64_t try_ = 0;
  /// The one whose rows come; how many have come.
  const PayloadToReplay* payload_ = nullptr;
  UnitId unit_{};
  std::int64_t rows_ = 0;
};

// ---------------------------------------------------------------------------------------------------------- store

class ReplayStore final : public Store,
                          public LetterBook,
                          public WriteOrder,
                          public StopListener,
                          public IdleTransaction {
 public:
  /// `marks`: this is the one with the letters.
  ReplayStore(std::unique_ptr<Store> store, ReplayDesk& desk, bool marks, bool dry)
      : store_(std::move(store)),
        book_(dynamic_cast<LetterBook*>(store_.get())),
        desk_(desk),
        marks_(marks),
        dry_(dry) {}

  Store& inner() { return *store_; }
  const std::uint64_t& tries() const { return tries_; }

  StoreTraits traits() const override {
    return {.transactional = store_->traits().transactional, .keeps_positions = false, .keeps_dead_letters = marks_};
  }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override { return std::vector<Claim>(units.size()); }
  Result<> begin(std::uint64_t batch) override {
    ++tries_;
    return store_->begin(batch);
  }
  Result<Outcome> commit(std::span<const Move>, std::span<const DeadLetter>) override {
    if (dry_) store_->rollback();
    Result<Outcome> outcome = Outcome::committed;
    if (!dry_) outcome = store_->commit({}, {});
    if (marks_ && outcome && *outcome == Outcome::committed) desk_.settle(refused_);
    return outcome;
  }
  void rollback() override { store_->rollback(); }

  /// Everything in hand is in the batch.
  Result<> keep(std::span<const NewLetter> letters) override {
    if (!marks_) return {};
    refused_.clear();
    for (const NewLetter& letter : letters) refused_.try_emplace(letter.reject->position, *letter.reject);
    std::vector<std::int64_t> replayed;
    for (const auto& [carrier, payload] : desk_.in_hand()) {
      const auto refused = refused_.find(carrier);
      if (refused != refused_.end())
        BATCHOUT_CHECK(book_->note_failure(payload.letters, refused->second));
      else if (const std::string* output = desk_.without_rows(payload))
        return fail(Verdict::configuration, "BO507",
                    fmt::format("A payload makes no rows for outputs.{} any more, so nothing of the batch was stored; "
                                "discard its letters, or put the configuration as it was; letter {}",
                                *output, carrier));
      else
        replayed.insert(replayed.end(), payload.letters.begin(), payload.letters.end());
    }
    if (replayed.empty()) return {};
    return book_->resolve(replayed, "replayed");
  }
  void expect_idleness() override {
    if (auto* const idle = dynamic_cast<IdleTransaction*>(store_.get())) idle->expect_idleness();
  }
  Result<> check_transaction() override {
    auto* const idle = dynamic_cast<IdleTransaction*>(store_.get());
    return idle == nullptr ? Result<>{} : idle->check_transaction();
  }
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) override {
    return book_->each(filter, payloads, sink);
  }
  Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) override {
    return book_->resolve(ids, status);
  }
  Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) override {
    return book_->note_failure(ids, reject);
  }
  bool wants_every_batch() const override { return marks_; }

  Result<std::vector<std::size_t>> order(std::span<const Output* const> outputs) override {
    std::vector<const Output*> inner;
    for (const Output* output : outputs) inner.push_back(static_cast<const ReplayOutput*>(output)->inner());
    if (auto* const ordering = dynamic_cast<WriteOrder*>(store_.get())) return ordering->order(inner);
    std::vector<std::size_t> declared(outputs.size());
    for (std::size_t i = 0; i < declared.size(); ++i) declared[i] = i;
    return declared;
  }
  void listen(std::stop_token stop) override {
    if (auto* const listener = dynamic_cast<StopListener*>(store_.get())) listener->listen(std::move(stop));
  }

 private:
  std::unique_ptr<Store> store_;
  LetterBook* book_;
  ReplayDesk& desk_;
  bool marks_, dry_;
  std::uint64_t tries_ = 0;
  /// Of the batch at hand, by carrier: the first reject of each payload.
  std::map<std::int64_t, Reject> refused_;
};

// ----------------------------------------------------------------------------------------------------------- plan

void refuse_payloads(Cast& cast) {
  if (cast.on_error != OnError::null) cast.on_error = OnError::reject_payload;
}

void refuse_payloads(Projection& projection) {
  for (ProjectionColumn& column : projection.columns) refuse_payloads(column.cast);
  for (OriginColumn& column : projection.origins) refuse_payloads(column.cast);
}

// A payload that had some of its rows stored would have them twice with the next try.
void replay(PlannedInput& input, UnitId unit, ReplayDesk& desk) {
  input.parameters.reset();
  input.make = [name = input.name, unit, &desk](const Context&) -> Result<std::unique_ptr<Input>> {
    return std::make_unique<ReplayInput>(name, unit, desk);
  };
  refuse_payloads(input.projection);
  for (FurtherTable& table : input.further) refuse_payloads(table.projection);
  for (ColumnSteps& steps : input.steps) refuse_payloads(steps.cast);
}

void decorate(PlannedStore& store, ReplayDesk& desk, bool marks, bool dry) {
  store.make = [make = store.make, &desk, marks, dry](const Context& context) -> Result<std::unique_ptr<Store>> {
    BATCHOUT_TRY(std::unique_ptr<Store> inner, make(context));
    return std::make_unique<ReplayStore>(std::move(inner), desk, marks, dry);
  };
}

void decorate(PlannedOutput& output, bool several, ReplayDesk& desk) {
  output.make.output = [make = output.make.output, name = output.name, several, &desk](
                           const Context& context, Store& store) -> Result<std::unique_ptr<Output>> {
    auto& replaying = static_cast<ReplayStore&>(store);
    BATCHOUT_TRY(std::unique_ptr<Output> inner, make(context, replaying.inner()));
    return std::make_unique<ReplayOutput>(name, several, std::move(inner), desk, replaying.tries());
  };
}

}  // namespace

Plan replay_plan(const Plan& plan, std::size_t letters, ReplayDesk& desk, bool dry) {
  Plan replayed = plan;
  replayed.delivery = DeliveryLevel::at_least_once;
  replayed.dead_letters = true;
  replayed.on_row_error = RowErrors::payload;
  replayed.reject_limit = {};
  replayed.batch.payloads = std::min(replayed.batch.payloads, kPayloadsMax);
  replayed.batch.bytes = std::min(replayed.batch.bytes, kBytesMax);
  for (std::size_t input = 0; input < replayed.inputs.size(); ++input)
    replay(replayed.inputs[input], UnitId{static_cast<std::uint32_t>(input)}, desk);
  for (std::size_t store = 0; store < replayed.stores.size(); ++store)
    decorate(replayed.stores[store], desk, store == letters, dry);
  for (std::size_t output = 0; output < replayed.outputs.size(); ++output)
    decorate(replayed.outputs[output], writers_of(plan, output).size() > 1, desk);
  return replayed;
}

namespace {

/// Of one letter, by what one output does.
ReplayRisk risk_of(const Letter& letter, const std::string& output, Rewrite rewrite) {
  switch (rewrite) {
    case Rewrite::overwrites:
      return {fmt::format("{} has no version_column, so letter {} may overwrite newer rows", output, letter.id)};
    case Rewrite::brings_back:
      return {
          fmt::format("{} has delete_when, and a deleted row takes its version along, so letter {} may bring back "
                      "what was deleted later",
                      output, letter.id)};
    case Rewrite::replaces_lists:
      if (letter.row >= 0)
        return {fmt::format("{} replaces lists, so the row of letter {} would take the place of its whole list; send "
                            "the payload again, or discard the letter",
                            output, letter.id),
                false};
      return {fmt::format("{} replaces lists, so letter {} may delete what newer payloads have brought", output,
                          letter.id)};
    case Rewrite::adds:
      if (letter.row != kUnknownRow) break;
      return {fmt::format("other rows of the payload of letter {} were stored, and would be in {} twice", letter.id,
                          output)};
    case Rewrite::keeps_newer:
      break;
  }
  return {};
}

}  // namespace

Result<ReplayRisks> replay_risks(const Plan& plan) {
  std::vector<std::unique_ptr<Store>> stores;
  for (const PlannedStore& planned : plan.stores) {
    const Context context{planned.name, plan.name, plan.dialect, plan.folder, {}};
    BATCHOUT_TRY(stores.emplace_back(), guarded("outputs." + planned.name, [&] { return planned.make(context); }));
  }
  std::map<std::string, Rewrite> rewrites;
  for (const PlannedOutput& planned : plan.outputs) {
    const std::string place = "outputs." + planned.name;
    const Context context{planned.name, plan.name, plan.dialect, plan.folder, {}};
    BATCHOUT_TRY(const auto output,
                 guarded(place, [&] { return planned.make.output(context, *stores[planned.store]); }));
    const auto* const told = dynamic_cast<const RefusedRows*>(output.get());
    rewrites[place] = told != nullptr ? told->rewrite() : Rewrite::adds;
  }
  return [rewrites = std::move(rewrites)](const Letter& letter) -> ReplayRisk {
    for (const auto& [place, rewrite] : rewrites) {
      if (letter.row >= 0 && letter.place != place) continue;
      if (ReplayRisk risk = risk_of(letter, place, rewrite); !risk.why.empty()) return risk;
    }
    return {};
  };
}

}  // namespace batchout
