// What one would write by hand with simdjson for the fields of one shape; the yardstick of our own walk.
//
// It is built for the processor at hand, in a library of its own so that nothing of it gets into ours.

#pragma once

#include <cstdint>
#include <memory>

#include "batchout/block.h"
#include "batchout/payloads.h"
#include "shapes.h"

namespace batchout::bench {

/// What a run found, to compare readers.
struct Found {
  std::size_t rows = 0;
  std::uint64_t sum = 0;  ///< Of some of the cells.

  bool operator==(const Found&) const = default;
};

class Reader {
 public:
  virtual ~Reader() = default;
  /// Reads all documents of an arena into columns, and forgets those of the arena before.
  virtual Found read(const Payloads& payloads) = 0;
};

/// simdjson On-Demand. Fields are asked for in the order of unshuffled documents or, with `any_order`, wherever they
/// are. Texts are taken raw and unescaped only if there is a backslash. Nothing that is skipped is checked.
[[gnu::visibility("default")]] std::unique_ptr<Reader> by_hand(Shape shape, bool any_order);

/// simdjson's tree, made and not looked at: a full check of the document.
[[gnu::visibility("default")]] std::unique_ptr<Reader> tree_only();

inline void add_column(const Column& column, Found& found) {
  for (std::size_t i = 0; i < column.size(); i += 97) {
    if (!is_textual(column.tag(i))) {
      found.sum += column.word(i);
    } else if (const std::string_view text = column.text(i); !text.empty()) {
      found.sum += text.size() + static_cast<unsigned char>(text.front()) + static_cast<unsigned char>(text.back());
    }
  }
}

inline Found found_in(const Values& values, std::size_t rows) {
  Found found{rows, 0};
  for (const Column& column : values.columns) add_column(column, found);
  return found;
}

}  // namespace batchout::bench
