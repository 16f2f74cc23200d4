// Literal replacement in values.

#include "../harness.h"

namespace batchout {

void add_text(Registry&);

namespace {

using namespace testing;
using Texts = std::vector<std::string>;

std::unique_ptr<Processor> make(std::vector<std::pair<std::string, Node>> settings, Problems& problems) {
  Registry registry;
  add_text(registry);
  auto maker = decoded(registry.types().processors, "replace", Node::mapping(std::move(settings)), problems);
  return maker ? std::move(*(*maker)(Context{})) : nullptr;
}

// What becomes of `cells`; null is "NULL".
Texts replace(std::vector<std::pair<std::string, Node>> settings, const std::vector<Cell>& cells) {
  Problems problems;
  const auto processor = make(std::move(settings), problems);
  if (!processor) return {text_of(problems)};
  Column in, out;
  for (const Cell& cell : cells) in.append(cell);
  processor->apply(in, out);
  Texts texts;
  for (std::size_t i = 0; i < out.size(); ++i)
    texts.emplace_back(out.tag(i) == Tag::text ? std::string(out.text(i)) : "NULL");
  return texts;
}

std::string replace(Node old_text, Node new_text, std::string_view value, Node count = -1) {
  return replace({{"old", std::move(old_text)}, {"new", std::move(new_text)}, {"count", std::move(count)}},
                 {text(value)})[0];
}

TEST(Replace, ReplacesEverywhereFromTheLeft) {
  EXPECT_EQ(replace(" ", "", "  foo  bar "), "foobar");
  EXPECT_EQ(replace("aa", "b", "aaaaa"), "bba");
  EXPECT_EQ(replace("a", "aa", "aba"), "aabaa");
}

TEST(Replace, StopsAfterCountReplacements) {
  EXPECT_EQ(replace("-", "+", "-a-b-c-", 0), "-a-b-c-");
  EXPECT_EQ(replace("-", "+", "-a-b-c-", 1), "+a-b-c-");
  EXPECT_EQ(replace("-", "+", "-a-b-c-", 2), "+a+b-c-");
  EXPECT_EQ(replace("-", "+", "-a-b-c-", -1), "+a+b+c+");
}

TEST(Replace, TakesOldLiterally) {
  EXPECT_EQ(replace(".", "!", "a.b$1\\né"), "a!b$1\\né");
  EXPECT_EQ(replace("$1", "x", "a.b$1\\né"), "a.bx\\né");
  EXPECT_EQ(replace("\\n", " ", "a.b$1\\né"), "a.b$1 é");
  EXPECT_EQ(replace("é", "e", "a.b$1\\né"), "a.b$1\\ne");
}

TEST(Replace, TakesNumbersAsText) {
  EXPECT_EQ(replace(1, 22, "1-1-1", 2), "22-22-1");
}

TEST(Replace, PutsTheNewTextBetweenCharactersIfOldIsEmpty) {
  EXPECT_EQ(replace("", "-", "aéc"), "-a-é-c-");
  EXPECT_EQ(replace("", "-", "abc", 2), "-a-bc");
  EXPECT_EQ(replace("", "-", "abc", 4), "-a-b-c-");
  EXPECT_EQ(replace("", "-", ""), "-");
  EXPECT_EQ(replace("", "-", "abc", 0), "abc");
}

TEST(Replace, TurnsValuesIntoTextButLeavesNullAlone) {
  EXPECT_EQ(replace({{"old", "."}, {"new", ""}}, {real(12.5), integer(7), boolean(true), null(), Cell{}}),
            (Texts{"125", "7", "true", "NULL", "NULL"}));
}

TEST(Replace, NeedsOldAndNew) {
  Problems problems;
  EXPECT_EQ(make({{"old", Node()}, {"count", "many"}}, problems), nullptr);
  const std::string all = text_of(problems);
  for (const char* key : {"old", "new", "count"}) EXPECT_NE(all.find(key), std::string::npos) << all;
}

}  // namespace
}  // namespace batchout
