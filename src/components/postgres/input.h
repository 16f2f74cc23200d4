// Reads the rows of a query, each as a payload of JSON.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "components/postgres/input_config.h"
#include "data/row_input.h"

namespace batchout::postgres {

class PostgresInput final : public RowInput {
 public:
  PostgresInput(InputConfig config, const Context& context);

 private:
  Result<std::unique_ptr<RowSource>> open(const std::vector<std::string>& behind) override;

  InputConfig config_;
  /// As PostgresStore.
  bool warned_ = false;
};

}  // namespace batchout::postgres
