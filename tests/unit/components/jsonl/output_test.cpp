// Rows as JSON objects, one a line.

#include "../harness.h"

namespace batchout {

void add_jsonl(Registry&);

namespace {

using namespace testing;

class JsonlOutput : public ::testing::Test {
 protected:
  Target open(const char* mode = "append") {
    return make_output(add_jsonl, "jsonl", Node::mapping({{"path", "out.jsonl"}, {"mode", mode}}),
                       context(Dialect::v1, folder_.path()));
  }
  static Block rows(const std::vector<std::vector<Cell>>& cells) {
    return block_of({{"a \"b\"", Kind::text}, {"n", Kind::integer}}, cells);
  }

  TemporaryFolder folder_;
};

TEST_F(JsonlOutput, WritesOneObjectALine) {
  Target target = open();
  ASSERT_EQ(target.batch({rows({{text("x\ny"), integer(1)}, {null(), null()}}), rows({{text(""), integer(-3)}})}), "");
  EXPECT_EQ(
      folder_.get("out.jsonl"),
      "{\"a \\\"b\\\"\":\"x\\ny\",\"n\":1}\n{\"a \\\"b\\\"\":null,\"n\":null}\n{\"a \\\"b\\\"\":\"\",\"n\":-3}\n");
}

TEST_F(JsonlOutput, KeepsDocumentsOnTheirLine) {
  Target target = open();
  const Block block = block_of({{"d", Kind::json}}, {{text("{\n \"a\": [1,\r\n 2]}", Tag::json)}});
  ASSERT_EQ(target.batch({block}), "");
  EXPECT_EQ(folder_.get("out.jsonl"), "{\"d\":{  \"a\": [1,   2]}}\n");
}

TEST_F(JsonlOutput, AppendsBatchesAndShowsNothingOfDroppedOnes) {
  Target target = open();
  ASSERT_EQ(target.batch({block_of({{"n", Kind::integer}}, {{integer(1)}})}), "");
  ASSERT_TRUE(target.fill({block_of({{"n", Kind::integer}}, {{integer(2)}})}));
  EXPECT_EQ(folder_.get("out.jsonl"), "{\"n\":1}\n");
  target.store->rollback();
  ASSERT_EQ(target.batch({block_of({{"n", Kind::integer}}, {{integer(3)}})}), "");
  EXPECT_EQ(folder_.get("out.jsonl"), "{\"n\":1}\n{\"n\":3}\n");
}

TEST_F(JsonlOutput, ReplacesTheFileWithEachBatchThatHasRows) {
  folder_.put("out.jsonl", "old\n");
  Target target = open("overwrite");
  ASSERT_EQ(target.batch({}), "");
  EXPECT_EQ(folder_.get("out.jsonl"), "old\n");
  for (int n : {1, 2}) ASSERT_EQ(target.batch({block_of({{"n", Kind::integer}}, {{integer(n)}})}), "");
  EXPECT_EQ(folder_.get("out.jsonl"), "{\"n\":2}\n");
}

TEST_F(JsonlOutput, RefusesAFolderThatIsNotThere) {
  Target target = make_output(add_jsonl, "jsonl", Node::mapping({{"path", "/nonexistent/out.jsonl"}}));
  EXPECT_EQ(target.batch({rows({})}),
            "BO551 The file cannot be written: /nonexistent/out.jsonl: No such file or directory");
}

}  // namespace
}  // namespace batchout
