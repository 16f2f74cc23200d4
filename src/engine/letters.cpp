// The store is chosen as a run chooses it, whatever the configuration says of keeping letters now.

#include "engine/letters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/guard.h"
#include "plan/letter_place.h"

namespace batchout {
namespace {

/// What a run asks its inputs.
bool any_resumes(const Plan& plan) {
  return std::ranges::any_of(plan.inputs, [&](const PlannedInput& input) {
    const auto built = guarded("inputs." + input.name,
                               [&] { return input.make({input.name, plan.name, plan.dialect, plan.folder, {}}); });
    return built && (*built)->traits().resumes;
  });
}

}  // namespace

StoreParts parts_of(const Plan& plan, std::span<const StoreTraits> stores, bool positions) {
  StoreParts parts;
  bool transactional = false;
  for (std::size_t store = 0; store < stores.size(); ++store) {
    const StoreTraits& traits = stores[store];
    // A journaled file only if there is no database.
    if (positions && traits.keeps_positions && (!parts.authority || (traits.transactional && !transactional))) {
      parts.authority = store;
      transactional = traits.transactional;
    }
    if (traits.keeps_dead_letters && !parts.letters) parts.letters = store;
  }
  // In the transaction of the positions they are kept exactly once, too.
  if (parts.letters && parts.authority) parts.letters = parts.authority;
  for (std::size_t store = 0; store < stores.size(); ++store)
    if (is_for_letters(plan, store)) parts.letters = store;
  return parts;
}

std::string place_of(const Plan& plan, std::size_t store) {
  return (is_for_letters(plan, store) ? "pipeline." : "outputs.") + plan.stores[store].name;
}

std::vector<std::string> writers_of(const Plan& plan, std::size_t output) {
  std::vector<std::string> names;
  for (const PlannedWriter& writer : plan.writers)
    if (std::ranges::find(writer.outputs, output) != writer.outputs.end()) names.push_back(writer.name);
  return names;
}

Result<Letters> Letters::open(const Plan& plan, const LogSink& log) {
  std::vector<std::unique_ptr<Store>> stores;
  std::vector<StoreTraits> traits;
  for (const PlannedStore& planned : plan.stores) {
    const std::string place = place_of(plan, stores.size());
    const Context context{planned.name, plan.name, plan.dialect, plan.folder, Log(log, place)};
    BATCHOUT_TRY(stores.emplace_back(), guarded(place, [&] { return planned.make(context); }));
    BATCHOUT_TRY(traits.emplace_back(), guarded(place, [&] { return stores.back()->traits(); }));
  }
  const StoreParts parts = parts_of(plan, traits, plan.delivery != DeliveryLevel::at_least_once && any_resumes(plan));
  Letters letters;
  if (parts.letters) letters.book_ = dynamic_cast<LetterBook*>(stores[*parts.letters].get());
  if (letters.book_ == nullptr)
    return fail(Verdict::configuration, "BO508",
                "No output of the configuration keeps dead letters; postgres, sqlite and growing files of csv and "
                "jsonl do");
  letters.number_ = *parts.letters;
  letters.place_ = place_of(plan, letters.number_);
  letters.store_ = std::move(stores[letters.number_]);
  return letters;
}

Result<> Letters::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  return guarded(place_, [&] { return book_->each(filter, payloads, sink); });
}

// Batch number 0 belongs to no batch.
Result<> Letters::change(const std::function<Result<>()>& change, bool dry) {
  return guarded(place_, [&]() -> Result<> {
    Result<> done = store_->begin(0);
    if (done) done = change();
    if (done && !dry) {
      const auto outcome = store_->commit({}, {});
      if (!outcome)
        done = std::unexpected(outcome.error());
      else if (*outcome != Outcome::committed)
        done = fail(Verdict::environment, "BO501", "The store did not say whether it has marked the letters");
    }
    if (!done || dry) store_->rollback();
    return done;
  });
}

Result<> Letters::discard(std::span<const std::int64_t> ids) {
  if (ids.empty()) return {};
  return change([&] { return book_->resolve(ids, "discarded"); }, false);
}

// What has no letter is not even made.
Result<std::size_t> Letters::prune(std::int64_t until, bool dry) {
  bool any = false;
  LetterFilter filter;
  filter.limit = 1;
  const auto see = [&](Letter&&) -> Result<bool> {
    any = true;
    return false;
  };
  BATCHOUT_CHECK(each(filter, false, see));
  std::size_t count = 0;
  if (!any) return count;
  const auto prune = [&]() -> Result<> {
    BATCHOUT_TRY(count, book_->prune(until));
    return {};
  };
  BATCHOUT_CHECK(change(prune, dry));
  return count;
}

}  // namespace batchout
