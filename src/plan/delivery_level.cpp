// Rows and positions have to be in one transaction of one store, and positions must mean something to the next run.

#include "plan/delivery_level.h"

#include <fmt/format.h>

#include "config/wording.h"
#include "plan/letter_place.h"

namespace batchout {

// What cannot even be built fails at the start of a run, with words of its own.
std::vector<std::string> obstacles_to_exactly_once(const Plan& plan) {
  std::vector<std::string> obstacles;
  if (plan.delivery == DeliveryLevel::at_least_once) obstacles.emplace_back("no positions are kept");
  for (const PlannedInput& input : plan.inputs) {
    const auto built = input.make({input.name, plan.name, plan.dialect, plan.folder, {}});
    if (!built) continue;
    const InputTraits traits = (*built)->traits();
    const bool whole = reads_whole_rounds(plan, **built);
    if (input.parameters || whole || !traits.resumes)
      obstacles.push_back(
          fmt::format("input {} gives all of its payloads again in the next run", in_quotes(input.name)));
  }
  std::vector<std::string> systems;
  for (std::size_t i = 0; i < plan.stores.size(); ++i) {
    if (is_for_letters(plan, i)) continue;
    const PlannedStore& store = plan.stores[i];
    systems.push_back(in_quotes(store.name));
    const auto built = store.make({store.name, plan.name, plan.dialect, plan.folder, {}});
    if (built && !(*built)->traits().keeps_positions)
      obstacles.push_back(fmt::format("output {} keeps no positions beside its rows", in_quotes(store.name)));
  }
  if (systems.size() > 1)
    obstacles.push_back(
        fmt::format("{} and {} are different systems, which cannot commit together", systems[0], systems[1]));
  return obstacles;
}

}  // namespace batchout
