// The order in which readers have their turns in a round.
//
// In our own dialect a reader whose selector queries what another one reads comes behind it. The older dialects give
// readers the rows of the round before, so there the order of the file is as good as any.

#pragma once

#include <string>
#include <vector>

#include "plan/declarations.h"
#include "plan/selectors.h"

namespace batchout {

/// All readers, each behind those that it needs, else in the order of the file. Readers that wait for each other, or
/// for themselves, are reported, one error for each such circle; they stand last then. Pointers into `declarations`.
std::vector<const Named<DeclaredTask>*> readers_in_order(const Declarations& declarations, SelectorCompiler& selectors,
                                                         const std::string& file, Problems& problems);

}  // namespace batchout
