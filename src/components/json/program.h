// Runs a projection over all payloads of an arena.
//
// What a walk over the bytes can do is done by it; what needs a tree is found in one first. Both write into the same
// extraction, each its own levels and columns.

#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "components/json/compiled.h"
#include "components/json/division.h"
#include "components/json/fault.h"
#include "components/json/fused_walk.h"
#include "components/json/last_document.h"
#include "components/json/scan.h"
#include "components/json/tree_walk.h"
#include "data/sharing_program.h"

namespace batchout::json {

class JsonProgram final : public SharingProgram {
 public:
  /// Other ways than the one that suits are for comparison: everything over trees, or every object as if its keys came
  /// in an order of their own.
  enum class Way : std::uint8_t { as_it_suits, any_order, tree };

  explicit JsonProgram(std::shared_ptr<const CompiledProjection> compiled, Way way = Way::as_it_suits);

  /// True if documents are read in one walk, without a tree.
  bool is_fused() const { return fused_.has_value() && !shared_; }
  /// True if some levels or columns are filled by a walk, the others by a tree.
  bool is_mixed() const { return shared_.has_value(); }

  void run(const Payloads& payloads, Extraction& out) override;

  /// By the tree, since that is there for all of them once one has read the payload.
  std::unique_ptr<SharingProgram> sibling(const Projection& projection) override;
  void join(SharingProgram& other) override;
  void next_payload() override { document_->next(); }
  std::uint64_t steps() const override { return tree_->steps(); }

  const LastDocument& document() const { return *document_; }

 private:
  // What is needed where the walk does a part of the projection only.
  struct Shared {
    Shared(const CompiledProjection& whole, WalkPart walk, const Share& rest)
        : part(std::move(walk)), extraction(part.compiled->projection), task(whole, rest) {}

    // Exchanges the levels and columns of the walk between `out`, where they belong, and `extraction`, where the walk
    // has them under its own numbers.
    void exchange(Extraction& out);

    WalkPart part;
    Extraction extraction;
    TreeWalk::Task task;
  };

  JsonProgram(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document);
  std::optional<Fault> extract(const Payloads& payloads, std::size_t payload, Extraction& out);
  std::optional<Fault> extract_from_tree(std::string_view document, std::optional<Tokens> tokens, Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  std::shared_ptr<LastDocument> document_;
  std::optional<FusedWalk> fused_;
  std::optional<Shared> shared_;
  // Always there; of `document_`.
  std::optional<TreeWalk> tree_;
  Scanner arena_scanner_;
  bool arena_scanned_ = false;
  // Of the arena, at or before the next payload.
  Tokens tokens_;
};

}  // namespace batchout::json
