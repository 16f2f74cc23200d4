// Trying one path: the extractor type of that name, with its defaults.

#include "batchout/pipeline.h"
#include "config/wording.h"
#include "registry/registry.h"

namespace batchout {
namespace {

// The path counts as line 1 of no file, so that its column is shown; without a column there is no line either.
std::unexpected<Problem> refused(std::string_view code, std::string message, std::string hint = {}, int column = 0) {
  Problem problem;
  problem.code = code;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  problem.line = column > 0 ? 1 : 0;
  problem.column = column;
  return std::unexpected(std::move(problem));
}

}  // namespace

// Builds a registry for each call: this is for people and their shells, not for a loop over payloads.
std::expected<std::vector<Match>, Problem> find_values(std::string_view kind, std::string_view path,
                                                       std::string_view payload) {
  const Registry registry = Pipeline::builtin();
  const auto& extractors = registry.types().extractors;
  const auto* type = Registry::Types::find(extractors, kind);
  if (type == nullptr) {
    std::vector<std::string> known;
    for (const auto& extractor : extractors) {
      known.push_back(extractor.spec.type);
      known.insert(known.end(), extractor.spec.aliases.begin(), extractor.spec.aliases.end());
    }
    return refused("BO232", "there is no kind of path " + in_quotes(kind), suggestion(kind, known, "known are"));
  }
  Problems problems;
  // Here the two names of the extractor for JSON are its two languages.
  Node settings = Node::mapping();
  if (kind == "jsonpath") settings.set("syntax", "rfc9535");
  const auto make = type->decoder(settings, {.path = {}, .file = {}, .problems = &problems});
  if (!make) return std::unexpected(std::move(problems.front()));
  Template tried{std::string(path), {std::string(path)}};
  auto found = make->extractor->find(tried, payload);
  if (!found) return refused(found.error().code, std::move(found.error().message), {}, found.error().column);
  std::vector<Match> matches;
  for (auto& match : *found) matches.push_back({std::move(match.path), std::move(match.value)});
  return matches;
}

}  // namespace batchout
