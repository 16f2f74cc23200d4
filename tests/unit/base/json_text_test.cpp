// Texts that are JSON, texts that are not, and what JSON strings say.

#include "base/json_text.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

constexpr int kDepthMax = 100;

TEST(JsonText, FollowsTheGrammar) {
  for (const std::string_view good : {"1", "-0.5e+3", " null ", "[]", "[1,{\"a\":[]}]", "{}", R"("\ud83d\ude00")"})
    EXPECT_TRUE(is_json(good, JsonEscapes::storable, kDepthMax)) << good;
  for (const std::string_view bad : {"", "01", "1.", "[1,]", "{\"a\"}", "{a:1}", "'a'", "\"\t\"", R"("\x")", "1 2",
                                     "tru", "[", R"("\ud83d")", R"("\ude00")", R"("\u12")", "-", "nan"})
    EXPECT_FALSE(is_json(bad, JsonEscapes::storable, kDepthMax)) << bad;
}

TEST(JsonText, StopsWhereNestingGoesTooDeep) {
  EXPECT_TRUE(is_json(std::string(100, '[') + std::string(100, ']'), JsonEscapes::any, kDepthMax));
  EXPECT_FALSE(is_json(std::string(102, '[') + std::string(102, ']'), JsonEscapes::any, kDepthMax));
  EXPECT_FALSE(is_json(std::string(1'000'000, '['), JsonEscapes::any, kDepthMax));
}

TEST(JsonText, TakesTheEscapesThatItIsAskedFor) {
  const auto takes = [](std::string_view text, JsonEscapes escapes) { return is_json(text, escapes, kDepthMax); };
  for (const std::string_view half : {R"("\ud83d")", R"("\ude00")", R"("\ud83d\ud83d")"}) {
    EXPECT_TRUE(takes(half, JsonEscapes::any)) << half;
    EXPECT_FALSE(takes(half, JsonEscapes::paired)) << half;
  }
  EXPECT_TRUE(takes(R"("\u0000")", JsonEscapes::paired));
  EXPECT_FALSE(takes(R"("\u0000")", JsonEscapes::storable));
}

TEST(JsonText, UnescapesStrings) {
  const auto unescaped = [](std::string_view quoted) {
    std::string out;
    append_unescaped(quoted, out);
    return out;
  };
  EXPECT_EQ(unescaped(R"("")"), "");
  EXPECT_EQ(unescaped(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(unescaped(R"("\u0041\u00e9\u20ac\ud83d\ude00\u0000")"), std::string("A\u00e9\u20ac\U0001F600\0", 11));
}

}  // namespace
}  // namespace batchout
