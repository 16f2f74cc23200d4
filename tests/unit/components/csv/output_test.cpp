// Rows as CSV: header, quoting, line ends, modes.

#include "../harness.h"

namespace batchout {

void add_csv(Registry&);

namespace {

using namespace testing;

class CsvOutput : public ::testing::Test {
 protected:
  Target open(std::vector<std::pair<std::string, Node>> settings = {}) {
    std::vector<std::pair<std::string, Node>> all{{"path", "out.csv"}};
    for (auto& setting : settings) all.push_back(std::move(setting));
    return make_output(add_csv, "csv", Node::mapping(std::move(all)), context(Dialect::v0_3_0, folder_.path()));
  }

  // The rows of the published cases, and what they have to be.
  static Block rows() {
    return block_of({{"a", Kind::text}, {"n", Kind::integer}, {"f", Kind::real}},
                    {{text("plain"), integer(1), real(1.5)},
                     {text("comma, quote \" and\nnewline"), null(), real(1e20)},
                     {text(""), integer(3), real(0.1)},
                     {text("é; ü"), integer(-4), real(100.0)},
                     {text(" lead"), integer(5), null()}});
  }
  static constexpr const char* kFile =
      "a,n,f\r\nplain,1,1.5\r\n\"comma, quote \"\" and\nnewline\",,1e+20\r\n,3,0.1\r\né; ü,-4,100.0\r\n lead,5,\r\n";

