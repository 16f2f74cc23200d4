// A path template as a run of characters and slots, each with its place in the path as written.

#pragma once

#include <vector>

#include "data/projection.h"

namespace batchout::json {

struct PathSymbol {
  /// One byte; 0 for a slot and at the end.
  char c = 0;
  /// Borrowed from the template.
  const Template::Slot* slot = nullptr;
  /// In characters of the written path, from 1.
  int column = 0;
};

/// The symbols of `path`, and one more at the end, which is neither character nor slot.
std::vector<PathSymbol> path_symbols(const Template& path);

}  // namespace batchout::json
