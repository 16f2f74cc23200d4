// Rules of upserts: whatever the batches, the table is what one row after the other would have made of it.

#include <algorithm>
#include <map>
#include <optional>

#include "base/random.h"
#include "integration/postgres/server.h"

namespace batchout::postgres {
namespace {

using Rules = PostgresTest;
using Text = std::optional<std::string>;

Cell absent() {
  return Cell{};
}

struct Column {
  std::string name, type;
  Kind kind;
  MergeRule rule = MergeRule::overwrite;
  std::string otherwise{};  ///< Of a row in which it is absent.
  bool not_null = false;
  bool stored = true;
};

/// One value of a row; absent and null are told apart.
struct Given {
  bool absent = false;
  Text value;
};

using Row = std::vector<Given>;  ///< In the order of the columns; the key is the first one.

std::string sum(const std::string& a, const std::string& b) {
  return std::to_string(std::stoll(a) + std::stoll(b));
}

/// What one row after the other makes of a table; slow and plain.
class Model {
 public:
  Model(std::vector<Column> columns, std::optional<std::size_t> version, bool keeps_absent)
      : columns_(std::move(columns)), version_(version), keeps_absent_(keeps_absent) {}

  /// `row` may have a last value that is not stored.
  void take(const Row& row, bool removes) {
    if (removes) {
      const auto found = table_.find(*row[0].value);
      if (found != table_.end() && !older(row, found->second)) table_.erase(found);
      return;
    }
    const auto [found, added] = table_.try_emplace(*row[0].value);
    std::vector<Text>& stored = found->second;
    if (added) {
      for (std::size_t i = 0; i < columns_.size(); ++i) stored.push_back(first(columns_[i], row[i]));
      return;
    }
    if (older(row, stored)) return;
    for (std::size_t i = 1; i < columns_.size(); ++i)
      if (!(keeps_absent_ && row[i].absent)) stored[i] = merged(columns_[i], stored[i], row[i].value);
  }

  std::string text() const {
    std::string out;
    for (const auto& [key, row] : table_) {
      if (!out.empty()) out += '\n';
      for (std::size_t i = 0; i < row.size(); ++i) out += (i > 0 ? "|" : "") + row[i].value_or("NULL");
    }
    return out;
  }

 private:
  bool older(const Row& row, const std::vector<Text>& stored) const {
    return version_ && std::stoll(*row[*version_].value) < std::stoll(*stored[*version_]);
  }

  Text first(const Column& column, const Given& given) const {
    const bool filled = column.rule == MergeRule::overwrite || column.rule == MergeRule::keep;
    if (keeps_absent_ && given.absent && filled && !column.otherwise.empty()) return column.otherwise;
    return given.value;
  }

  static Text merged(const Column& column, const Text& old_value, const Text& new_value) {
    if (column.rule == MergeRule::overwrite) return new_value;
    if (column.rule == MergeRule::keep) return old_value;
    if (!new_value || !old_value) return new_value ? new_value : old_value;
    const bool less =
        column.kind == Kind::integer ? std::stoll(*old_value) < std::stoll(*new_value) : *old_value < *new_value;
    switch (column.rule) {
      case MergeRule::add:
        return sum(*old_value, *new_value);
      case MergeRule::max:
        return less ? new_value : old_value;
      case MergeRule::min:
        return less ? old_value : new_value;
      case MergeRule::append:
        if (column.type == "text") return *old_value + *new_value;
        if (column.type == "jsonb") return old_value->substr(0, old_value->size() - 1) + ", " + new_value->substr(1);
        return old_value->substr(0, old_value->size() - 1) + "," + new_value->substr(1);
      default:
        return new_value;
    }
  }

