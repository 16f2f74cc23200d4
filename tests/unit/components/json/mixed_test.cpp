// A map whose paths are dealt out to several extractors gives what it gives with one.

#include "data/mixed.h"

#include <gtest/gtest.h>

#include <random>

#include "components/json/program.h"
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

/// Remembers its own programs, which say how many trees they and their siblings have made.
class Watched final : public Extractor {
 public:
  explicit Watched(const ExtractorConfig& config = {}) : json_(config) {}

  std::optional<PathProblem> check(const Template& path) const override { return json_.check(path); }
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const override {
    return json_.find(path, payload);
  }
  std::optional<Template> filled(const Template& path, std::span<const Cell> values) const override {
    return json_.filled(path, values);
  }
  std::unique_ptr<Program> compile(const Projection& projection) const override {
    auto program = json_.compile(projection);
    programs_.push_back(dynamic_cast<const JsonProgram*>(program.get()));
    return program;
  }
  std::vector<std::string> explain(const Projection& projection) const override { return json_.explain(projection); }

  std::size_t programs() const { return programs_.size(); }
  const LastDocument& document() const { return programs_.front()->document(); }

 private:
  JsonExtractor json_;
  mutable std::vector<const JsonProgram*> programs_;
};

/// Two languages, which read documents alike.
struct Watchers {
  std::shared_ptr<Watched> one = std::make_shared<Watched>(rfc9535());
  std::shared_ptr<Watched> two = std::make_shared<Watched>();

  std::vector<MixedExtractor::Part> parts() const { return {{"one", one}, {"two", two}}; }
  std::size_t trees() const { return one->document().trees_made(); }
};

/// `{"d": {"k0": {"v": [0, 1]}, …}, "rest": …}`
std::string members(int count, std::size_t rest = 0) {
  std::string text = "{\"d\": {";
  for (int i = 0; i < count; ++i) text += fmt::format("{}\"k{}\": {{\"v\": [{}, {}]}}", i > 0 ? "," : "", i, i, i + 1);
  return text + "}, \"rest\": \"" + std::string(rest, 'r') + "\"}";
}

// Work that grows with the square of the entries would show in trees.
TEST(Mixed, ATreeServesAllLookUpsOfAPayloadInBothLanguages) {
  Table table;
  table.index("k", IndexKind::for_object, "$.d").column("d.{k}.v[0]", Kind::integer).column("$.d.k1.v[-1]");
  const Watchers watchers;
  const auto program = MixedExtractor(watchers.parts(), {{0, 0}, {1, 0}}).compile(table.projection);
  EXPECT_EQ(&watchers.one->document(), &watchers.two->document());
  for (const int count : {100, 200, 400, 800}) {
    const std::size_t before = watchers.trees();
    Extraction extraction(table.projection);
    program->run(payloads_of({members(count), "\xEF\xBB\xBF" + members(count), "{", members(count)}), extraction);
    EXPECT_EQ(extraction.payloads.size(), 3U);
    const Column& cells = extraction.values->columns[0];
    ASSERT_EQ(cells.size(), 3U * count);
    for (std::size_t i = 0; i < cells.size(); ++i) ASSERT_EQ(cells.integer(i), static_cast<int>(i) % count);
    // A tree is begun of the refused one, too.
    EXPECT_EQ(watchers.trees() - before, 4U) << count;
  }
  EXPECT_EQ(watchers.one->programs() + watchers.two->programs(), 2U) << "all others are siblings";
}

TEST(Mixed, WhatReadsOtherwiseHasATreeOfItsOwn) {
  Table table;
  table.index("k", IndexKind::for_object, "$.d").column("d.{k}.v[0]", Kind::integer);
  ExtractorConfig lenient;
  lenient.lenient = true;
  const auto one = std::make_shared<Watched>(rfc9535()), two = std::make_shared<Watched>(lenient);
  const auto program = MixedExtractor({{"one", one}, {"two", two}}, {{0, 0}, {1}}).compile(table.projection);
  Extraction extraction(table.projection);
  program->run(payloads_of({R"({"d": {"a": {"v": [NaN]}}})", R"({"d": {"a": {"v": [1]}}})"}), extraction);
  EXPECT_EQ(extraction.payloads, std::vector<std::uint32_t>{1});
  EXPECT_NE(&one->document(), &two->document());
}

// 1,100 entries over more than a MiB: together they would have read more than may be read.
TEST(Mixed, LookUpsInALargePayloadAreNotRefusedForItsSize) {
  Table table;
  table.index("k", IndexKind::for_object, "$.d").column("d.{k}.v[0]", Kind::integer);
  const Watchers watchers;
  const auto program = MixedExtractor(watchers.parts(), {{0, 0}, {1}}).compile(table.projection);
  Extraction extraction(table.projection);
  program->run(payloads_of({members(1100, std::size_t{1} << 20)}), extraction);
  EXPECT_EQ(extraction.rejects.size(), 0U);
  EXPECT_EQ(extraction.values->columns[0].size(), 1100U);
  EXPECT_EQ(watchers.trees(), 1U);
}

// Each look-up compares long texts, which count by their length, for each of 280 elements: less than one may take.
TEST(Mixed, LookUpsTogetherMayTakeOnlySoManySteps) {
  Table table;
  table.index("k", IndexKind::for_object, "d").column("$.n[?$.t == $.u && @ == {k}]", Kind::integer);
  const Watchers watchers;
  const std::string text((4 << 20) - 1, 't');
  std::string numbers = "0";
  for (int i = 1; i < 280; ++i) numbers += ",0";
  const auto document = [&](int entries) {
    std::string keys;
    for (int i = 1; i <= entries; ++i) keys += fmt::format("{}\"{}\": 0", i > 1 ? "," : "", i);
    return fmt::format(R"({{"d": {{{}}}, "n": [{}], "t": "t{}", "u": "u{}"}})", keys, numbers, text, text);
  };
  Extraction extraction(table.projection);
  MixedExtractor(watchers.parts(), {{1, 1}, {0}})
      .compile(table.projection)
      ->run(payloads_of({document(10), document(11)}), extraction);
  EXPECT_EQ(extraction.payloads, std::vector<std::uint32_t>{0});
  ASSERT_EQ(extraction.rejects.size(), 1U);
  EXPECT_EQ(extraction.rejects[0].code, "BO408");
  EXPECT_EQ(extraction.rejects[0].message,
            "paths that depend on indexes of other extractors take too many steps in this payload");
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
