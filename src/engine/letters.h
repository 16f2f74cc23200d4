// Dead letters of a plan, for people: where they are, reading and discarding them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "batchout/log.h"
#include "data/letter_book.h"
#include "plan/plan.h"

namespace batchout {

/// Which stores of a plan have which part; positions in Plan::stores.
struct StoreParts {
  /// Keeps the positions of the inputs.
  std::optional<std::size_t> authority;
  std::optional<std::size_t> letters;
};

/// By the traits of the stores: the first transaction that keeps positions is the authority, else the first file that
/// does; it keeps the letters, too, else the first store that can, unless there is one that no output writes to, which
/// is there for them. `positions`: they are to be kept.
StoreParts parts_of(const Plan& plan, std::span<const StoreTraits> stores, bool positions);

/// In messages: "outputs.warehouse", "pipeline.dead_letters".
std::string place_of(const Plan& plan, std::size_t store);

/// Names of the writers that give an output their rows.
std::vector<std::string> writers_of(const Plan& plan, std::size_t output);

/// Connects when it is first asked.
class Letters {
 public:
  /// Borrows the plan. BO508 if no store of it keeps letters.
  static Result<Letters> open(const Plan& plan, const LogSink& log);

  /// Position in Plan::stores.
  std::size_t store() const { return number_; }
  /// As LetterBook::each.
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink);
  /// Marks letters as discarded, all of them or none.
  Result<> discard(std::span<const std::int64_t> ids);
  /// As LetterBook::prune, in a transaction of its own; `dry`: only counts them.
  Result<std::size_t> prune(std::int64_t until, bool dry);

 private:
  /// In a transaction; `dry`: which is rolled back.
  Result<> change(const std::function<Result<>()>& change, bool dry);

  std::size_t number_ = 0;
  std::string place_;
  std::unique_ptr<Store> store_;
  LetterBook* book_ = nullptr;
};

}  // namespace batchout
