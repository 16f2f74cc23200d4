// When two values are the same: by what they are, not by how they are written.

#include "pipeline/json_values.h"

#include <gtest/gtest.h>

#include "config/load.h"

namespace batchout {
namespace {

TEST(JsonValues, NumbersAreEqualByTheirValues) {
  EXPECT_TRUE(same_json("9.9", "9.90"));
  EXPECT_TRUE(same_json("5", "5.0"));
  EXPECT_TRUE(same_json("1e3", "1000.0"));
  EXPECT_TRUE(same_json("120e-2", "1.2"));
  EXPECT_TRUE(same_json("-0.0", "0"));
  EXPECT_TRUE(same_json("1e400", "10E+399"));
  EXPECT_TRUE(same_json("18446744073709551617", "18446744073709551617.0"));
  EXPECT_FALSE(same_json("18446744073709551617", "18446744073709551616"));
  EXPECT_FALSE(same_json("0.1", "0.10000000000000001"));
  EXPECT_FALSE(same_json("1", "-1"));
  EXPECT_FALSE(same_json("10", "1"));
  EXPECT_FALSE(same_json("1e99999999999999999999", "1e99999999999999999998"));
  EXPECT_FALSE(same_json("1e9223372036854775807", "1e-9223372036854775808"));
}

TEST(JsonValues, TextsAreNoNumbers) {
  EXPECT_FALSE(same_json("5", R"("5")"));
  EXPECT_FALSE(same_json("null", R"("")"));
  EXPECT_FALSE(same_json("true", "1"));
  EXPECT_FALSE(same_json(R"("5.0")", R"("5")"));
}

TEST(JsonValues, MembersHaveNoOrderButItemsDo) {
  EXPECT_TRUE(same_json(R"({"a":1.0,"b":[{"c":null}]})", R"({"b": [{"c": null}], "a": 1})"));
  EXPECT_FALSE(same_json(R"({"a":1})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(same_json(R"({"a":1,"b":2})", R"({"a":1,"c":2})"));
  EXPECT_FALSE(same_json("[1,2]", "[2,1]"));
  EXPECT_FALSE(same_json("[1,2]", "[1,2"));
  EXPECT_FALSE(same_json("[]", "{}"));
}

TEST(JsonValues, YamlBecomesTheSameValue) {
  Problems problems;
  const auto node = load_text(R"(
a: [1, 0x10, 1.50, 1.0e+400, .inf, yes, ~, "5", text, 123456789012345678901234567890]
b: {"c\"d": "e\nf"}
)",
                              {}, problems);
  ASSERT_TRUE(node);
  EXPECT_EQ(json_of(*node->find("a")),
            R"([1, 16, 1.50, 1.0e+400, null, true, null, "5", "text", 123456789012345678901234567890])");
  EXPECT_EQ(json_of(*node->find("b")), R"({"c\"d": "e\nf"})");
}

TEST(JsonValues, FieldsOfCsvHaveNoTypes) {
  EXPECT_TRUE(same_field("null", ""));
  EXPECT_TRUE(same_field(R"("")", ""));
  EXPECT_TRUE(same_field(R"("a\"b")", "a\"b"));
  EXPECT_TRUE(same_field("5.0", "5"));
  EXPECT_TRUE(same_field("true", "true"));
  EXPECT_FALSE(same_field(R"("5.0")", "5"));
  EXPECT_FALSE(same_field("null", "null"));
}

}  // namespace
}  // namespace batchout
