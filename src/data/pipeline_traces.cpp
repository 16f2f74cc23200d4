// Columns, tables and inputs come and go one after the other; that all of them are others at once is another pipeline.
// But for one in the same folder: names of its files and tables may come from variables, and be others every day.

#include "data/pipeline_traces.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "base/percent.h"

namespace batchout {
namespace {

bool share_one(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::ranges::any_of(a, [&](const std::string& name) { return b.contains(name); });
}

}  // namespace

// Names in the file system are bytes, which a database may not take as text.
std::string place_of_pipeline(std::string_view folder) {
  return percent_encoded(path_key(folder, "."), "-._~/");
}

Result<> same_pipeline(const std::string& name, const PipelineTraces& kept, const PipelineTraces& now) {
  if (kept.sources.empty() || kept.targets.empty()) return {};
  if (!kept.place.empty() && kept.place == now.place) return {};
  if (now.reads && std::ranges::any_of(kept.sources, now.reads)) return {};
  if (share_one(kept.sources, now.sources) || share_one(kept.targets, now.targets)) return {};
  return fail(
      Verdict::configuration, "BO581",
      fmt::format("Another pipeline of this name keeps its positions there; give this one a name of its own "
                  "(pipeline: {{name: ...}}), or, if the other is no more, have its positions forgotten by "
                  "`batchout positions reset`: \"{}\" reads {} and writes to {}, this one reads {} and writes to "
                  "{}",
                  name, fmt::join(kept.sources, ", "), fmt::join(kept.targets, ", "), fmt::join(now.sources, ", "),
                  fmt::join(now.targets, ", ")));
}

}  // namespace batchout