  TemporaryFolder folder_;
};

TEST_F(CsvOutput, WritesHeaderQuotesAndNumbersAsTheOriginal) {
  Target target = open();
  ASSERT_EQ(target.batch({rows()}), "");
  EXPECT_EQ(folder_.get("out.csv"), kFile);
}

TEST_F(CsvOutput, WritesTheHeaderOnceIntoANewOrEmptyFile) {
  folder_.put("out.csv", "");
  for (int run = 0; run < 2; ++run) {
    Target target = open();
    ASSERT_EQ(target.batch({block_of({{"n", Kind::integer}}, {{integer(1)}})}), "");
    ASSERT_EQ(target.batch({block_of({{"n", Kind::integer}}, {{integer(2)}})}), "");
  }
  EXPECT_EQ(folder_.get("out.csv"), "n\r\n1\r\n2\r\n1\r\n2\r\n");
}

TEST_F(CsvOutput, WritesItAgainWheneverABatchOverwritesTheFile) {
  folder_.put("out.csv", "old content\n");
  Target target = open({{"mode", "overwrite"}});
  ASSERT_EQ(target.batch({rows()}), "");
  ASSERT_EQ(target.batch({rows()}), "");
  EXPECT_EQ(folder_.get("out.csv"), kFile);
}

TEST_F(CsvOutput, QuotesWhatHoldsTheDelimiter) {
  Target target = open({{"delimiter", "»"}});
  ASSERT_EQ(target.batch({block_of({{"a", Kind::text}, {"b", Kind::boolean}}, {{text("1»2,3"), boolean(true)}})}), "");
  EXPECT_EQ(folder_.get("out.csv"), "a»b\r\n\"1»2,3\"»true\r\n");
}

TEST_F(CsvOutput, QuotesEveryValueButNull) {
  Target target = open({{"quoting", "all"}, {"line_end", "lf"}});
  ASSERT_EQ(target.batch({rows()}), "");
  EXPECT_EQ(folder_.get("out.csv"),
            "\"a\",\"n\",\"f\"\n\"plain\",\"1\",\"1.5\"\n\"comma, quote \"\" and\nnewline\",,\"1e+20\"\n"
            "\"\",\"3\",\"0.1\"\n\"é; ü\",\"-4\",\"100.0\"\n\" lead\",\"5\",\n");
}

TEST_F(CsvOutput, TellsNullFromTheTextThatStandsForIt) {
  Target target = open({{"null_text", "NULL"}, {"line_end", "lf"}});
  const Block block =
      block_of({{"a", Kind::text}, {"b", Kind::text}}, {{null(), text("NULL")}, {text(""), text("null")}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(folder_.get("out.csv"), "a,b\nNULL,\"NULL\"\n,null\n");
}

TEST_F(CsvOutput, RefusesRowsThatNeedQuotesWhereThereAreNone) {
  Target target = open({{"quoting", "none"}, {"null_text", "-"}, {"line_end", "lf"}});
  const Block block = block_of({{"n", Kind::integer}, {"a", Kind::text}}, {{integer(1), text("say \"hi\"")},
                                                                           {integer(2), text("a,b")},
                                                                           {integer(3), text("a\nb")},
                                                                           {integer(4), text("-")},
                                                                           {integer(5), null()},
                                                                           {integer(6), text("")}});
  Rejects rejects;
  ASSERT_EQ(target.batch({block}, &rejects), "");
  EXPECT_EQ(folder_.get("out.csv"), "n,a\n1,say \"hi\"\n5,-\n6,\n");
  EXPECT_EQ(target.taken, 3u);
  ASSERT_EQ(rejects.size(), 3u);
  EXPECT_EQ(rejects[0].code, "BO428");
  EXPECT_EQ(rejects[0].column, "a");
  EXPECT_EQ(rejects[0].excerpt, "a,b");
  Target bad = open({{"path", "other.csv"}, {"quoting", "none"}});
  EXPECT_EQ(bad.batch({block_of({{"a,b", Kind::text}}, {{text("x")}})}),
            "BO554 The name of a column needs quotes; rename it or use another quoting: a,b");
}

TEST_F(CsvOutput, LeavesOutTheHeader) {
  Target target = open({{"header", false}});
  ASSERT_EQ(target.batch({rows()}), "");
  EXPECT_EQ(folder_.get("out.csv"), std::string(kFile).substr(7));
}

TEST_F(CsvOutput, KeepsTextsFromBecomingFormulas) {
  Target target = open({{"escape_formulas", true}, {"line_end", "lf"}});
  const Block block = block_of({{"a", Kind::text}, {"n", Kind::integer}, {"d", Kind::decimal}},
                               {{text("=1+1"), integer(-1), text("-1.0", Tag::decimal)},
                                {text("\tx"), integer(1), null()},
                                {text("@,"), integer(1), null()},
                                {text("a=b"), integer(1), null()}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(folder_.get("out.csv"), "a,n,d\n'=1+1,-1,-1.0\n'\tx,1,\n\"'@,\",1,\na=b,1,\n");
}

TEST_F(CsvOutput, MakesAFileOfEachBatch) {
  Target target = open({{"path", "rows-{batch}.csv"}});
  for (int i = 0; i < 2; ++i) ASSERT_EQ(target.batch({rows()}), "");
  EXPECT_EQ(folder_.get("rows-000001.csv"), kFile);
  EXPECT_EQ(folder_.get("rows-000002.csv"), kFile);
}

TEST_F(CsvOutput, KeepsALoneEmptyValueVisible) {
  Target target = open();
  ASSERT_EQ(target.batch({block_of({{"a", Kind::text}}, {{null()}, {text("x")}})}), "");
  EXPECT_EQ(folder_.get("out.csv"), "a\r\n\"\"\r\nx\r\n");
}

TEST_F(CsvOutput, LeavesTheFileAloneWithoutRows) {
  Target target = open();
  ASSERT_EQ(target.batch({block_of({{"a", Kind::text}}, {})}), "");
  EXPECT_FALSE(std::filesystem::exists(folder_.path("out.csv")));
}

TEST_F(CsvOutput, WantsOneCharacterAsDelimiter) {
  for (const char* delimiter : {"", ",,", "\"", "\n", "\xC3"}) {
    const std::string problems =
        output_problems(add_csv, "csv", Node::mapping({{"path", "x"}, {"delimiter", delimiter}}));
    EXPECT_NE(problems.find("must be one character"), std::string::npos) << problems;
  }
}

}  // namespace
}  // namespace batchout