  std::vector<Column> columns_;
  std::optional<std::size_t> version_;
  bool keeps_absent_;
  std::map<std::string, std::vector<Text>> table_;
};

struct Case {
  std::vector<Column> columns;
  Config config;
  std::optional<std::size_t> version;
};

std::vector<Column> columns_for(Random& random, bool versioned, bool keeps_absent) {
  std::vector<Column> columns{{"id", "int", Kind::integer}, {"o", "text", Kind::text}};
  const auto maybe = [&](Column column) {
    if (random.chance(2, 3)) columns.push_back(std::move(column));
  };
  maybe({"k \"1\"", "int", Kind::integer, MergeRule::keep, "7"});
  maybe({"c", "varchar(40)", Kind::text, MergeRule::coalesce});
  maybe({"hi", "int", Kind::integer, MergeRule::max});
  maybe({"lo", "text COLLATE \"C\"", Kind::text, MergeRule::min});
  maybe({"d", "text", Kind::text, MergeRule::overwrite, "given"});
  if (keeps_absent) maybe({"must", "int", Kind::integer, MergeRule::overwrite, "5", true});
  if (random.chance(1, 3)) columns.push_back({"l", "text[]", Kind::text});
  if (versioned) return columns;
  maybe({"a", "bigint", Kind::integer, MergeRule::add});
  maybe({"n", "numeric(12,0)", Kind::integer, MergeRule::add, "3"});
  maybe({"p", "text", Kind::text, MergeRule::append});
  if (random.chance(1, 4)) columns.push_back({"j", "jsonb", Kind::json, MergeRule::append});
  if (random.chance(1, 4)) columns.push_back({"tags", "text[]", Kind::text, MergeRule::append});
  return columns;
}

Case random_case(Random& random) {
  Case made;
  made.config = settings("t", WriteMode::upsert, {"id"});
  const bool versioned = random.chance(1, 3);
  made.config.absent = random.chance(1, 2) ? AbsentCells::keep : AbsentCells::null;
  made.config.skip_unchanged = random.chance(1, 2);
  made.columns = columns_for(random, versioned, made.config.absent == AbsentCells::keep);
  if (versioned) {
    made.version = made.columns.size();
    made.columns.push_back({"v", "int", Kind::integer});
    made.config.version_column = "v";
  }
  if (random.chance(1, 3)) {
    made.columns.push_back({"op", "text", Kind::text});
    made.columns.back().stored = random.chance(1, 2);
    made.config.delete_when["op"] = {Node("a"), Node("b")};
  }
  std::string sql = "DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(";
  for (const Column& column : made.columns) {
    if (!column.stored) continue;
    if (column.rule != MergeRule::overwrite || random.chance(1, 4))
      if (column.name != "id" && column.name != "v") made.config.rules[column.name] = column.rule;
    std::string name = "\"" + column.name + "\"";
    if (column.name.contains('"')) name = "\"k \"\"1\"\"\"";
    sql += (column.name == "id" ? "" : ", ") + name + " " + column.type;
    if (!column.otherwise.empty()) sql += " DEFAULT '" + column.otherwise + "'";
    if (column.not_null) sql += " NOT NULL";
  }
  execute(sql + (random.chance(2, 3) ? ", PRIMARY KEY (id))" : ")"));
  return made;
}

Row random_row(Random& random, const Case& made) {
  Row row;
  for (const Column& column : made.columns) {
    Given given;
    const bool always = column.name == "id" || column.name == "v";
    const auto letter = [&] { return std::string(1, static_cast<char>('a' + random.below(5))); };
    if (!always && random.chance(1, 4)) {
      given.absent = true;
    } else if (!always && !column.not_null && random.chance(1, 4)) {
      given.absent = false;
    } else if (column.type.ends_with("[]")) {
      given.value = "{" + letter() + "}";
    } else if (column.kind == Kind::json) {
      given.value = "[" + std::to_string(random.below(9)) + "]";
    } else {
      given.value = column.kind == Kind::integer ? std::to_string(random.below(column.name == "id" ? 5 : 9)) : letter();
    }
    row.push_back(std::move(given));
  }
  return row;
}

Block block_from(const Case& made, const std::vector<Row>& rows) {
  std::vector<std::pair<std::string, Kind>> shape;
  for (const Column& column : made.columns) shape.emplace_back(column.name, column.kind);
  std::vector<std::vector<Cell>> cells;
  for (const Row& row : rows) {
    std::vector<Cell>& line = cells.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].absent)
        line.push_back(absent());
      else if (!row[i].value)
        line.push_back(null());
      else if (made.columns[i].kind == Kind::integer)
        line.push_back(integer(std::stoll(*row[i].value)));
      else
        line.push_back(text(*row[i].value, made.columns[i].kind == Kind::json ? Tag::json : Tag::text));
    }
  }
  return block_of(shape, cells);
}

