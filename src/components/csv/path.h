// The path language of the extractor `csv`.
//
// `$` is the list of all rows. A row is a number from 0, from the end if it is negative, or the slot of an index; a
// field of it follows behind a dot: a position, or a name of the header. `{row}.price`, `{row}.3`, `0.price`. A path
// that begins with a name is about the first row.

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "data/program.h"
#include "data/projection.h"

namespace batchout::csv {

struct Path {
  /// A position from 0, a negative one from the end; or the slot of an index.
  using Row = std::variant<std::int64_t, LevelId>;
  /// A position as above, a name, or pieces with slots that make either.
  using Field = std::variant<std::int64_t, std::string, std::vector<Template::Piece>>;

  /// None: all rows.
  std::optional<Row> row;
  /// None: the whole row.
  std::optional<Field> field;
};

std::expected<Path, Extractor::PathProblem> parse_path(const Template& path);

}  // namespace batchout::csv
