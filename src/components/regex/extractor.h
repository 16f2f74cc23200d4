// The extractor `regex`: rows from texts by regular expressions.

#pragma once

#include <string>
#include <vector>

#include "batchout/spec.h"
#include "components/regex/pattern.h"
#include "components/regex/text.h"
#include "data/keyless.h"
#include "data/program.h"

namespace batchout::regex {

struct RegexConfig {
  Strategy strategy = Strategy::take_first;
  std::string group = "0";
  bool lenient = false;
  std::vector<std::string> flags;
  std::string encoding = "utf8";
  bool decode_bytes = true;

  static void describe(Spec<RegexConfig>& spec);
};

// Texts have no keys.
class RegexExtractor final : public Extractor, public Keyless {
 public:
  explicit RegexExtractor(const RegexConfig& config);

  const Reading& reading() const { return reading_; }

  std::optional<PathProblem> check(const Template& path) const override;
  /// Places are `begin:end`, bytes from the start of the text.
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override;
  std::optional<Template> filled(const Template& path, std::span<const Cell> values) const override;
  bool goes_with(const Extractor& other) const override;
  std::unique_ptr<Program> compile(const Projection& projection) const override;
  std::vector<std::string> explain(const Projection& projection) const override;

 private:
  Reading reading_;
  Encoding encoding_;
};

}  // namespace batchout::regex