bool removes(const Case& made, const Row& row) {
  const Text& last = row.back().value;
  return made.columns.back().name == "op" && (last == "a" || last == "b");
}

TEST_F(Rules, WhateverTheBatchesTheTableIsThatOfOneRowAfterTheOther) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    const Case made = random_case(random);
    std::vector<Column> stored = made.columns;
    std::erase_if(stored, [](const Column& column) { return !column.stored; });
    Model model(stored, made.version, made.config.absent == AbsentCells::keep);
    Writer writer(made.config);
    for (std::uint64_t left = 1 + random.below(6); left > 0; --left) {
      std::vector<Block> blocks;
      for (std::uint64_t more = 1 + random.below(2); more > 0; --more) {
        std::vector<Row> rows;
        for (std::uint64_t count = random.below(14); count > 0; --count) {
          rows.push_back(random_row(random, made));
          model.take(rows.back(), removes(made, rows.back()));
        }
        blocks.push_back(block_from(made, rows));
      }
      ASSERT_EQ(writer.batch(blocks), "") << "seed " << seed;
      ASSERT_TRUE(writer.rejects.empty()) << "seed " << seed << ": " << writer.rejects[0].message;
    }
    ASSERT_EQ(table("SELECT * FROM output_test.t ORDER BY id"), model.text()) << "seed " << seed;
  }
}

/// Rows of several payloads: an order each, with its items and a value for each of them; without an item it is empty.
struct List {
  int order = 0;
  std::vector<std::pair<int, int>> items;
};

// As an index with `outer` makes them: an empty list is a row of the payload without an entry of the index.
Block block_of_lists(const std::vector<List>& lists) {
  auto shape = std::make_shared<TableShape>();
  shape->columns.push_back({"order", Kind::integer, nullptr, kPayloadLevel, true});
  for (const char* name : {"item", "v"}) shape->columns.push_back({name, Kind::integer, nullptr, 1, true});
  shape->levels = 2;
  auto values = std::make_shared<Values>();
  values->columns.resize(3);
  std::vector<std::uint32_t> payloads, entries;
  for (const List& list : lists) {
    const auto payload = static_cast<std::uint32_t>(values->positions.size());
    values->units.push_back(UnitId{7});
    values->positions.push_back(payload);
    values->columns[0].append(integer(list.order));
    for (const auto& [item, value] : list.items) {
      payloads.push_back(payload);
      entries.push_back(static_cast<std::uint32_t>(values->columns[1].size()));
      values->columns[1].append(integer(item));
      values->columns[2].append(integer(value));
    }
    if (!list.items.empty()) continue;
    payloads.push_back(payload);
    entries.push_back(Block::kNone);
  }
  return Block(std::move(shape), std::move(values), {std::move(payloads), std::move(entries)});
}

/// By item: order and value.
using Items = std::map<int, std::pair<int, int>>;

std::string text_of(const Items& items) {
  std::string out;
  for (const auto& [item, rest] : items)
    out += (out.empty() ? "" : "\n") + std::to_string(rest.first) + "|" + std::to_string(item) + "|" +
           std::to_string(rest.second);
  return out;
}

