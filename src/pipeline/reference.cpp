// All types of a configuration in one list: those of the registry, and those that only the plan knows.

#include <iterator>
#include <utility>

#include "batchout/pipeline.h"
#include "pipeline/schema.h"
#include "plan/columns.h"
#include "plan/declarations.h"
#include "plan/declared_tests.h"
#include "plan/pipeline_settings.h"
#include "registry/registry.h"

namespace batchout {
namespace {

template <class Types>
void add(const Types& types, std::vector<SpecInfo>& all) {
  for (const auto& type : types) all.push_back(type.spec);
}

void add_role(std::string_view role, std::vector<SpecInfo>& all) {
  for (SpecInfo& type : closed_types())
    if (type.role == role) all.push_back(std::move(type));
}

// Such a section has no components and so no role of its own.
SpecInfo section(SpecInfo info) {
  info.role = "section";
  return info;
}

}  // namespace

std::vector<SpecInfo> Pipeline::reference(const Registry& registry) {
  const Registry::Types& types = registry.types();
  std::vector<SpecInfo> all;
  add(types.inputs, all);
  add(types.extractors, all);
  add_role("index", all);
  std::ranges::move(column_types(), std::back_inserter(all));
  add(types.processors, all);
  add_role("selector", all);
  add(types.outputs, all);
  add_role("task", all);
  all.push_back(section(spec_of<PipelineSettings>()));
  all.push_back(section(spec_of<TestSettings>()));
  return all;
}

std::string Pipeline::schema(const Registry& registry) {
  return schema_of(reference(registry), spec_of<PipelineSettings>(), spec_of<TestSettings>());
}

}  // namespace batchout
