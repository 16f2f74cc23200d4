// The extractors `xpath` and `html`: rows from XML and HTML payloads by XPath 1.0.

#pragma once

#include <string>
#include <vector>

#include "batchout/spec.h"
#include "components/xml/fault.h"
#include "components/xml/path.h"
#include "data/keyless.h"
#include "data/program.h"

namespace batchout::xml {

struct XpathConfig {
  Strategy strategy = Strategy::take_first;
  bool html = false;
  Namespaces namespaces;

  static void describe(Spec<XpathConfig>& spec);
};

// HTML has no namespaces.
struct HtmlConfig {
  Strategy strategy = Strategy::take_first;

  static void describe(Spec<HtmlConfig>& spec);
};

// Immutable.
class XmlExtractor final : public Extractor, public Keyless {
 public:
  explicit XmlExtractor(const XpathConfig& config)
      : namespaces_(config.namespaces), form_(config.html ? Form::html : Form::xml) {}
  explicit XmlExtractor(const HtmlConfig&) : form_(Form::html) {}

  std::optional<PathProblem> check(const Template& path) const override;
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override;
  // As XPath counts.
  std::int64_t first_position() const override { return 1; }
  std::optional<Template> filled(const Template& path, std::span<const Cell> values) const override;
  bool goes_with(const Extractor& other) const override;
  std::unique_ptr<Program> compile(const Projection& projection) const override;
  std::vector<std::string> explain(const Projection& projection) const override;

 private:
  Namespaces namespaces_;
  Form form_;
};

}  // namespace batchout::xml