TEST_F(Rules, AListThatComesReplacesTheOneThatIsThere) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    // With an index on the keys or without, which may have the order in them.
    const bool by_both = random.chance(1, 2);
    execute("DROP TABLE IF EXISTS output_test.t; CREATE TABLE output_test.t(\"order\" int, item int, v int" +
            std::string(random.chance(2, 3) ? (by_both ? ", PRIMARY KEY (\"order\", item))" : ", PRIMARY KEY (item))")
                                            : ")"));
    Config config = settings("t", WriteMode::upsert, {"item"});
    if (by_both) config.keys = {"order", "item"};
    config.replace_within = {"order"};
    Writer writer(config);
    Items model;
    for (int batch = 0; batch < 4; ++batch) {
      std::vector<Block> blocks;
      for (std::uint64_t more = 1 + random.below(2); more > 0; --more) {
        std::vector<List> lists;
        for (std::uint64_t count = random.below(6); count > 0; --count) {
          List& list = lists.emplace_back();
          list.order = static_cast<int>(random.below(4));
          std::erase_if(model, [&](const auto& item) { return item.second.first == list.order; });
          for (std::uint64_t items = random.below(4); items > 0; --items) {
            // Items of their own where the order is a part of the keys.
            const int item = static_cast<int>(random.below(5)) + (by_both ? 10 * list.order : 0);
            list.items.emplace_back(item, static_cast<int>(random.below(3)));
            model[item] = {list.order, list.items.back().second};
          }
        }
        blocks.push_back(block_of_lists(lists));
      }
      ASSERT_EQ(writer.batch(blocks), "") << "seed " << seed;
      ASSERT_TRUE(writer.rejects.empty()) << "seed " << seed << ": " << writer.rejects[0].message;
      ASSERT_EQ(table("SELECT * FROM output_test.t ORDER BY item"), text_of(model)) << "seed " << seed;
    }
  }
}

TEST_F(Rules, ItemsThatStayAreNotTouchedAndRefusedOnesStay) {
  execute("CREATE TABLE output_test.t(\"order\" int, item int PRIMARY KEY, v smallint CHECK (v <> 13))");
  Config config = settings("t", WriteMode::upsert, {"item"});
  config.replace_within = {"order"};
  Writer writer(config);
  EXPECT_EQ(writer.batch({block_of_lists({{1, {{1, 1}, {2, 2}, {3, 3}, {4, 4}}}})}), "");
  const std::string before = table("SELECT xmin, xmax FROM output_test.t WHERE item = 1");
  // One value is beyond its column, which we see, and one only the server refuses.
  EXPECT_EQ(writer.batch({block_of_lists({{1, {{1, 1}, {2, 70'000}, {3, 13}}}})}), "");
  EXPECT_EQ(writer.rejects.size(), 2u);
  EXPECT_EQ(table("SELECT item, v FROM output_test.t ORDER BY item"), "1|1\n2|2\n3|3");
  EXPECT_EQ(table("SELECT xmin, xmax FROM output_test.t WHERE item = 1"), before);
}

TEST_F(Rules, ADeletionThatTheServerRefusesCostsItself) {
  execute(
      "CREATE TABLE output_test.t(id int PRIMARY KEY, v text); INSERT INTO output_test.t SELECT generate_series(1, 20);"
      "CREATE TABLE output_test.other(id int REFERENCES output_test.t); INSERT INTO output_test.other VALUES (7), (9)");
  Config config = settings("t", WriteMode::upsert, {"id"});
  config.delete_when["op"] = {Node("d")};
  Writer writer(config);
  std::vector<std::vector<Cell>> cells;
  for (int id = 1; id <= 20; ++id) cells.push_back({integer(id), null(), text("d")});
  EXPECT_EQ(writer.batch({block_of({{"id", Kind::integer}, {"v", Kind::text}, {"op", Kind::text}}, cells)}), "");
  EXPECT_EQ(writer.rejects.size(), 2u);
  EXPECT_EQ(table("SELECT id FROM output_test.t ORDER BY id"), "7\n9");
}

}  // namespace
}  // namespace batchout::postgres
