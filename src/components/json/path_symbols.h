// A path template as a run of characters and slots, each with its place in the path as written.

#pragma once

#include <vector>

#include "data/projection.h"

namespace batchout::json {

struct PathSymbol {
  char c = 0;                            ///< One byte; 0 for a slot and at the end.
  const Template::Slot* slot = nullptr;  ///< Borrowed from the template.
  int column = 0;                        ///< In characters of the written path, from 1.
};

/// The symbols of `path`, and one more at the end, which is neither character nor slot.
std::vector<PathSymbol> path_symbols(const Template& path);

}  // namespace batchout::json
