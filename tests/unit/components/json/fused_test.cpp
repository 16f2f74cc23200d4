// The walk without a tree gives what the tree gives, for documents of every kind.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <random>

#include "components/json/program.h"
#include "table.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace batchout::json::test {
namespace {

// Random documents over few names, so that paths meet values, duplicates and wrong types.
class Source {
 public:
  explicit Source(std::uint32_t seed, bool needs_tree = false) : random_(seed), needs_tree_(needs_tree) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(std::size_t of) { return below(of) == 0; }
  template <std::size_t N>
  std::string pick(const char* const (&choices)[N]) {
    return choices[below(N)];
  }

  std::string document() {
    std::string text = value(0);
    if (chance(12)) text = "\xEF\xBB\xBF" + text;
    if (chance(10)) text.resize(below(text.size() + 1));
    if (chance(15) && !text.empty()) text[below(text.size())] = "{}[],:\"\\x1 \x01\xFF"[below(13)];
    if (chance(20)) text += pick({" ", "\n", " 1", "]", "\"", "{}"});
    return text;
  }

  Table table() {
    Table table;
    const std::size_t levels = below(4);
    std::vector<std::string> bases{""};
    for (std::size_t i = 0; i < levels; ++i) {
      const std::string path = joined(bases[below(bases.size())], steps(false));
      const bool list = !chance(3);
      const std::string name = fmt::format("i{}", i);
      table.index(name, list ? IndexKind::for_list : IndexKind::for_object, path);
      table.projection.levels.back().counts_objects = chance(4);
      if (needs_tree_ && chance(6)) table.projection.levels.back().strategy = Strategy::take_all;
      table.projection.levels.back().keeps_values = needs_tree_ && chance(2);
      bases.push_back(list || chance(2) ? fmt::format("{}[{{{}}}]", path, name) : fmt::format("{}.{{{}}}", path, name));
    }
    const std::size_t columns = 1 + below(5);
    for (std::size_t i = 0; i < columns; ++i) {
      const auto strategy = static_cast<Strategy>(below(needs_tree_ ? 5 : 4));
      const std::string base = bases[below(bases.size())];
      const std::string path = !base.empty() && chance(5) ? base : joined(base, steps(true));
      constexpr Kind kKinds[] = {Kind::dynamic, Kind::text, Kind::integer, Kind::real, Kind::boolean, Kind::datetime};
      table.column(path, kKinds[below(std::size(kKinds))], strategy);
    }
    return table;
  }

 private:
  static constexpr const char* kLongest =
      "a_name_that_is_longer_than_what_is_remembered_of_keys_by_the_walk_over_bytes";

  static std::string joined(const std::string& base, const std::string& rest) {
    return base.empty() ? rest : rest.starts_with('[') ? base + rest : base + "." + rest;
  }

  std::string steps(bool wildcards) {
    std::string path = step(wildcards);
    while (chance(2)) path = joined(path, step(wildcards));
    return path;
  }

  std::string step(bool wildcards) {
    if (needs_tree_ && chance(6)) return pick({"[-1]", "[0:2]", "(a|b)", "a,b"});
    if (wildcards && chance(6)) return "*";
    if (wildcards && chance(5)) return "[*]";
    if (chance(5)) return fmt::format("[{}]", below(3));
    return pick({"a", "b", "c", "'d e'", "long_name_of_a_member_with_more_than_32_bytes", kLongest});
  }

  std::string blank() { return chance(8) ? pick({" ", "\n", "\t ", "  \r\n"}) : ""; }

  std::string name() {
    return pick({"\"a\"", "\"a\"", "\"b\"", "\"b\"", "\"c\"", "\"d e\"", "\"\\u0061\"", "\"x\"", "\"\"", "\"b\\\"\"",
                 "\"long_name_of_a_member_with_more_than_32_bytes\"",
                 "\"a_name_that_is_longer_than_what_is_remembered_of_keys_by_the_walk_over_bytes\""});
  }

