// Paths over the document tree, as jsonpath_rw finds them.

#include <gtest/gtest.h>

#include "table.h"

namespace batchout::json::test {
namespace {

constexpr const char* kStore = R"({"store": {"book": [{"t": "A", "p": 8.95, "isbn": "1"}, {"t": "B", "p": 12.5},
 {"t": "C", "p": 22.99, "isbn": "3", "tags": ["x", "y"]}], "bike": {"color": "red", "p": 19.95}},
 "num": 5, "str": "h\u00e9llo", "x y": 1, "u.v": 2, "q'q": 3, "null": null, "o": {"a": "first", "b": [1], "c": "last"}})";

struct Found {
  const char* path;
  const char* all;  // Of take_all; "-" if nothing matches.
};

TEST(Tree, FindsWhatThePathLanguageSays) {
  const Found cases[] = {
      {"$.num", "[5]"},
      {"num", "[5]"},
      {"store.book[0].t", R"(["A"])"},
      {"store.book[-1].t", R"(["C"])"},
      {"store.book[1:].t", R"(["B","C"])"},
      {"store.book[:1].t", R"(["A"])"},
      {"store.book[-2:].t", R"(["B","C"])"},
      {"store.book[5:].t", "-"},
      {"store.book[*].t", R"(["A","B","C"])"},
      {"store.book[9].t", "-"},
      {"store.book[-9].t", "-"},
      {"store . book [1] . t", R"(["B"])"},
      {"$..isbn", R"(["1","3"])"},
      {"$..p", "[8.95,12.5,22.99,19.95]"},
      {"store..t", R"(["A","B","C"])"},
      {"$..book[1].t", R"(["B"])"},
      {"$..tags[*]", R"(["x","y"])"},
      {"store.book[*].isbn.`parent`.t", R"(["A","C"])"},
      {"store.book[0].`parent`.`parent`.bike.color", R"(["red"])"},
      {"num.`this`", "[5]"},
      {"`parent`", "-"},
      {"'x y'", "[1]"},
      {"$[\"u.v\"]", "[2]"},
      {"$['q\\'q']", "[3]"},
      {"(nope) | (num)", "[5]"},
      {"(store.book[5].t) | (store.book[1].t)", R"(["B"])"},
      {"(num) | (str)", "[5,\"h\\u00e9llo\"]"},
      {"o.*", R"(["first",[1],"last"])"},
      {"o.c,a,zz", R"(["last","first"])"},
      {"store.book.*", "-"},
      {"(store.book[*] where isbn).t", R"(["A","C"])"},
      {"store.book[*] where (tags[1])", R"([{"t": "C", "p": 22.99, "isbn": "3", "tags": ["x", "y"]}])"},
      {"store.$.num", "[5]"},
      {"nope.$.num", "-"},
      {"store.bike[*].color", R"(["red"])"},
      {"num[*]", "[5]"},
      {"null", "[null]"},
      {"null[*]", "-"},
      {"store.book[0].p[*]", "-"},
      {"str[0]", R"(["h"])"},
      {"str[1]", "[\"\xC3\xA9\"]"},
      {"str[-1]", R"(["o"])"},
      {"str[9]", "-"},
      {"num.x", "-"},
      {"num[0]", "-"},
      {"o[0]", "-"},
  };
  for (const auto& [path, all] : cases) {
    Table table;
    table.column(path, Kind::dynamic, Strategy::take_all);
    EXPECT_EQ(cells(table, kStore), all) << path;
  }
}

TEST(Tree, StrategiesPickAmongMatches) {
  const auto by = [](Strategy strategy, const std::string& document) {
    Table table;
    table.column("$..v", Kind::dynamic, strategy);
    return cells(table, document);
  };
  const std::string list = R"([{"v": null}, {"v": "a"}, {"v": "b"}, {"v": null}])";
  EXPECT_EQ(by(Strategy::take_first, list), "null");
  EXPECT_EQ(by(Strategy::take_first_not_null, list), "'a'");
  EXPECT_EQ(by(Strategy::take_last, list), "null");
  EXPECT_EQ(by(Strategy::take_last_not_null, list), "'b'");
  EXPECT_EQ(by(Strategy::take_first_not_null, R"([{"v": null}])"), "-");
}

