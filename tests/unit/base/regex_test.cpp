// Regular expressions: groups, repeated searches, and limits that hold.

#include "base/regex.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

using Outcome = Regex::Outcome;

Regex compiled(std::string_view pattern, const Regex::Options& options = {}) {
  auto regex = Regex::compile(pattern, options);
  EXPECT_TRUE(regex) << pattern << ": " << (regex ? "" : regex.error().message);
  return *regex;
}

std::vector<std::string> all(std::string_view pattern, std::string_view subject, const Regex::Options& options = {}) {
  std::vector<std::string> found;
  Regex::Matcher matcher(compiled(pattern, options));
  for (Outcome o = matcher.search(subject); o == Outcome::match; o = matcher.next())
    found.emplace_back(*matcher.group(0));
  return found;
}

using Texts = std::vector<std::string>;

TEST(Regex, FindsGroupsByNumberAndName) {
  const Regex regex = compiled(R"((?P<user>\w+)@(?P<host>[\w.]+)(:\d+)?)");
  EXPECT_EQ(regex.group_count(), 3u);
  EXPECT_EQ(regex.group_named("host"), 2u);
  EXPECT_FALSE(regex.group_named("port"));
  Regex::Matcher matcher(regex);
  ASSERT_EQ(matcher.search("to zoë@example.org"), Outcome::match);
  EXPECT_EQ(matcher.position(), 3u);
  EXPECT_EQ(matcher.group(1), "zoë");
  EXPECT_EQ(matcher.group(2), "example.org");
  EXPECT_EQ(matcher.group(3), std::nullopt);
  EXPECT_EQ(matcher.group(4), std::nullopt);
  EXPECT_EQ(matcher.search(""), Outcome::no_match);
  EXPECT_EQ(matcher.group(0), std::nullopt);
}

TEST(Regex, GoesOnBehindEmptyMatchesAsPythonDoes) {
  EXPECT_EQ(all("a*", "baac"), (Texts{"", "aa", "", ""}));
  EXPECT_EQ(all("", "é"), (Texts{"", ""}));
  EXPECT_EQ(all("x", ""), Texts{});
}

TEST(Regex, HasTheUsualFlags) {
  EXPECT_EQ(all("ÄB", "äb", {.caseless = true}), Texts{"äb"});
  EXPECT_EQ(all("^.", "a\nb", {.multiline = true}), (Texts{"a", "b"}));
  EXPECT_EQ(all("a.b", "a\nb", {.dot_all = true}), Texts{"a\nb"});
  EXPECT_EQ(all("a b # c", "ab", {.extended = true}), Texts{"ab"});
  EXPECT_EQ(all("a|ab", "ab", {.whole = true}), Texts{"ab"});
  EXPECT_EQ(all("\\d", "٣3"), (Texts{"٣", "3"}));
  EXPECT_EQ(all("\\d", "٣3", {.ascii = true}), Texts{"3"});
}

TEST(Regex, ReadsWhatPythonSpellsDifferently) {
  EXPECT_EQ(all("a\\Z", "a\n"), Texts{});
  EXPECT_EQ(all("a$", "a\n"), Texts{"a"});
  EXPECT_EQ(all("^a{,2}$", "aa"), Texts{"aa"});
  EXPECT_EQ(all("[]{,2}]+", "]{,2}"), Texts{"]{,2}"});
  EXPECT_EQ(all("a.c", "a\rc"), Texts{"a\rc"});
  EXPECT_EQ(all("[\\u20aC-\\U000020AD]", "€ \u20ae"), Texts{"€"});
  EXPECT_FALSE(Regex::compile("\\u20a"));
  EXPECT_EQ(Regex::compile("\\u20ac(").error().offset, 7u);
}

TEST(Regex, TellsWhereAPatternIsWrong) {
  const auto open = Regex::compile("a{,3}(b");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().message, "missing closing parenthesis");
  EXPECT_EQ(open.error().offset, 7u);
  EXPECT_FALSE(Regex::compile("\\C"));
  EXPECT_FALSE(Regex::compile("(?:(?:a{1000}){1000}){1000}"));
  EXPECT_FALSE(Regex::compile(std::string(10'000, '(')));
  EXPECT_FALSE(Regex::compile("\xff"));
}

TEST(Regex, GivesUpInsteadOfStalling) {
  const std::string blanks(1 << 20, ' ');
  for (const auto& [pattern, subject] : std::vector<std::pair<std::string, std::string>>{
           {"(a+)+$", std::string(40, 'a') + "b"},
           {"(a+)+$", std::string(5000, 'a') + "b"},
           {"\\s+\\s*\\d", blanks},
           {"(?:\\s|x)+\\d", blanks},
           {"(\\w|\\W)*\\1y", blanks},
       }) {
    Regex::Matcher matcher(compiled(pattern));
    EXPECT_EQ(matcher.search(subject), Outcome::limit) << pattern;
    EXPECT_EQ(matcher.group(0), std::nullopt);
    EXPECT_EQ(matcher.search("b"), Outcome::no_match) << "a matcher can be used again";
  }
}

TEST(Regex, ReadsLongTextsWithinItsLimits) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "2026-11-25T04:05:06 user=" + std::to_string(i) + " ok\n";
  EXPECT_EQ(all("^(\\S+) user=(\\d+) (?:ok|failed)$", text, {.multiline = true}).size(), 10'000u);
}

TEST(Regex, SearchesMayShareTheirSteps) {
  const std::string costly = std::string(14, 'a') + "b";  // Takes more backtracks than a plain search may.
  Regex::Matcher matcher(compiled("(a+)+$"));
  const auto searches = [&](std::uint64_t steps) {
    int done = 0;
    matcher.share(steps);
    while (done < 1'000 && matcher.search(costly) == Outcome::no_match) ++done;
    return done;
  };
  // The last backtracks of one search are allowed, the steps are what ends them.
  matcher = Regex::Matcher(compiled("(a+)+$"), {.backtracks = 10'000'000});
  const int few = searches(10'000'000);
  EXPECT_GT(few, 0);
  EXPECT_LT(few, 1'000);
  EXPECT_EQ(matcher.search("b"), Outcome::no_match) << "plain searches do not count steps";
  EXPECT_FALSE(matcher.spend(1));
  EXPECT_EQ(searches(10'000'000), few);
}

TEST(Regex, CheapSearchesShareTheirStepsToo) {
  const std::string text(2'000, 'x');
  const std::string line(1 << 20, 'x');
  Regex::Matcher matcher(compiled("y"));
  for (const auto& subject : {text, line}) {
    matcher.share(10'000'000);
    int done = 0;
    while (done < 1'000'000 && matcher.search(subject) == Outcome::no_match) ++done;
    EXPECT_GT(done, 100);
    EXPECT_LT(done, 1'000'000) << "a search is never free";
  }
}

TEST(Regex, AMatcherGoesOnWithAnotherPattern) {
  Regex::Matcher matcher(compiled("a"));
  matcher.use(compiled("(1)(2)(3)(4)(5)(6)(7)(8)(9)(a)"));
  ASSERT_EQ(matcher.search("123456789a"), Outcome::match);
  EXPECT_EQ(matcher.group(10), "a");
}

}  // namespace
}  // namespace batchout
