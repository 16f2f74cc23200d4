// Any bytes as a map and documents: the walk, the tree and the naive evaluator of the tests find and refuse the same.
//
// The first bytes choose the map. With an even byte behind them the documents are chosen by what follows, too; with an
// odd one they are what follows, separated by 0xFE, which no document can contain.

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

#include "property/scenario.h"

namespace batchout::property {
namespace {

constexpr std::size_t kMapBytes = 96;     // Decisions of a map, at most.
constexpr std::size_t kDocumentsMax = 5;  // Otherwise slow without finding more.

void add_documents(Scenario& scenario, Bytes choices) {
  const bool written = choices.rarely(2);
  scenario.first_arena = choices.below(3);
  std::string_view rest(reinterpret_cast<const char*>(choices.rest().data()), choices.rest().size());
  while (scenario.documents.size() < kDocumentsMax && (scenario.documents.empty() || !choices.rest().empty())) {
    if (!written) {
      scenario.documents.push_back({document_of(choices, scenario.trails, scenario.projection.limits)});
      continue;
    }
    const std::size_t end = std::min(rest.find('\xFE'), rest.size());
    scenario.documents.push_back({std::string(rest.substr(0, end))});
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (rest.empty()) break;
  }
  scenario.first_arena = std::min(scenario.first_arena, scenario.documents.size());
}

}  // namespace
}  // namespace batchout::property

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout::property;
  const std::span<const std::uint8_t> bytes(data, size);
  const std::size_t map = std::min(size, kMapBytes);
  Bytes choices(bytes.first(map));
  Scenario scenario = map_of(choices);
  add_documents(scenario, Bytes(bytes.subspan(map)));
  const std::string found = disagreement(scenario);
  if (found.empty()) return 0;
  fmt::print(stderr, "{}{}", text_of(scenario), found);
  std::abort();
}
