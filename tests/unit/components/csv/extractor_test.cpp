// What paths find in CSV payloads, and payloads that are refused.

#include <gtest/gtest.h>

#include "../allocations.h"
#include "../harness.h"
#include "../table.h"
#include "components/csv/extractor.h"

namespace batchout::csv {
namespace {

using testing::cells;
using testing::extracted;
using testing::Table;

CsvExtractor reading(void (*change)(CsvConfig&)) {
  CsvConfig config;
  change(config);
  return CsvExtractor(config);
}

std::string found(std::string_view path, const std::string& text, const CsvExtractor& extractor = CsvExtractor({}),
                  Strategy strategy = Strategy::take_first) {
  return cells(extractor, Table().column(path, Kind::dynamic, strategy), text);
}

std::string problem_of(std::string_view path) {
  Table table;
  table.index("row", IndexKind::for_list, "$");
  LevelId level = 0;
  const auto problem = CsvExtractor({}).check(table.parsed(path, level));
  return problem ? fmt::format("{} at {}", problem->message, problem->column) : "";
}

constexpr const char* kPrices = "sku,price,\"the name\"\r\np1,1.10,\"a, \"\"b\"\"\"\r\np2,,\r\n\r\np3,\"\",x,y\r\n";

TEST(CsvExtractor, FindsFieldsByNameAndPosition) {
  Table table;
  table.index("row", IndexKind::for_list, "$")
      .column("{row}.sku")
      .column("{row}.1")
      .column("$.{row}.the name")
      .column("{row}.-1")
      .column("{row}.'price'")
      .column("{row}.nothing")
      .column("-1.3");
  EXPECT_EQ(extracted(CsvExtractor({}), table.projection, {kPrices, "sku\nq\n"}),
            "payloads 0 1\n"
            "level 0: 2 []\n"
            "level 1: 4 [0 3 4]\n"
            "column 0: 'p1' 'p2' 'p3' 'q' failed 0\n"
            "column 1: '1.10' null '' - failed 0\n"
            "column 2: 'a, \"b\"' null 'x' - failed 0\n"
            "column 3: 'a, \"b\"' null 'y' 'q' failed 0\n"
            "column 4: '1.10' null '' - failed 0\n"
            "column 5: - - - - failed 0\n"
            "column 6: 'y' - failed 0\n");
}

TEST(CsvExtractor, GoesOverTheFieldsOfARow) {
  Table table;
  table.index("row", IndexKind::for_list, "$")
      .index("name", IndexKind::for_object, "{row}")
      .index("place", IndexKind::for_list, "{row}")
      .index("value", IndexKind::from_list, "{row}")
      .index("nothing", IndexKind::for_list, "{row}.sku")
      .column("{row}.{name}")
      .column("{row}.{place}");
  table.projection.levels[2].keeps_values = true;
  table.projection.levels[4].keeps_values = true;
  Extraction extraction(table.projection);
  CsvExtractor({})
      .compile(table.projection)
      ->run(testing::payloads_of({"sku,price\np1,\"1\"\"\"\np2\np3,3,4\n"}), extraction);
  EXPECT_EQ(testing::printed(extraction),
            "payloads 0\n"
            "level 0: 1 []\n"
            "level 1: 3 [0 3]\n"
            "level 2: 5 [0 2 3 5]\n"
            "level 3: 6 [0 2 3 6]\n"
            "level 4: 6 [0 2 3 6]\n"
            "level 5: 0 [0 0 0 0]\n"
            "column 0: 'p1' '1\"' 'p2' 'p3' '3' failed 0\n"
            "column 1: 'p1' '1\"' 'p2' 'p3' '3' '4' failed 0\n");
  EXPECT_EQ(extraction.levels[2].values.text(4), "price");
  EXPECT_EQ(extraction.levels[4].values.text(1), "1\"");
}

TEST(CsvExtractor, ARowIsAnObjectOrAList) {
  EXPECT_EQ(found("0", "a,b\n1,\"x\"\"\"\n2\n"), R"({"a":"1","b":"x\""})");
  EXPECT_EQ(found("1", "a,b\n1,\"x\"\"\"\n2\n"), R"({"a":"2","b":null})");
  const auto bare = reading([](CsvConfig& config) { config.header = false; });
  EXPECT_EQ(found("$", "a,\n1,\"\"\n", bare), R"([["a",null],["1",""]])");
  EXPECT_EQ(found("2", "a,b\n1,2\n"), "-");
}

TEST(CsvExtractor, APathThatBeginsWithANameIsAboutTheFirstRow) {
  const auto lines = reading([](CsvConfig& config) {
    config.header = false;
    config.names = {"time", "a.b", "7"};
  });
  EXPECT_EQ(found("time", "12:00,x,y\n", lines), "'12:00'");
  EXPECT_EQ(found("a.b", "12:00,x,y\n", lines), "'x'");
  EXPECT_EQ(found("'7'", "12:00,x,y\n", lines), "'y'");
  EXPECT_EQ(found("0.'7'", "12:00,x,y\n", lines), "'y'");
  EXPECT_EQ(found("0.7", "12:00,x,y\n", lines), "-");
}

TEST(CsvExtractor, StrategiesSayWhichFieldOfOneNameCounts) {
  const std::string text = "a,a,b,a,a\n,1,x,2\n";
  EXPECT_EQ(found("a", text, CsvExtractor({}), Strategy::take_first), "null");
  EXPECT_EQ(found("a", text, CsvExtractor({}), Strategy::take_first_not_null), "'1'");
  EXPECT_EQ(found("a", text, CsvExtractor({}), Strategy::take_last), "'2'");
  EXPECT_EQ(found("a", text, CsvExtractor({}), Strategy::take_last_not_null), "'2'");
  EXPECT_EQ(found("a", text, CsvExtractor({}), Strategy::take_all), R"([null,"1","2"])");
  EXPECT_EQ(found("c", text, CsvExtractor({}), Strategy::take_all), "-");
}

TEST(CsvExtractor, HasOtherDelimitersQuotesAndNulls) {
  const auto tabs = reading([](CsvConfig& config) {
    config.delimiter = "\t";
    config.quote = "";
    config.nulls = {"NA", "\\N"};
  });
  EXPECT_EQ(found("0", "a\tb\tc\td\n\"x\"\tNA\t\\N\t\n", tabs), R"({"a":"\"x\"","b":null,"c":null,"d":""})");
  const auto single = reading([](CsvConfig& config) {
    config.delimiter = ";";
    config.quote = "'";
  });
  EXPECT_EQ(found("0", "a;b\n'it''s;';\"x\"\n", single), R"({"a":"it's;","b":"\"x\""})");
  const auto renamed = reading([](CsvConfig& config) { config.names = {"x", "y"}; });
  EXPECT_EQ(found("0", "a,b\n1,2\n", renamed), R"({"x":"1","y":"2"})");
}

TEST(CsvExtractor, ReadsAllLineEnds) {
  const auto bare = reading([](CsvConfig& config) { config.header = false; });
  for (const std::string end : {"\n", "\r\n", "\r"})
    EXPECT_EQ(found("$", "a,b" + end + end + "\"c" + end + "d\",e", bare), "[[\"a\",\"b\"],[\"c" +
                                                                               std::string(end == "\n"   ? "\\n"
                                                                                           : end == "\r" ? "\\r"
                                                                                                         : "\\r\\n") +
                                                                               "d\",\"e\"]]");
  EXPECT_EQ(found("$",
                  "\xEF\xBB\xBF"
                  "a,b\n",
                  bare),
            R"([["a","b"]])");
  EXPECT_EQ(found("$", "\n\n", bare), "[]");
}

TEST(CsvExtractor, RefusesPayloadsThatAreNoCsv) {
  const auto strict = reading([](CsvConfig& config) { config.ragged = Ragged::reject; });
  Table table;
  table.index("row", IndexKind::for_list, "$").column("{row}.0", Kind::integer);
  EXPECT_EQ(extracted(strict, table.projection,
                      {"a,b\n1,2\n", "", "a\n\"1\n2", "a\n1,\"2\" \n", "a\r\n1\r\n x\"y\"", "\xEF\xBB\xBF", "a\n\xFF",
                       "a,b\n1,2\n\n3\n", "\n\n", "a,b\n\"3\",\"\"", "a\n" + std::string((4 << 20) + 1, 'x')}),
            "payloads 0 9\n"
            "level 0: 2 []\n"
            "level 1: 2 [0 1 2]\n"
            "column 0: 1 3 failed 0\n"
            "1: BO402 the payload is empty\n"
            "2: BO418 a quote is not closed, in line 2\n"
            "3: BO418 a character behind a closing quote, in line 2\n"
            "4: BO418 a quote in a field without quotes around it, in line 3\n"
            "5: BO402 the payload is empty\n"
            "6: BO406 the payload is not UTF-8, at byte 2\n"
            "7: BO418 a row has 1 fields where 2 are expected, in line 4\n"
            "8: BO418 there is no header line\n"
            "10: BO407 a row is longer than 4194304 bytes, in line 2\n");
}

TEST(CsvExtractor, RowsAllocateNothingAfterWarmUp) {
  Table table;
  table.index("row", IndexKind::for_list, "$")
      .index("name", IndexKind::for_object, "{row}")
      .column("{row}.sku", Kind::text)
      .column("{row}.price", Kind::real)
      .column("{row}.2", Kind::text)
      .column("{row}.{name}", Kind::text);
  std::string text = "sku,price,\"note\"\n";
  for (int i = 0; i < 5'000; ++i)
    text += fmt::format("part number {},{}.5,\"a \"\"quoted\"\" and longer note\"\r\n", i, i);
  const Payloads payloads = testing::payloads_of({text, text});
  const auto extractor = CsvExtractor({});
  const auto program = extractor.compile(table.projection);
  Extraction extraction(table.projection);
  for (int warm = 0; warm < 2; ++warm) {
    extraction.clear();
    program->run(payloads, extraction);
  }
  const std::size_t before = testing::allocations;
  for (int round = 0; round < 3; ++round) {
    extraction.clear();
    program->run(payloads, extraction);
  }
  EXPECT_EQ(extraction.levels[1].count, 10'000u);
  EXPECT_LE(testing::allocations - before, 10u);
}

TEST(CsvExtractor, BoundsRowsAndValues) {
  Table table;
  table.index("row", IndexKind::for_list, "$").column("{row}.0");
  table.projection.limits.rows_per_payload_max = 3;
  EXPECT_EQ(cells(CsvExtractor({}), table, "a\n1\n2\n3\n"), "'1' '2' '3'");
  EXPECT_EQ(cells(CsvExtractor({}), table, "a\n1\n2\n3\n4\n"), "BO410");
  EXPECT_EQ(found("$", "a\n" + std::string(3 << 20, 'x') + "\n" + std::string(3 << 20, 'x')), "BO407");
}

TEST(CsvExtractor, TellsWhereAPathIsWrong) {
  EXPECT_EQ(problem_of("$"), "");
  EXPECT_EQ(problem_of("$x"), "a dot is expected behind $ at 2");
  EXPECT_EQ(problem_of(""), "a path begins with $, a row or the name of a field at 1");
  EXPECT_EQ(problem_of("{row}x"), "a dot is expected between a row and its field at 6");
  EXPECT_EQ(problem_of("$.{row}."), "the name or position of a field is expected at 9");
  EXPECT_EQ(problem_of("{row:02d}.a"), "a row has no format at 1");
}

TEST(CsvExtractor, ExplainsItsPaths) {
  Table table;
  table.index("row", IndexKind::for_list, "$").column("{row}.a").column("{row}.1").column("{row}");
  EXPECT_EQ(CsvExtractor({}).explain(table.projection),
            (std::vector<std::string>{"index row: the rows", "column c0: a field by its name, found once per header",
                                      "column c1: a field by its position", "column c2: a row"}));
}

}  // namespace
}  // namespace batchout::csv
