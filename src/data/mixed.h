// Maps whose paths belong to several extractors.
//
// What an extractor can fill by itself runs in a program of its own: levels around which it finds every index, and the
// columns at them. A path that depends on an index of another extractor is filled in for each entry of that index and
// evaluated on the whole payload.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/program.h"

namespace batchout {

/// Several extractors as one, for one projection. A payload has to be good for each of them.
class MixedExtractor final : public Extractor {
 public:
  struct Part {
    /// For people.
    std::string name;
    std::shared_ptr<const Extractor> extractor;
  };

  /// Which part reads the path of each level and column of the projection, as numbers in `parts`; that of the payload
  /// means nothing.
  struct Readers {
    std::vector<std::size_t> levels;
    std::vector<std::size_t> columns;
  };

  MixedExtractor(std::vector<Part> parts, Readers readers);

  /// Paths belong to one of the parts, so here there are none.
  std::optional<PathProblem> check(const Template& path) const override;
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override;

  /// Of the projection that the readers were given for.
  std::unique_ptr<Program> compile(const Projection& projection) const override;
  std::vector<std::string> explain(const Projection& projection) const override;

 private:
  std::vector<Part> parts_;
  Readers readers_;
};

}  // namespace batchout
