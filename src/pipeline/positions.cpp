// A desk of its own for each call: neither engine nor summary of a run know of it.

#include "pipeline/positions.h"

#include "base/percent.h"
#include "config/load.h"
#include "plan/compile.h"

namespace batchout {

OpenedDesk open_position_desk(const std::filesystem::path& file, const LogSink& log, const Registry& registry) {
  OpenedDesk opened;
  std::optional<Plan> plan;
  if (const std::optional<Node> config = load_file(file, opened.problems))
    plan = compile_plan(*config, registry, {.file = file.string(), .folder = file.parent_path().string()},
                        opened.problems);
  if (!plan) return opened;
  auto desk = PositionDesk::open(std::move(*plan), log);
  if (desk)
    opened.desk = std::move(*desk);
  else
    opened.refused = std::move(desk).error();
  return opened;
}

std::string readable_token(std::string_view token) {
  return percent_decoded(token).value_or(std::string(token));
}

}  // namespace batchout
