// The extractor as configuration and plan see it.

#include "components/csv/extractor.h"

#include <fmt/format.h>

#include "components/csv/path.h"
#include "components/csv/program.h"
#include "registry/registry.h"

namespace batchout {

template <>
struct Choices<csv::Ragged> {
  static constexpr std::string_view names[] = {"accept", "reject"};
};

namespace csv {
namespace {

bool is_ascii_mark(const std::string& text) {
  return text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && text[0] != '\0' && text[0] != '\n' &&
         text[0] != '\r';
}

std::string_view way_of(const Path& path) {
  if (!path.row) return "all rows";
  if (!path.field) return "a row";
  if (std::holds_alternative<std::int64_t>(*path.field)) return "a field by its position";
  if (std::holds_alternative<std::string>(*path.field)) return "a field by its name, found once per header";
  return "a field by the value of its slots";
}

}  // namespace

void CsvConfig::describe(Spec<CsvConfig>& spec) {
  spec.named("extractor", "csv", "Finds values in CSV payloads by row and field.")
      .field("strategy", &CsvConfig::strategy, "Which of several fields of one name counts.")
      .field("delimiter", &CsvConfig::delimiter, "The character between two fields.")
      .check(
          "delimiter", [](const CsvConfig& config) { return is_ascii_mark(config.delimiter); },
          "must be one ASCII character, and no line end")
      .field("quote", &CsvConfig::quote, "The character around fields that contain delimiters; empty: there is none.")
      .check(
          "quote",
          [](const CsvConfig& config) {
            return config.quote.empty() || (is_ascii_mark(config.quote) && config.quote != config.delimiter);
          },
          "must be one ASCII character, neither the delimiter nor a line end, or empty")
      .field("header", &CsvConfig::header, "Whether the first row has the names of the fields.")
      .field("names", &CsvConfig::names, "Names of the fields, in place of those in the payload.")
      .field("nulls", &CsvConfig::nulls, "Fields without quotes that are null; without this key those that are empty.")
      .field("ragged", &CsvConfig::ragged, "Whether payloads with rows of different lengths are refused.");
}

CsvExtractor::CsvExtractor(const CsvConfig& config) {
  reading_.format.delimiter = config.delimiter[0];
  reading_.format.quote = config.quote.empty() ? '\0' : config.quote[0];
  reading_.header = config.header;
  reading_.names = config.names;
  if (config.nulls) reading_.nulls = *config.nulls;
  reading_.ragged = config.ragged;
}

std::optional<Extractor::PathProblem> CsvExtractor::check(const Template& path) const {
  auto parsed = parse_path(path);
  if (!parsed) return std::move(parsed).error();
  return std::nullopt;
}

// A projection of one column, run over one payload.
std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> CsvExtractor::find(
    const Template& path, std::string_view payload) const {
  if (auto problem = check(path)) return std::unexpected(FindProblem{"BO302", problem->message, problem->column});
  Projection projection;
  projection.levels.resize(1);
  ProjectionColumn& column = projection.columns.emplace_back();
  column.path = path;
  column.cast.kind = Kind::dynamic;
  Payloads payloads;
  payloads.append(payload, UnitId{}, 0, 1);
  Extraction extraction(projection);
  CsvProgram(projection, reading_).run(payloads, extraction);
  if (!extraction.rejects.empty())
    return std::unexpected(FindProblem{extraction.rejects[0].code, extraction.rejects[0].message});
  const Cell cell = extraction.values->columns[0].cell(0);
  if (cell.tag == Tag::absent) return std::vector<Found>();
  Found found{path.written, {}};
  append_json(cell, nullptr, found.value);
  return std::vector{std::move(found)};
}

std::optional<std::string_view> CsvExtractor::keyless(const Template& path) const {
  const Path wanted = path_or_nothing(path);
  if (!wanted.row) return "use for_list or from_list";
  if (wanted.field) return "a field has no elements; leave it to a column";
  if (!reading_.header && reading_.names.empty())
    return "use for_list or from_list, or name the fields by header or names";
  return std::nullopt;
}

bool CsvExtractor::goes_with(const Extractor& other) const {
  const auto* same = dynamic_cast<const CsvExtractor*>(&other);
  return same != nullptr && same->reading_ == reading_;
}

std::unique_ptr<Program> CsvExtractor::compile(const Projection& projection) const {
  return std::make_unique<CsvProgram>(projection, reading_);
}

std::vector<std::string> CsvExtractor::explain(const Projection& projection) const {
  std::vector<std::string> lines;
  for (LevelId level = 1; level < projection.levels.size(); ++level) {
    const bool rows = !path_or_nothing(projection.levels[level].path).row;
    lines.push_back(
        fmt::format("index {}: {}", projection.levels[level].index, rows ? "the rows" : "the fields of a row"));
  }
  for (const auto& column : projection.columns)
    lines.push_back(fmt::format("column {}: {}", column.name, way_of(path_or_nothing(column.path))));
  return lines;
}

void add_extractor_csv(Registry& registry) {
  add_extractor<CsvConfig, CsvExtractor>(registry);
}

}  // namespace csv

}  // namespace batchout
