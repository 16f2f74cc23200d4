// Runs a projection over all payloads of an arena.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "components/json/compiled.h"
#include "components/json/fault.h"
#include "components/json/scan.h"
#include "components/json/tree_walk.h"
#include "data/program.h"

namespace batchout::json {

class JsonProgram final : public Program {
 public:
  explicit JsonProgram(std::shared_ptr<const CompiledProjection> compiled);

  void run(const Payloads& payloads, Extraction& out) override;

 private:
  std::optional<Fault> extract(const Payloads& payloads, std::size_t payload, Extraction& out);
  std::optional<Fault> extract_alone(std::string_view document, Extraction& out);
  std::optional<Fault> extract_document(std::string_view document, Tokens tokens, Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  TreeWalk tree_;
  Scanner arena_scanner_;
  Scanner document_scanner_;
  bool arena_scanned_ = false;
  Tokens tokens_;         // Of the arena, at or before the next payload.
  std::string document_;  // A copy of one that cannot be read in place, with separator and padding.
};

}  // namespace batchout::json
