// Programs that share what they make of a payload: where several maps are run over each payload in turn, it is read
// once.

#pragma once

#include <memory>

#include "data/program.h"

namespace batchout {

class SharingProgram : public Program {
 public:
  /// A program of the same extractor for another projection, which must outlive it. A payload that this program or one
  /// of its siblings has read last is not read again. All belong to one thread; none has to outlive the others.
  virtual std::unique_ptr<Program> sibling(const Projection& projection) = 0;
};

}  // namespace batchout
