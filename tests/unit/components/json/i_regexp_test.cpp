// Which regular expressions are I-Regexps, and what they match.

#include "components/json/i_regexp.h"

#include <gtest/gtest.h>

#include "components/json/pattern.h"

namespace batchout::json {
namespace {

bool matches(std::string_view written, std::string_view text, bool whole = true) {
  Patterns patterns;
  std::uint64_t steps = 0;
  return patterns.matches(Pattern(written, whole), text, steps) && !patterns.exhausted();
}

TEST(IRegexp, TakesItsOwnGrammar) {
  for (const char* good : {"",
                           "a",
                           "|",
                           "a|",
                           "()",
                           "(a|b)*c+d?",
                           "a{2}",
                           "a{2,}",
                           "a{2,3}",
                           "a{0,0}",
                           ".",
                           "[a]",
                           "[^a]",
                           "[-a]",
                           "[a-]",
                           "[^-a]",
                           "[a-c-]",
                           "[-]",
                           "[^^]",
                           "[\\]\\[\\\\]",
                           "[\\p{L}\\P{Nd}x]",
                           "\\p{L}",
                           "\\p{Lu}",
                           "\\P{Zs}",
                           "\\.\\*\\-\\n\\r\\t\\^\\{\\|\\}",
                           "a,b",
                           "a-b",
                           "\xC3\xA9+",
                           "[\xC3\xA0-\xC3\xBF]",
                           " #",
                           "^a$",
                           "/",
                           "~",
                           "=!<>:'\"&%@_`;"})
    EXPECT_TRUE(translate_i_regexp(good)) << good;
}

TEST(IRegexp, RefusesWhatOtherLanguagesHave) {
  for (const char* bad : {"(",
                          ")",
                          "(a",
                          "[",
                          "[]",
                          "[^]",
                          "]",
                          "a**",
                          "a*?",
                          "a++",
                          "*",
                          "+a",
                          "?",
                          "{",
                          "}",
                          "{1}",
                          "a{",
                          "a{}",
                          "a{,2}",
                          "a{1",
                          "a{2,1}",
                          "a{-1}",
                          "a{70000}",
                          "\\",
                          "\\d",
                          "\\w",
                          "\\b",
                          "\\$",
                          "\\/",
                          "\\1",
                          "\\x41",
                          "\\u0041",
                          "\\p",
                          "\\p{}",
                          "\\p{Xx}",
                          "\\p{Lx}",
                          "\\p{IsGreek}",
                          "\\pL",
                          "(?:a)",
                          "(?=a)",
                          "[a-b-c]",
                          "[b-a]",
                          "[a-\\p{L}]",
                          "[[:alpha:]]",
                          "[a[b]",
                          "[\\d]",
                          "a{1}{2}",
                          "\xFF"})
    EXPECT_FALSE(translate_i_regexp(bad)) << bad;
  EXPECT_FALSE(translate_i_regexp(std::string(1000, '(') + std::string(1000, ')')));
}

TEST(IRegexp, MatchesAsItsMappingSays) {
  EXPECT_TRUE(matches("a.c",
                      "a\xF0\x90\x84\x81"
                      "c"));
  EXPECT_FALSE(matches("a.c", "a\nc"));
  EXPECT_FALSE(matches("a.c", "a\rc"));
  EXPECT_TRUE(matches(".", "\xE2\x80\xA8"));
  EXPECT_TRUE(matches("[^a]", "\n"));
  EXPECT_TRUE(matches("a|bc", "bc"));
  EXPECT_FALSE(matches("a|bc", "abc"));
  EXPECT_FALSE(matches("ab", "ab\n"));
  EXPECT_FALSE(matches("ab$", "ab\n", false));
  EXPECT_TRUE(matches("b", "abc", false));
  EXPECT_TRUE(matches("^ab", "abc", false));
  EXPECT_FALSE(matches("^b", "abc", false));
  EXPECT_TRUE(matches("[\\-\\^a-c.]+", "-^b."));
  EXPECT_TRUE(matches("\\p{Lu}\\p{Nd}",
                      "\xD0\x96"
                      "5"));
  EXPECT_TRUE(matches(" #{2}", " ##"));
  EXPECT_TRUE(matches("a{0}b{2,}", "bbb"));
  EXPECT_TRUE(matches(std::string_view("\0", 1), std::string_view("\0", 1)));
  EXPECT_FALSE(matches("\\d", "5"));
}

TEST(IRegexp, WhatStallsIsGivenUp) {
  Patterns patterns;
  std::uint64_t steps = 0;
  const std::string text(5000, 'a');
  EXPECT_FALSE(patterns.matches("(a|a)*[bc]", true, text, steps));
  EXPECT_TRUE(patterns.exhausted());
  EXPECT_GT(steps, 1000u);
  EXPECT_FALSE(patterns.matches("a*", true, text, steps));
  patterns.start();
  EXPECT_TRUE(patterns.matches("a*", true, text, steps));
}

}  // namespace
}  // namespace batchout::json
