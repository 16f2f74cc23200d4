// A random map and random documents, and whether everything that can evaluate them says the same.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "choices.h"
#include "components/json/compiled.h"
#include "data/extraction.h"
#include "documents.h"

namespace batchout::property {

struct Scenario {
  struct Document {
    std::string bytes;
    Payloads::State state = Payloads::State::usable;
  };

  Projection projection;
  std::shared_ptr<TableShape> shape;
  json::Options options;
  std::vector<Trail> trails;  ///< Of its paths.
  std::vector<Document> documents;
  std::size_t first_arena = 0;  ///< So many documents are run first, the others after them.
};

/// Without documents.
Scenario map_of(Choices& choices);
/// With some.
Scenario scenario_of(Choices& choices);

/// What was met, for whoever wants to know whether the scenarios are worth something.
struct Tally {
  std::size_t fused = 0;    ///< Maps that run in one walk.
  std::size_t good = 0;     ///< Documents.
  std::size_t refused = 0;  ///< Documents.
  std::size_t rows = 0;
  std::size_t deep_rows = 0;  ///< Rows with an entry of a third level.
  std::size_t values = 0;     ///< Cells that are neither absent nor null,
  std::size_t filtered = 0;   ///< those found through filters,
  std::size_t operated = 0;   ///< and those found through `|` or `where`.
};

/// Runs the walk, the tree and the naive evaluator. Empty if they agree on entries, cells, rejects and rows; else what
/// differs.
std::string disagreement(const Scenario& scenario, Tally* tally = nullptr);

/// Leaves out of a scenario that disagrees whatever is not needed for that.
Scenario shrunk(Scenario scenario);

/// For people.
std::string text_of(const Scenario& scenario);

}  // namespace batchout::property