  std::string scalar() {
    return pick({"1",
                 "-7",
                 "12345678",
                 "-12345678.1234567",
                 "0.5",
                 "123456789",
                 "1.12345678",
                 "\"2020-02-29T23:59:58\"",
                 "\"2021-02-29T23:59:58\"",
                 "\"2020-02-29T23:59:58.25+02:00\"",
                 "0",
                 "12345678901234567890",
                 "1.5",
                 "1e400",
                 "-0.0",
                 "true",
                 "false",
                 "null",
                 "\"\"",
                 "\"text\"",
                 "\"\xC3\xA9\xF0\x9F\x98\x80 and more than thirty-two bytes of text\"",
                 "\"\\ud83d\\ude00\"",
                 "\"a\\n\\\"\"",
                 "\"1\"",
                 "01",
                 "1.",
                 "\"\\ud83d\"",
                 "\"\\x\"",
                 "tru",
                 "-",
                 "\"{\""});
  }

  std::string value(int depth) {
    const std::size_t kind = below(depth == 0 ? 3 : depth > 4 ? 1 : 4);
    if (depth > 0 && (kind == 0 || depth > 4)) {
      std::string text = scalar();
      // The malformed ones are rare, or no document would be good.
      while (text.find_first_of("\\") == std::string::npos
                 ? text == "01" || text == "1." || text == "tru" || text == "-"
                 : text == "\"\\ud83d\"" || text == "\"\\x\"") {
        if (chance(12)) break;
        text = scalar();
      }
      return text;
    }
    const bool object = kind != 1;
    std::string text = object ? "{" : "[";
    for (std::size_t i = below(object ? 6 : 5); i > 0; --i) {
      text += blank();
      if (object) text += name() + blank() + ":" + blank();
      text += value(depth + 1) + blank();
      if (i > 1) text += ",";
    }
    return text + (object ? "}" : "]");
  }

