// What a letter says of a reject, whichever store keeps it.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "data/dead_letters.h"
#include "data/letter_sql.h"

namespace batchout {
namespace {

TEST(DeadLetters, ThePayloadOfSeveralIsKeptOnceAndHashedForEach) {
  const std::string payload = "abc";
  Reject reject;
  reject.code = "BO423";
  NewLetter letter;
  letter.reject = &reject;
  letter.payload = payload;
  letter.metadata = "{}";
  letter.next = 7;
  const auto records = records_of(std::vector{letter, letter});
  ASSERT_EQ(records.size(), 2);
  EXPECT_EQ(records[0].payload, "abc");
  EXPECT_EQ(records[1].payload, "");
  EXPECT_EQ(records[1].metadata, "");
  EXPECT_EQ(records[1].number, 1);
  EXPECT_EQ(records[1].payload_sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(records[1].error_class, "range");
  EXPECT_EQ(records[1].next, 7);
  EXPECT_FALSE(records[1].version.empty());
}

TEST(DeadLetters, ATargetIsText) {
  Reject reject;
  NewLetter letter;
  letter.reject = &reject;
  letter.target = "out\xFF.csv";
  EXPECT_EQ(records_of(std::vector{letter}).front().target, "out?.csv");
}

TEST(DeadLetters, WithoutBytesThereIsNoHash) {
  Reject reject;
  NewLetter letter;
  letter.reject = &reject;
  EXPECT_EQ(records_of(std::vector{letter}).front().payload_sha256, "");
}

TEST(DeadLetters, AnErrorIsCutBetweenCharacters) {
  EXPECT_EQ(error_text("short\n"), "short\n");
  std::string text;
  while (text.size() < 2 * kErrorTextMax) text += "ä";
  const std::string cut = error_text(text);
  EXPECT_LE(cut.size(), kErrorTextMax);
  EXPECT_GE(cut.size(), kErrorTextMax - 4);
  EXPECT_TRUE(cut.ends_with("ä…"));
  EXPECT_EQ(shown_text(cut), cut) << "UTF-8 is whole";
}

// All codes that a letter can have; docs/errors tells of each.
TEST(DeadLetters, CodesHaveClasses) {
  const std::map<std::string_view, std::string_view> codes{{"limit", "404 405 407 408 410 416 417 429 433"},
                                                           {"syntax", "401 402 409 415 418"},
                                                           {"type", "411 427 430"},
                                                           {"range", "423 425"},
                                                           {"encoding", "406 424 428"},
                                                           {"constraint", "421 422 426 534"},
                                                           {"trigger", "432"},
                                                           {"corrupt", "419"},
                                                           {"missing", "403"},
                                                           {"gap", "413"},
                                                           {"other", "420 431"}};
  for (const auto& [name, numbers] : codes)
    for (std::string_view left = numbers; !left.empty(); left.remove_prefix(std::min<std::size_t>(4, left.size())))
      EXPECT_EQ(error_class("BO" + std::string(left.substr(0, 3))), name) << left;
  EXPECT_EQ(error_class(""), "other");
}

TEST(LetterColumns, AreThoseOfTheTable) {
  const LetterColumns some("id,pipeline,input,row_no,row_count,metadata,attempts,resolved_at");
  EXPECT_TRUE(some.has("row_no"));
  EXPECT_FALSE(some.has("row"));
  EXPECT_FALSE(some.has("id")) << "every version has it";
  EXPECT_FALSE(some.complete());
  EXPECT_EQ(some.written().size(), 4) << "attempts and resolved_at are the table's own";
  EXPECT_EQ(some.missing().front()->name, "pos_end");
  EXPECT_TRUE(LetterColumns::all().complete());
}

}  // namespace
}  // namespace batchout
