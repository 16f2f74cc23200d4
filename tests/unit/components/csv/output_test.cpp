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
