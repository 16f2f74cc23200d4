// A selector that only picks columns makes no use of SQL. What it shows must be what SQL shows, cell by cell, in every
// dialect that has selectors.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "batchout/pipeline.h"
#include "data/render.h"

namespace batchout {
namespace {

using Texts = std::vector<std::string>;

/// Values that some types take and others do not. Not among them is NaN, which is null to SQL.
const Texts kValues{"null",
                    "true",
                    "false",
                    "0",
                    "1",
                    "-7",
                    "1.5",
                    "-0.0",
                    "1e400",
                    "9007199254740993",
                    "12345678901234567890123",
                    "1.10",
                    "\"\"",
                    "\"abc\"",
                    "\"1\"",
                    "\"0\"",
                    "\"yes\"",

                    "\"inf\"",
                    "\"2020-02-29\"",
                    "\"2020-10-25T02:30:00+02:00\"",
                    "\"2020-03-29T02:30:00\"",
                    "\"1969-12-31T23:59:59.999999Z\"",
                    "1584200000",
                    "[]",
                    "[1, null]",
                    "{\"a\": {\"b\": 1.0}}",
                    "\"\\u0000x\\u00e9\""};

const Texts kColumns{"s", "i", "f", "b", "d", "t", "z", "m", "j", "x", "p", "r"};

template <class T>
const T& one_of(Random& random, const std::vector<T>& list) {
  return list[random.below(list.size())];
}

std::string some_object(Random& random, const Texts& keys) {
  std::string out;
  for (const std::string& key : keys)
    if (random.below(4) > 0) out += fmt::format("{}\"{}\": {}", out.empty() ? "" : ", ", key, one_of(random, kValues));
  return out;
}

std::string some_document(Random& random) {
  std::string list;
  for (std::uint64_t count = random.below(4); count > 0; --count)
    list += fmt::format("{}{{{}}}", list.empty() ? "" : ", ", some_object(random, {"x"}));
  const std::string members = some_object(random, {"s", "i", "f", "b", "d", "t", "z", "m", "j"});
  return fmt::format("{{{}{}\"xs\": [{}]}}", members, members.empty() ? "" : ", ", list);
}

/// The same columns of one input: picked, and by a query that is more than that.
std::string configuration(Random& random, bool own_dialect) {
  Texts columns = kColumns;
  for (std::size_t i = columns.size(); i > 1; --i) std::swap(columns[i - 1], columns[random.below(i)]);
  columns.resize(1 + random.below(columns.size()));
  if (random.below(5) == 0) columns = {"p", "r"};
  std::string data;
  for (std::uint64_t count = 1 + random.below(4); count > 0; --count)
    data += fmt::format("{}'{}'", data.empty() ? "" : ", ", some_document(random));
  const std::string names = fmt::format("{}", fmt::join(columns, ", "));
  return fmt::format(
      "{}inputs: {{docs: {{type: const, data: [{}]}}}}\n"
      "extractors: {{json: {{type: jsonpath}}}}\n"
      "indexes: {{x: {{type: for_list, extractor: json, path: xs, outer: {}}}}}\n"
      "columns:\n"
      "  s: {{type: string, extractor: json, path: s, nul: strip}}\n"
      "  i: {{type: integer, extractor: json, path: i}}\n"
      "  f: {{type: float, extractor: json, path: f}}\n"
      "  b: {{type: boolean, extractor: json, path: b}}\n"
      "  d: {{type: date, extractor: json, path: d}}\n"
      "  t: {{type: datetime, extractor: json, path: t}}\n"
      "  z: {{type: datetime, extractor: json, path: z, timezone: America/New_York}}\n"
      "  m: {{type: decimal, extractor: json, path: m}}\n"
      "  j: {{type: json, extractor: json, path: j}}\n"
      "  x: {{type: string, extractor: json, path: 'xs[{{x}}].x'}}\n"
      "  p: {{type: integer, position: x}}\n"
      "  r: {{type: string, resolved_path: 'xs[{{x}}]'}}\n"
      "maps: {{docs: [s, i, f, b, d, t, z, m, j, {{x: [x, p, r]}}]}}\n"
      "selectors:\n"
      "  picked: {{type: sql, query: 'select {} from docs', columns: [{}]}}\n"
      "  queried: {{type: sql, query: 'select {} from docs where 1', columns: [{}]}}\n"
      "outputs: {{a: {{type: logger}}, b: {{type: logger}}}}\n"
      "tasks:\n"
      "  read: {{type: reader, inputs: docs}}\n"
      "  picked: {{type: writer, selector: picked, outputs: a}}\n"
      "  queried: {{type: writer, selector: queried, outputs: b}}\n",
      own_dialect ? "batchout: 1\n" : "", data, random.below(2) == 0, names, names, names, names);
}

/// What a writer gets: a line for its columns with their types, and one for each row with the kinds of its values.
Texts lines_of(const Block& block, bool with_header) {
  Texts lines;
  std::string header;
  for (const ColumnShape& column : block.shape().columns)
    header += fmt::format("{} {} {} | ", column.name, static_cast<int>(column.kind),
                          column.zone != nullptr ? column.zone->name() : "-");
  if (with_header) lines.push_back(header);
  for (std::size_t row = 0; row < block.rows(); ++row) {
    std::string line;
    for (std::size_t i = 0; i < block.shape().columns.size(); ++i) {
      const Cell cell = block.column(i).cell(row);
      line += cell.empty() ? "null" : fmt::format("{} ", static_cast<int>(cell.tag));
      append_text(cell, block.shape().columns[i].zone, line);
      line += " | ";
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

class Projections : public ::testing::TestWithParam<bool> {};

TEST_P(Projections, ShowWhatAQueryShows) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const std::string config = configuration(random, GetParam());
    auto pipeline = Pipeline::from_text(config);
    ASSERT_TRUE(pipeline) << pipeline.error().front().text() << "\n" << config;
    std::map<std::string, Texts> written;
    const auto done = pipeline->preview({}, [&](std::string_view writer, const Block& block) {
      Texts& lines = written[std::string(writer)];
      const Texts more = lines_of(block, lines.empty());
      lines.insert(lines.end(), more.begin(), more.end());
    });
    ASSERT_TRUE(done) << done.error().message << "\n" << config;
    ASSERT_EQ(written["picked"], written["queried"]) << "seed " << seed << "\n" << config;
  }
}

INSTANTIATE_TEST_SUITE_P(Dialects, Projections, ::testing::Values(false, true),
                         [](const auto& instance) { return instance.param ? "one" : "older"; });

}  // namespace
}  // namespace batchout
