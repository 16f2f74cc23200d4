// Programs that share what they make of a payload: where several maps are run over each payload in turn, it is read
// once.

#pragma once

#include <cstdint>
#include <memory>

#include "data/program.h"

namespace batchout {

/// Siblings belong to one thread; none has to outlive the others. What they share is of the payload at hand: before
/// they are run over another one, `next_payload` is called, and the bytes of the one at hand stay where they are until
/// then.
class SharingProgram : public Program {
 public:
  /// A program of the same extractor for another projection, which must outlive it.
  virtual std::unique_ptr<SharingProgram> sibling(const Projection& projection) = 0;

  /// Makes this program a sibling of `other`, which may be of another extractor, if both read payloads alike; else
  /// nothing happens. To be called before `sibling`.
  virtual void join(SharingProgram& other) = 0;

  /// Of this program and all its siblings.
  virtual void next_payload() = 0;

  /// What following the paths took in the last run, over one payload.
  virtual std::uint64_t steps() const = 0;
};

}  // namespace batchout
