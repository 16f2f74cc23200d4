// A path with slots is checked with a number in each of them, then with a name: one of both must fit.

#include "components/xml/lookup.h"

#include <fmt/format.h>
#include <libxml/xpath.h>

#include "batchout/payloads.h"
#include "components/xml/compiled_path.h"
#include "components/xml/encoding.h"
#include "components/xml/fence.h"
#include "components/xml/places.h"
#include "components/xml/runs.h"
#include "components/xml/scan.h"
#include "components/xml/scopes.h"
#include "components/xml/tree.h"
#include "components/xml/xpath.h"
#include "data/slot.h"

namespace batchout::xml {
namespace {

using PathProblem = Extractor::PathProblem;

// Compiles, and runs on an empty document: only then arguments are looked at. libxml2 compiles calls of unknown
// functions and prefixes without a word; check_names finds them, with their column.
std::optional<PathProblem> check_expression(const std::string& path, const Namespaces& namespaces) {
  const Quiet quiet;
  XPath xpath(namespaces);
  const auto expression = xpath.compile(path);
  if (!expression) return PathProblem{expression.error().message, static_cast<int>(expression.error().offset) + 1};
  if (auto problem = check_names(path, namespaces)) return problem;
  Tree tree(Form::xml);
  if (tree.parse("<x/>")) return std::nullopt;
  xpath.start(tree.document());
  if (xpath.evaluate(**expression, tree.root())) return std::nullopt;
  return PathProblem{xpath.mistake().message, 0};
}

std::string json_text(const Cell& cell) {
  std::string out;
  append_json(cell, nullptr, out);
  return out;
}

// Nodes come in document order.
std::vector<Extractor::Found> found_in(const xmlXPathObject& object) {
  switch (object.type) {
    case XPATH_NODESET: {
      std::vector<Extractor::Found> found;
      Places places;
      for (int i = 0; object.nodesetval != nullptr && i < object.nodesetval->nodeNr; ++i) {
        const xmlNode& node = *object.nodesetval->nodeTab[i];
        std::string text;
        append_text_of(&node, text);
        found.push_back({places.of(node), json_text({Tag::text, 0, 0, text})});
      }
      return found;
    }
    case XPATH_BOOLEAN:
      return {{"", json_text({Tag::boolean, object.boolval != 0 ? 1 : 0, 0, {}})}};
    case XPATH_NUMBER:
      return {{"", json_text({Tag::real, 0, object.floatval, {}})}};
    case XPATH_STRING:
      return {{"", json_text({Tag::text, 0, 0, reinterpret_cast<const char*>(object.stringval)})}};
    default:
      return {};
  }
}

std::unexpected<Extractor::FindProblem> refused(const Fault& fault) {
  return std::unexpected(Extractor::FindProblem{std::string(fault.code), fault.reason, 0});
}

}  // namespace

// The two stand-ins cover what a slot may be: `[{i}]` wants a number, `/{name}` a name.
std::optional<PathProblem> check_path(const Template& path, const Namespaces& namespaces) {
  for (const auto& piece : path.pieces) {
    const auto* literal = std::get_if<std::string>(&piece);
    if (literal == nullptr) continue;
    for (const char c : *literal)
      if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r')
        return PathProblem{"a path cannot contain control characters", 0};
  }
  if (auto problem = slot_format_problem(path)) return PathProblem{*problem, 0};
  auto problem = check_expression(with_slots_as("1", path), namespaces);
  if (problem && !check_expression(with_slots_as("x", path), namespaces)) return std::nullopt;
  if (problem && problem->column > 0)
    problem->column = written_column(path, static_cast<std::size_t>(problem->column) - 1);
  return problem;
}

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> look_up(const Template& path,
                                                                             const Namespaces& namespaces, Form form,
                                                                             std::string_view payload) {
  if (const auto problem = check_path(path, namespaces))
    return std::unexpected(Extractor::FindProblem{"BO302", problem->message, problem->column});
  Decoder decoder;
  const auto text = decoder.decode(payload, form);
  if (!text) return refused(text.error());
  if (form == Form::xml)
    if (const auto fault = decoder.check(scan(*text))) return refused(*fault);
  Tree tree(form);
  if (const auto fault = tree.parse(*text)) return refused(*fault);
  const Quiet quiet;
  XPath xpath(namespaces);
  const std::string written = with_slots_as("", path);
  auto compiled = CompiledPath::compile(xpath, written);
  if (!compiled) return std::unexpected(Extractor::FindProblem{"BO302", compiled.error().message, 0});
  const Comparisons comparisons = most_comparisons(*tree.document());
  const bool follows_namespaces = has_namespace_axis(written);
  xpath.start(tree.document(),
              (follows_namespaces ? comparisons_of_namespaces(tree.root()) : 0) +
                  (may_find_others(written) ? comparisons.of_others : 0) +
                  (may_find_attributes(written) ? comparisons.of_attributes : 0),
              follows_namespaces ? XPath::kAnyNodes : nodes_most(text->size()));
  xmlXPathOrderDocElems(tree.document());
  const Object object = compiled->evaluate(xpath, tree.root());
  if (xpath.exhausted()) return refused({kTooManySteps, "the path takes too many steps"});
  return object ? found_in(*object) : std::vector<Extractor::Found>();
}

}  // namespace batchout::xml
