// One path on one payload: where a payload is wrong.

#include "components/json/lookup.h"

#include <gtest/gtest.h>

namespace batchout::json {
namespace {

std::string problem_of(std::string_view payload) {
  const auto found = look_up({"a", {"a"}}, payload, {});
  return found ? "none" : found.error().code + " " + found.error().message;
}

TEST(LookUp, SaysWhereAPayloadIsWrong) {
  EXPECT_EQ(problem_of("{\"a\": 1}"), "none");
  EXPECT_EQ(problem_of("{\"a\": 1"), "BO401 the document is cut off, at byte 7");
  EXPECT_EQ(problem_of("{\"a\": \"x}"), "BO401 a text is not closed, at byte 6");
  EXPECT_EQ(problem_of("{\"a\": \"x\ny\"}"), "BO401 a text has a control character, at byte 8");
  EXPECT_EQ(problem_of("\xEF\xBB\xBF{\"a\": }"), "BO401 this is no JSON value, at byte 9");
  EXPECT_EQ(problem_of("{\"a\": \"\xFF\"}"), "BO406 the payload is not UTF-8, at byte 7");
  EXPECT_EQ(problem_of(""), "BO402 the payload is empty");
}

}  // namespace
}  // namespace batchout::json
