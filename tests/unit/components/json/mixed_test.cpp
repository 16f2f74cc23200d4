// A map whose paths are dealt out to several extractors gives what it gives with one.

#include "data/mixed.h"

#include <gtest/gtest.h>

#include <random>

#include "table.h"

namespace batchout::json::test {
namespace {

/// Two that read documents alike and do not know it of each other.
std::vector<MixedExtractor::Part> parts() {
  return {{"one", std::make_shared<JsonExtractor>(ExtractorConfig{})},
          {"two", std::make_shared<JsonExtractor>(ExtractorConfig{})},
          {"three", std::make_shared<JsonExtractor>(ExtractorConfig{})}};
}

/// Random documents and maps. Names that would mean something in a path are reached by slots only.
class Source {
 public:
  explicit Source(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string document() {
    std::string text = value(0);
    if (below(12) == 0) text.resize(below(text.size() + 1));
    return text;
  }

  Table table() {
    Table table;
    std::vector<std::string> bases{""};
    for (std::size_t i = below(4); i > 0; --i) {
      const std::string path = joined(bases[below(bases.size())]);
      const auto kind = static_cast<IndexKind>(below(3));
      const std::string name = fmt::format("i{}", i);
      table.index(name, kind, path, below(8) == 0 ? Strategy::take_all : Strategy::take_first);
      table.projection.levels.back().keeps_values = kind != IndexKind::for_list && below(2) == 0;
      bases.push_back(kind == IndexKind::for_object ? fmt::format("{}.{{{}}}", path, name)
                                                    : fmt::format("{}[{{{}}}]", path, name));
    }
    for (std::size_t i = 1 + below(5); i > 0; --i) {
      const std::string base = bases[below(bases.size())];
      table.column(base.empty() || below(3) > 0 ? joined(base) : base, below(2) == 0 ? Kind::dynamic : Kind::integer,
                   static_cast<Strategy>(below(5)));
      table.projection.columns.back().cast.on_error = below(2) == 0 ? OnError::null : OnError::reject_row;
    }
    return table;
  }

  MixedExtractor::Readers readers(const Projection& projection) {
    MixedExtractor::Readers readers;
    for (std::size_t i = 0; i < projection.levels.size(); ++i) readers.levels.push_back(below(3));
    for (std::size_t i = 0; i < projection.columns.size(); ++i) readers.columns.push_back(below(3));
    return readers;
  }

 private:
  std::string joined(const std::string& base) {
    static constexpr const char* kNames[] = {"a", "b", "c", "*"};
    const std::string name = kNames[below(4)];
    return base.empty() ? name : base + "." + name;
  }

  std::string value(int depth) {
    static constexpr const char* kScalars[] = {"0", "1", "-2", "\"a\"", "\"b\"", "1.5", "null", "\"1\"", "true"};
    static constexpr const char* kNames[] = {"a",    "b", "c",   "b c", "it's",      "q\\\"",
                                             "\\\\", "1", "x.y", "\\n", "a-\xC3\xA9"};
    const std::size_t kind = below(depth > 3 ? 1 : 4);
    if (kind == 0 && depth > 0) return kScalars[below(9)];
    const bool object = kind != 1;
    std::string text;
    for (std::size_t i = below(5); i > 0; --i) {
      if (!text.empty()) text += ",";
      if (object) text += fmt::format("\"{}\":", kNames[below(below(2) == 0 ? 3 : 11)]);
      text += value(depth + 1);
    }
    return object ? "{" + text + "}" : "[" + text + "]";
  }

  std::mt19937 random_;
};

std::string values_of(const Extraction& extraction) {
  std::string text = printed(extraction);
  for (std::size_t level = 0; level < extraction.levels.size(); ++level) {
    text += fmt::format("values {}:", level);
    const Column& values = extraction.levels[level].values;
    for (std::size_t i = 0; i < values.size(); ++i) text += " " + printed(values.cell(i));
  }
  for (const Column& column : extraction.values->columns)
    for (std::size_t i = 0; i < column.size(); ++i)
      if (column.failed(i)) text += fmt::format("\nfailed '{}'", column.excerpt(i));
  return text;
}

TEST(Mixed, EqualsOneExtractorOnRandomMaps) {
  std::size_t good = 0, refused = 0, entries = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    Source source(seed);
    const Table table = source.table();
    const MixedExtractor mixed(parts(), source.readers(table.projection));
    std::vector<std::string> documents;
    for (int i = 0; i < 8; ++i) documents.push_back(source.document());
    const Payloads payloads = payloads_of(documents);
    Extraction one(table.projection), several(table.projection);
    program_of(table.projection)->run(payloads, one);
    const auto program = mixed.compile(table.projection);
    program->run(payloads, several);
    ASSERT_EQ(values_of(several), values_of(one))
        << "seed " << seed << "\n"
        << fmt::format("{}", fmt::join(documents, "\n")) << "\n"
        << fmt::format("{}", fmt::join(mixed.explain(table.projection), "\n"));
    several.clear();
    program->run(payloads, several);
    ASSERT_EQ(values_of(several), values_of(one)) << "seed " << seed << ", a second time";
    good += one.payloads.size();
    refused += one.rejects.size();
    for (const auto& level : one.levels) entries += level.count;
  }
  EXPECT_GT(good, 2000U);
  EXPECT_GT(refused, 80U);
  EXPECT_GT(entries, 3000U);
}

TEST(Mixed, RefusesWhatOneExtractorRefuses) {
  Table table;
  table.column("a").column("b");
  ExtractorConfig lenient;
  lenient.lenient = true;
  const MixedExtractor mixed({{"lenient", std::make_shared<JsonExtractor>(lenient)},
                              {"strict", std::make_shared<JsonExtractor>(ExtractorConfig{})}},
                             {{0}, {0, 1}});
  Extraction extraction(table.projection);
  mixed.compile(table.projection)->run(payloads_of({R"({"a": NaN, "b": 1})", R"({"a": 1, "b": 2})", "{"}), extraction);
  EXPECT_EQ(fmt::format("{}", fmt::join(extraction.payloads, " ")), "1");
  ASSERT_EQ(extraction.rejects.size(), 2U) << "one for each payload";
  EXPECT_EQ(extraction.rejects[0].position, 0);
  EXPECT_EQ(extraction.rejects[1].position, 2);
}

TEST(Mixed, StopsWhereNestedLookUpsMultiply) {
  Table table;
  table.index("i", IndexKind::for_list, "l").index("j", IndexKind::for_list, "m[{i}]").column("m[{i}][{j}]");
  table.projection.limits.rows_per_payload_max = 5;
  const MixedExtractor mixed(parts(), {{0, 0, 1}, {0}});
  Extraction extraction(table.projection);
  mixed.compile(table.projection)
      ->run(
          payloads_of({R"({"l": [1, 2], "m": [[1, 2, 3], [1, 2]]})", R"({"l": [1, 2], "m": [[1, 2, 3], [1, 2, 3]]})"}),
          extraction);
  EXPECT_EQ(printed(extraction),
            "payloads 0\nlevel 0: 1 []\nlevel 1: 2 [0 2]\nlevel 2: 5 [0 3 5]\ncolumn 0: 1 2 3 1 2 failed 0\n"
            "1: BO410 the payload has more than 5 entries of index \"j\"\n");
}

TEST(Mixed, KnowsMorePathsThanItKeeps) {
  Table table;
  table.index("k", IndexKind::for_object, "o").column("o.{k}", Kind::integer);
  const MixedExtractor mixed(parts(), {{0, 0}, {1}});
  std::string members;
  for (int i = 0; i < 300; ++i) members += fmt::format("{}\"k{}\": {}", i > 0 ? "," : "", i, i);
  const Payloads payloads = payloads_of({"{\"o\": {" + members + "}}", R"({"o": {"k3": 8}})"});
  Extraction extraction(table.projection);
  mixed.compile(table.projection)->run(payloads, extraction);
  ASSERT_EQ(extraction.values->columns[0].size(), 301U);
  for (std::size_t i = 0; i < 300; ++i) ASSERT_EQ(extraction.values->columns[0].integer(i), static_cast<int>(i));
  EXPECT_EQ(extraction.values->columns[0].integer(300), 8);
}

TEST(Mixed, ExplainsWhoReadsWhat) {
  Table table;
  table.index("i", IndexKind::for_list, "l").index("j", IndexKind::for_list, "l[{i}].m");
  table.column("a").column("l[{i}].b").column("l[{i}].c").column("l[{i}].m[{j}]");
  const auto lines = MixedExtractor(parts(), {{0, 0, 1}, {1, 0, 1, 0}}).explain(table.projection);
  EXPECT_EQ(fmt::format("{}", fmt::join(lines, "\n")),
            "index i: one walk, by one\n"
            "index j: two on the whole payload, once for each entry of index i\n"
            "column c0: one walk, by two\n"
            "column c1: one walk, by one\n"
            "column c2: two on the whole payload, once for each entry of index i\n"
            "column c3: one on the whole payload, once for each entry of index j");
}

}  // namespace
}  // namespace batchout::json::test
