// The extractors as configuration and plan see them.

#include "components/xml/extractor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "components/xml/automaton.h"
#include "components/xml/compiled.h"
#include "components/xml/lookup.h"
#include "components/xml/path.h"
#include "components/xml/program.h"
#include "registry/registry.h"

namespace batchout {

namespace xml {
namespace {

constexpr std::string_view kStrategyDoc = "Which of several matches of a path counts.";

// XPath 1.0 has no default namespace, so a prefix cannot be empty; xml and xmlns are taken by the recommendation.
bool are_usable(const Namespaces& namespaces) {
  return std::ranges::all_of(namespaces, [](const auto& entry) {
    return !entry.first.empty() && !entry.second.empty() && entry.first != "xml" && entry.first != "xmlns";
  });
}

}  // namespace

void XpathConfig::describe(Spec<XpathConfig>& spec) {
  spec.named("extractor", "xpath", "Finds values in XML payloads by XPath 1.0.")
      .field("strategy", &XpathConfig::strategy, kStrategyDoc)
      .field("html", &XpathConfig::html, "Reads payloads as HTML, which forgives mistakes.")
      .field("namespaces", &XpathConfig::namespaces, "Prefixes that paths may use, with the namespaces they stand for.")
      .check(
          "namespaces", [](const XpathConfig& config) { return are_usable(config.namespaces); },
          "a prefix needs a name other than xml and xmlns, and a namespace");
}

void HtmlConfig::describe(Spec<HtmlConfig>& spec) {
  spec.named("extractor", "html", "Finds values in HTML payloads by XPath 1.0.")
      .field("strategy", &HtmlConfig::strategy, kStrategyDoc);
}

std::optional<Extractor::PathProblem> XmlExtractor::check(const Template& path) const {
  return check_path(path, namespaces_);
}

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> XmlExtractor::find(
    const Template& path, std::string_view payload) const {
  return look_up(path, namespaces_, form_, payload);
}

// The caller has made sure that `other` is of this type.
std::optional<Template> XmlExtractor::filled(const Template& path, std::span<const Cell> values) const {
  std::string text;
  if (!fill_in(marked(path), values, text)) return std::nullopt;
  return Template{path.written, {std::move(text)}};
}

bool XmlExtractor::goes_with(const Extractor& other) const {
  const auto& same = static_cast<const XmlExtractor&>(other);
  return form_ == same.form_ && namespaces_ == same.namespaces_;
}

// Compiled for each lane, since expressions of libxml2 must not be shared by threads.
std::unique_ptr<Program> XmlExtractor::compile(const Projection& projection) const {
  return std::make_unique<XmlProgram>(std::make_shared<const CompiledProjection>(projection, namespaces_), form_);
}

// "as the others": a path that could be fused goes by the tree because another one cannot.
std::vector<std::string> XmlExtractor::explain(const Projection& projection) const {
  const CompiledProjection compiled(projection, namespaces_);
  const bool is_fused = form_ == Form::xml && fuse(compiled);
  const auto way = [&](std::string_view reason) -> std::string {
    if (form_ == Form::html) return "tree, as always in HTML";
    if (!reason.empty()) return fmt::format("tree, because of {}", reason);
    return is_fused ? "one walk" : "tree, as the others";
  };
  std::vector<std::string> lines;
  for (LevelId level = 1; level < projection.levels.size(); ++level)
    lines.push_back(fmt::format("index {}: {}", projection.levels[level].index, way(unfusable_level(compiled, level))));
  for (std::size_t column = 0; column < projection.columns.size(); ++column)
    lines.push_back(
        fmt::format("column {}: {}", projection.columns[column].name, way(unfusable_column(compiled, column))));
  return lines;
}

}  // namespace xml

void add_xml(Registry& registry) {
  add_extractor<xml::XpathConfig, xml::XmlExtractor>(registry);
  add_extractor<xml::HtmlConfig, xml::XmlExtractor>(registry);
}

}  // namespace batchout
