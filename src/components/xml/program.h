// Runs a projection over all payloads of an arena.

#pragma once

#include <memory>
#include <optional>

#include "components/xml/compiled.h"
#include "components/xml/encoding.h"
#include "components/xml/fault.h"
#include "components/xml/fused_walk.h"
#include "components/xml/last_document.h"
#include "components/xml/tree_walk.h"
#include "data/sharing_program.h"

namespace batchout::xml {

class XmlProgram final : public SharingProgram {
 public:
  /// `tree_only`: does everything over trees, for comparison.
  XmlProgram(std::shared_ptr<const CompiledProjection> compiled, Form form, bool tree_only = false);

  /// True if documents are read in one walk, without a tree.
  bool is_fused() const { return fused_ != nullptr; }

  void run(const Payloads& payloads, Extraction& out) override;
  /// By the tree, since that is there for all of them once one has read the payload.
  std::unique_ptr<SharingProgram> sibling(const Projection& projection) override;
  void join(SharingProgram& other) override;
  void next_payload() override { document_->next(); }
  std::uint64_t steps() const override { return tree_->steps(); }

 private:
  XmlProgram(std::shared_ptr<const CompiledProjection> compiled, std::shared_ptr<LastDocument> document, Form form);
  std::optional<Fault> extract(const Payloads& payloads, std::size_t payload, Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  Form form_;
  std::unique_ptr<FusedWalk> fused_;
  std::shared_ptr<LastDocument> document_;
  // Always there; of `document_`.
  std::optional<TreeWalk> tree_;
  Decoder decoder_;
};

}  // namespace batchout::xml
