// A row of a query as a JSON object, from the texts that the server sends.

#pragma once

#include <libpq-fe.h>

#include <string>
#include <vector>

#include "batchout/result.h"
#include "components/postgres/connection.h"
#include "components/postgres/json_form.h"

namespace batchout::postgres {

/// The columns of one query. Of columns with one name the last one counts, at the place of the first.
class JsonRow {
 public:
  /// Asks the catalog for types that are not built in.
  static Result<JsonRow> of(const PGresult* rows, Connection& connection);

  void append(const PGresult* rows, int row, std::string& out) const;

 private:
  struct Column {
    /// In quotes, with its colon.
    std::string key;
    int number = 0;
    JsonForm form = JsonForm::text;
    bool array = false;
    char delimiter = ',';
  };
  std::vector<Column> columns_;
};

}  // namespace batchout::postgres
