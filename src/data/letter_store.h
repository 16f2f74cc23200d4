// A file that has nothing but dead letters.

#pragma once

#include <string>

#include "base/append_file.h"
#include "base/files.h"
#include "batchout/component.h"
#include "data/letter_book.h"
#include "data/letter_file.h"

namespace batchout {

/// JSON lines, as beside an output. No other store commits together with it, so letters may be there twice after a
/// failure. Several processes and pipelines may have the file in common: whoever writes to it has the lock on it.
class LetterStore final : public Store, public LetterBook {
 public:
  /// `path` as the configuration has it.
  LetterStore(const std::string& path, const Context& context);

  StoreTraits traits() const override { return {.keeps_dead_letters = true}; }
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override { return std::vector<Claim>(units.size()); }
  Result<> begin(std::uint64_t batch) override;
  Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) override;
  void rollback() override;

  Result<> keep(std::span<const NewLetter> letters) override;
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) override;
  Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) override;
  Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) override;

 private:
  /// Held until the transaction ends. Waits for whoever has it, BO556 if that takes long.
  Result<> lock();

  std::string shown_, path_, pipeline_;
  AppendFile file_;
  LetterReader reader_;
  Descriptor lock_;
  /// By `lock`: its name is not on the disk yet.
  bool made_ = false;
};

}  // namespace batchout
