// The tree of the payload that was read last, for all programs that are run over the same payloads in turn.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "components/json/fault.h"
#include "components/json/scan.h"
#include "components/json/tree.h"
#include "data/projection.h"

namespace batchout::json {

/// One per lane and program, or for all that are siblings.
class LastDocument {
 public:
  LastDocument(const ProjectionLimits& limits, bool lenient) : limits_(limits), lenient_(lenient) {}

  /// True if both accept the same payloads.
  bool reads_like(const LastDocument& other) const;

  /// From now on a payload that is opened again is known by its place in memory, until `next`.
  void share() { shared_ = true; }
  bool is_shared() const { return shared_; }
  void next() { opened_ = false; }

  /// The payload's document, which is all of it but for a byte order mark. What was read of another one is forgotten.
  /// Borrows from the payload, which must be followed by Payloads::kSeparator and Payloads::kPadding readable bytes;
  /// so is the document.
  std::string_view open(std::string_view payload);

  /// Makes the tree of the document, unless it is there already. A refused document leaves none. With `tokens` nothing
  /// has to be scanned: the next one is the first of the document.
  std::optional<Fault> read(std::optional<Tokens> tokens = std::nullopt);

  Tree& tree() { return tree_; }

  /// Since the beginning.
  std::size_t trees_made() const { return trees_made_; }

 private:
  std::optional<Fault> parse(std::optional<Tokens> tokens);

  ProjectionLimits limits_;
  bool lenient_;
  Tree tree_;
  Scanner scanner_;
  bool shared_ = false;
  bool opened_ = false;
  bool read_ = false;
  std::string_view payload_;
  std::string_view document_;
  // A copy of one that cannot be read in place, with separator and padding.
  std::string copy_;
  std::optional<Fault> fault_;
  std::size_t trees_made_ = 0;
};

}  // namespace batchout::json