TEST(Tree, LastDuplicateWinsAtThePlaceOfTheFirst) {
  Table table;
  table.column("o.*", Kind::dynamic, Strategy::take_all);
  EXPECT_EQ(cells(table, R"({"o": {"a": 1}, "o": {"a": 1, "b": 2, "\u0061": [3]}})"), "[[3],2]");
  std::string many = R"({"o": {)";
  for (int i = 0; i < 40; ++i) many += fmt::format(R"("k{}": {}, )", i % 20, i);
  Table last;
  last.column("o.k19").column("o.*");
  EXPECT_EQ(cells(last, many + R"("z": 0}})"), "39");
  EXPECT_NE(extracted(last.projection, {many + R"("z": 0}})"}).find("column 1: 20 "), std::string::npos);
}

TEST(Tree, SlotsAreInsertedAsData) {
  Table keys;
  keys.index("k", IndexKind::from_list, "keys").column("m.{k}");
  EXPECT_EQ(
      cells(keys, R"({"keys": ["a.b", "'", "*", "x", "x", null, [1], 5], "m": {"a.b": 1, "'": 2, "x": 3, "5": 4}})"),
      "1 2 - 3 3 - - 4");
  Table positions;
  positions.index("n", IndexKind::from_list, "order").column("pool[{n}]");
  EXPECT_EQ(cells(positions, R"({"order": [2, 0, -1, "1", 9], "pool": ["a", "b", "c"]})"), "'c' 'a' 'c' 'b' -");
  Table format;
  format.index("i", IndexKind::for_list, "n").column("slots.'s{i:02d}'");
  EXPECT_EQ(cells(format, R"({"n": [1, 1], "slots": {"s00": "zero", "s01": "one"}})"), "'zero' 'one'");
}

TEST(Tree, LevelsNestAndRepeat) {
  Table table;
  table.index("i", IndexKind::for_list, "a")
      .index("j", IndexKind::for_object, "a[{i}].m")
      .index("k", IndexKind::from_list, "tags")
      .column("id")
      .column("a[{i}].n")
      .column("a[{i}].m.{j}.v")
      .column("names.{k}");
  EXPECT_EQ(extracted(table.projection, {R"({"id": 1, "a": [{"n": 1, "m": {"x": {"v": 1}, "y": {}}}, {"m": 5}, 7],
                                            "tags": ["p", "q"], "names": {"q": "Q"}})",
                                         "{", R"({"a": {}})"}),
            "payloads 0 2\n"
            "level 0: 2 []\nlevel 1: 3 [0 3 3]\nlevel 2: 2 [0 2 2 2]\nlevel 3: 2 [0 2 2]\n"
            "column 0: 1 - failed 0\ncolumn 1: 1 - - failed 0\ncolumn 2: 1 - failed 0\ncolumn 3: - 'Q' failed 0\n"
            "1: BO401 the document is cut off, at byte 1\n");
}

TEST(Tree, ForListCountsMembersOnlyWhereTheDialectDoes) {
  Table table;
  table.index("i", IndexKind::for_list, "l").column("l[{i}]");
  EXPECT_EQ(cells(table, R"({"l": {"a": 1, "b": 2}})"), "");
  table.projection.levels[1].counts_objects = true;
  EXPECT_EQ(cells(table, R"({"l": {"a": 1, "b": 2}})"), "- -");
  EXPECT_EQ(cells(table, R"({"l": "text"})"), "");
  EXPECT_EQ(cells(table, R"({"l": [1, 2]})"), "1 2");
}

TEST(Tree, PathsThatExplodeAreStopped) {
  std::string document = "0";
  for (int i = 0; i < 100; ++i) document = "[" + document + "]";
  Table table;
  table.column("$..*..*..*..[*]..[*]..[*]..[*]..[*]..[*]", Kind::dynamic, Strategy::take_last)
      .column("$..[*]..[*]..[*]..[*]..[*]..[*]..[*]", Kind::dynamic, Strategy::take_last);
  EXPECT_EQ(cells(table, document), "BO408");
}

}  // namespace
}  // namespace batchout::json::test
