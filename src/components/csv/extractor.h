// The extractor `csv`: rows from CSV payloads, by positions and names of fields.

#pragma once

#include <string>
#include <vector>

#include "batchout/spec.h"
#include "components/csv/document.h"
#include "data/keyless.h"
#include "data/program.h"
#include "data/projection.h"

namespace batchout {
class Registry;
}

namespace batchout::csv {

struct CsvConfig {
  Strategy strategy = Strategy::take_first;
  std::string delimiter = ",";
  std::string quote = "\"";
  bool header = true;
  std::vector<std::string> names;
  std::optional<std::vector<std::string>> nulls;
  Ragged ragged = Ragged::accept;

  static void describe(Spec<CsvConfig>& spec);
};

class CsvExtractor final : public Extractor, public Keyless {
 public:
  explicit CsvExtractor(const CsvConfig& config);

  std::optional<PathProblem> check(const Template& path) const override;
  /// Places are paths of their own.
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override;
  /// Only rows have keys, and only where their fields have names.
  std::optional<std::string_view> keyless(const Template& path) const override;
  bool goes_with(const Extractor& other) const override;
  std::unique_ptr<Program> compile(const Projection& projection) const override;
  std::vector<std::string> explain(const Projection& projection) const override;

 private:
  Reading reading_;
};

void add_extractor_csv(Registry& registry);

}  // namespace batchout::csv