  std::mt19937 random_;
  // Some paths are none for a walk.
  bool needs_tree_;
};

std::string both_runs(JsonProgram& program, const Projection& projection, const Payloads& first,
                      const Payloads& second) {
  Extraction extraction(projection);
  program.run(first, extraction);
  program.run(second, extraction);
  return printed(extraction);
}

struct Compared {
  std::size_t fused = 0;
  std::size_t mixed = 0;
  std::size_t refused = 0;
  std::size_t good = 0;
};

Compared compare(bool needs_tree) {
  Compared compared;
  for (std::uint32_t seed = 0; seed < 2000; ++seed) {
    Source source(seed, needs_tree);
    const Table table = source.table();
    const auto compiled = std::make_shared<const CompiledProjection>(table.projection);
    JsonProgram fused(compiled);
    JsonProgram any_order(compiled, JsonProgram::Way::any_order);
    JsonProgram tree(compiled, JsonProgram::Way::tree);
    compared.fused += fused.is_fused() ? 1 : 0;
    compared.mixed += fused.is_mixed() ? 1 : 0;
    std::vector<std::string> documents[2];
    for (auto& some : documents)
      for (std::size_t i = 0; i < 6; ++i) some.push_back(source.document());
    const Payloads first = payloads_of(documents[0]);
    const Payloads second = payloads_of(documents[1]);
    const std::string expected = both_runs(tree, table.projection, first, second);
    Extraction count(table.projection);
    fused.run(first, count);
    compared.refused += count.rejects.size();
    compared.good += count.payloads.size();
    EXPECT_EQ(both_runs(fused, table.projection, first, second), expected)
        << "seed " << seed << "\n"
        << fmt::format("{}\n{}", fmt::join(documents[0], "\n"), fmt::join(documents[1], "\n")) << "\n"
        << fmt::format("{}", fmt::join(JsonExtractor(ExtractorConfig{}).explain(table.projection), "\n"));
    EXPECT_EQ(both_runs(any_order, table.projection, first, second), expected) << "any order, seed " << seed;
    if (::testing::Test::HasFailure()) break;
  }
  return compared;
}

TEST(Fused, EqualsTheTreeOnRandomDocuments) {
  const Compared compared = compare(false);
  EXPECT_GT(compared.fused, 1600u);
  EXPECT_GT(compared.refused, 1000u);
  EXPECT_GT(compared.good, 4000u);
}

TEST(Fused, SharesTheWorkWithTheTreeOnRandomDocuments) {
  const Compared compared = compare(true);
  EXPECT_GT(compared.mixed, 800u);
  EXPECT_GT(compared.refused, 1000u);
  EXPECT_GT(compared.good, 4000u);
}

TEST(Fused, LeavesToTheTreeOnlyWhatNeedsIt) {
  Table table;
  table.index("i", IndexKind::for_list, "a")
      .index("all", IndexKind::from_list, "a[{i}].t")
      .index("below", IndexKind::for_list, "a[{i}].t[{all}].u")
      .column("a[{i}].b")
      .column("a[{i}].t[-1]")
      .column("a[{i}].t.'{all}'")
      .column("id");
  const auto lines = JsonExtractor(ExtractorConfig{}).explain(table.projection);
  EXPECT_EQ(lines[0], "index i: one walk");
  EXPECT_EQ(lines[1], "index all: tree, because of elements as values of a slot");
  EXPECT_TRUE(lines[2].starts_with("index below: tree, because of")) << lines[2];
  EXPECT_EQ(lines[3], "column c0: one walk");
  EXPECT_EQ(lines[4], "column c1: tree, because of a position from the end");
  EXPECT_TRUE(lines[5].starts_with("column c2: tree, because of")) << lines[5];
  EXPECT_EQ(lines[6], "column c3: one walk");
}

std::string session_message(int number) {
  std::string sessions;
  for (int i = 0; i <= number % 8; ++i)
    sessions += fmt::format(
        R"({}{{"id": "s{}-{}", "created_at": "2019-10-01T00:00:{:02}", "device": {{"useragent": "chrome"}}}})",
        i > 0 ? "," : "", number, i, i);
  return fmt::format(R"({{"user": {{"id": "user{}", "last_seen": "2019-11-01T00:00:00", "n": {}}}, "sessions": [{}]}})",
                     number, number, sessions);
}

Table sessions() {
  Table table;
  table.index("s", IndexKind::for_list, "sessions")
      .column("user.id", Kind::text)
      .column("user.n", Kind::integer)
      .column("sessions[{s}].id", Kind::text)
      .column("sessions[{s}].created_at", Kind::text)
      .column("sessions[{s}].device.useragent", Kind::text);
  return table;
}

TEST(Fused, RowsAllocateNothingAfterWarmUp) {
  const Table table = sessions();
  std::vector<std::string> documents;
  for (int i = 0; i < 400; ++i) documents.push_back(session_message(i));
  const Payloads payloads = payloads_of(documents);
  const auto compiled = std::make_shared<const CompiledProjection>(table.projection);
  for (const auto way : {JsonProgram::Way::as_it_suits, JsonProgram::Way::any_order}) {
    JsonProgram program(compiled, way);
    Extraction extraction(table.projection);
    program.run(payloads, extraction);
    const std::size_t before = allocations;
    std::size_t rows = 0;
    while (rows < 100'000) {
      extraction.clear();
      program.run(payloads, extraction);
      rows += extraction.levels[1].count;
    }
    EXPECT_LE(allocations - before, 100u) << rows << " rows";
    EXPECT_TRUE(extraction.rejects.empty());
  }
}

// More keys than are remembered, of all lengths around what is compared at a time, in an order that always changes.
std::string many_members(std::mt19937& random) {
  std::vector<std::string> members;
  for (std::size_t i = 0; i < 40; ++i) {
    const std::size_t key = random() % 400;
    const std::string blanks(random() % 3, ' ');
    members.push_back(fmt::format(R"("{}{}"{}:{}{})", std::string(key % 70, 'k'), key, blanks, blanks, i));
  }
  std::ranges::shuffle(members, random);
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

TEST(Fused, FindsKeysInAnyOrderAndOfAnyLength) {
  Table table;
  for (const std::size_t key : {1, 7, 30, 31, 32, 62, 63, 64, 69, 139})
    table.column(fmt::format("'{}{}'", std::string(key % 70, 'k'), key));
  std::mt19937 random(5);
  std::vector<std::string> documents;
  for (int i = 0; i < 2000; ++i) documents.push_back(many_members(random));
  const Payloads payloads = payloads_of(documents);
  const auto compiled = std::make_shared<const CompiledProjection>(table.projection);
  JsonProgram fused(compiled);
  JsonProgram any_order(compiled, JsonProgram::Way::any_order);
  JsonProgram tree(compiled, JsonProgram::Way::tree);
  EXPECT_TRUE(fused.is_fused());
  const std::string expected = both_runs(tree, table.projection, payloads, payloads);
  EXPECT_EQ(both_runs(fused, table.projection, payloads, payloads), expected);
  EXPECT_EQ(both_runs(any_order, table.projection, payloads, payloads), expected);
}

// Objects of which nothing is wanted, in more places than are remembered, some of them malformed.
std::string nested_members(std::mt19937& random, int depth) {
  std::string text = "{";
  for (std::size_t i = random() % 5; i > 0; --i) {
    const std::string value =
        depth < 4 && random() % 2 == 0 ? nested_members(random, depth + 1) : "[0, {\"z\": -1.5e3}]";
    text += fmt::format(R"("{}": {}{})", random() % 40, value, i > 1 ? "," : "");
  }
  if (random() % 200 == 0) text += random() % 2 == 0 ? "," : R"("x":)";
  return text + "}";
}

TEST(Fused, ChecksObjectsOfWhichNothingIsWanted) {
  Table table;
  table.column("wanted");
  std::mt19937 random(7);
  std::vector<std::string> documents;
  for (int i = 0; i < 3000; ++i)
    documents.push_back(fmt::format(R"({{"k{}": {}, "wanted": {}}})", random() % 300, nested_members(random, 0), i));
  const Payloads payloads = payloads_of(documents);
  const auto compiled = std::make_shared<const CompiledProjection>(table.projection);
  JsonProgram fused(compiled);
  JsonProgram any_order(compiled, JsonProgram::Way::any_order);
  JsonProgram tree(compiled, JsonProgram::Way::tree);
  const std::string expected = both_runs(tree, table.projection, payloads, payloads);
  EXPECT_EQ(both_runs(fused, table.projection, payloads, payloads), expected);
  EXPECT_EQ(both_runs(any_order, table.projection, payloads, payloads), expected);
}

TEST(Fused, ExplainsWhichPathsNeedTheTree) {
  Table table;
  table.index("i", IndexKind::for_list, "a").column("a[{i}].b").column("$..x").column("c[-1]");
  const auto lines = JsonExtractor(ExtractorConfig{}).explain(table.projection);
  EXPECT_EQ(fmt::format("{}", fmt::join(lines, "; ")),
            "index i: one walk; column c0: one walk; column c1: tree, because of descendants; "
            "column c2: tree, because of a position from the end");
  Table below;
  below.index("i", IndexKind::for_list, "a[-1]").index("j", IndexKind::for_list, "a[-1][{i}].b");
  below.column("a[-1][{i}].b[{j}].c").column("a[-1][{i}].d").column("e");
  const auto rest = JsonExtractor(ExtractorConfig{}).explain(below.projection);
  EXPECT_EQ(fmt::format("{}", fmt::join(rest, "; ")),
            "index i: tree, because of a position from the end; index j: tree, because of index i around it; "
            "column c0: tree, because of index j around it; column c1: tree, because of index i around it; "
            "column c2: one walk");
}

TEST(Fused, SeparatorKeepsNeighboursApartAtEveryOffset) {
  Table table;
  table.column("a");
  for (std::size_t size = 0; size < 140; ++size) {
    const std::string filler(size, ' ');
    const std::vector<std::string> documents = {
        R"({"a": 1})", filler + R"({"a": [1,)", "2]}",         filler + R"({"a": "x)",
        R"(y"})",      filler + R"({"a": 3)",   R"({"a": 4})", filler + R"({"a": "\)"};
    Extraction extraction(table.projection);
    program_of(table.projection)->run(payloads_of(documents), extraction);
    ASSERT_EQ(fmt::format("{}", fmt::join(extraction.payloads, " ")), "0 6") << size;
    ASSERT_EQ(extraction.rejects.size(), 6u);
    // Without the text that is not closed the whole arena is read at once.
    Extraction whole(table.projection);
    program_of(table.projection)
        ->run(payloads_of({documents[0], documents[1], documents[2], documents[5], documents[6]}), whole);
    ASSERT_EQ(fmt::format("{}", fmt::join(whole.payloads, " ")), "0 4") << size;
  }
}

}  // namespace
}  // namespace batchout::json::test
