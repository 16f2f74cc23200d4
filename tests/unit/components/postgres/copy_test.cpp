// The bytes of COPY, and the statements around them.

#include "components/postgres/copy.h"

#include <gtest/gtest.h>

#include "../harness.h"
#include "components/postgres/identifier.h"
#include "components/postgres/merge.h"

namespace batchout::postgres {
namespace {

using testing::block_of;
using testing::boolean;
using testing::integer;
using testing::null;
using testing::text;

TargetColumn column(std::string name, Family family) {
  TargetColumn made;
  made.name = std::move(name);
  made.family = family;
  made.builtin = made.plain_equality = family != Family::other;
  return made;
}

std::string encoded(const Block& block, std::vector<CopyEncoder::Field> fields, bool numbered = false,
                    bool absent = false) {
  for (std::size_t i = 0; i < fields.size(); ++i) fields[i].source = i;
  CopyEncoder encoder(std::move(fields), {numbered, absent});
  std::string out;
  encoder.start(block, out);
  for (std::size_t row = 0; row < block.rows(); ++row) (void)encoder.append_row(row, {.sequence = 258}, out);
  encoder.end(out);
  return out;
}

TEST(CopyText, EscapesWhatHasAMeaning) {
  const TargetColumn a = column("a", Family::other), b = column("b", Family::boolean);
  const Block block = block_of({{"a", Kind::text}, {"b", Kind::boolean}},
                               {{text("tab\t line\n return\r back\\ \b\v\f end"), boolean(true)},
                                {text("\\."), null()},
                                {text(""), boolean(false)}});
  EXPECT_EQ(encoded(block, {{&a}, {&b}}),
            "tab\\t line\\n return\\r back\\\\ \\b\\v\\f end\tt\n"
            "\\\\.\t\\N\n"
            "\tf\n");
}

TEST(CopyBinary, WritesLengthsAndNetworkOrder) {
  const TargetColumn a = column("a", Family::int4), b = column("b", Family::text), c = column("c", Family::jsonb);
  const Block block = block_of({{"a", Kind::integer}, {"b", Kind::text}, {"c", Kind::json}},
                               {{integer(-2), text("hi"), null()}, {null(), null(), text("[]", Tag::json)}});
  const std::string_view expected{
      "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
      "\0\4\0\0\0\4\377\377\377\376\0\0\0\2hi\377\377\377\377\0\0\0\10\0\0\0\0\0\0\1\2"
      "\0\4\377\377\377\377\377\377\377\377\0\0\0\3\1[]\0\0\0\10\0\0\0\0\0\0\1\2"
      "\377\377",
      19 + 2 + 8 + 6 + 4 + 12 + 2 + 4 + 4 + 7 + 12 + 2};
  EXPECT_EQ(encoded(block, {{&a}, {&b}, {&c}}, true), expected);
}

TEST(CopyEncoder, LeavesNothingOfARefusedRow) {
  const TargetColumn a = column("a", Family::text), b = column("b", Family::int2);
  const Block block = block_of({{"a", Kind::text}, {"b", Kind::integer}},
                               {{text("x"), integer(70'000)}, {null(), integer(1)}, {text("y"), integer(2)}});
  CopyEncoder encoder({{&a, 0, true}, {&b, 1}}, {});
  std::string out;
  EXPECT_EQ(encoder.start(block, out), Format::binary);
  const std::string before = out;
  const auto range = encoder.append_row(0, {.sequence = 1}, out);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->column, 1u);
  EXPECT_EQ(range->refusal, Refusal::range);
  EXPECT_FALSE(range->key);
  const auto key = encoder.append_row(1, {.sequence = 2}, out);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->column, 0u);
  EXPECT_TRUE(key->key);
  EXPECT_EQ(out, before);
  EXPECT_FALSE(encoder.append_row(2, {.sequence = 3}, out));
}

TEST(Identifier, IsQuotedOrRefused) {
  EXPECT_EQ(qualified("my schema", "a\"b"), "\"my schema\".\"a\"\"b\"");
  EXPECT_FALSE(valid_identifier(""));
  EXPECT_FALSE(valid_identifier(std::string_view("a\0b", 3)));
  EXPECT_TRUE(valid_identifier(std::string(63, 'x')));
  EXPECT_FALSE(valid_identifier(std::string(64, 'x')));
}

TEST(Merge, WritesOneStatementThatChangesOnlyWhatDiffers) {
  Target target;
  target.schema = "public";
  target.table = "t";
  target.columns = {column("k", Family::int4), column("v", Family::text), column("j", Family::other)};
  target.columns[2].plain_equality = false;
  Merge merge;
  merge.target = &target;
  for (const TargetColumn& each : target.columns) merge.columns.push_back({&each});
  merge.keys = {&target.columns[0]};
  merge.stage = "s";
  merge.sequence = "n";
  EXPECT_EQ(merge_sql(merge, {.first = 5, .last = 9}),
            "INSERT INTO \"public\".\"t\" AS t (\"k\", \"v\", \"j\") SELECT s.\"k\", s.\"v\", s.\"j\" FROM "
            "(SELECT DISTINCT ON (\"k\") \"k\", \"v\", \"j\" FROM \"pg_temp\".\"s\" WHERE \"n\" >= 5 AND \"n\" < 9 "
            "ORDER BY \"k\", \"n\" DESC) AS s "
            "WHERE NOT EXISTS (SELECT FROM \"public\".\"t\" AS t WHERE t.\"k\" OPERATOR(pg_catalog.=) s.\"k\" AND NOT "
            "(ROW(t.\"v\", (t.\"j\")::pg_catalog.text COLLATE pg_catalog.\"C\") IS DISTINCT FROM ROW(s.\"v\", "
            "(s.\"j\")::pg_catalog.text COLLATE pg_catalog.\"C\"))) "
            "ORDER BY s.\"k\" "
            "ON CONFLICT (\"k\") DO UPDATE SET \"v\" = excluded.\"v\", \"j\" = excluded.\"j\" "
            "WHERE ROW(t.\"v\", (t.\"j\")::pg_catalog.text COLLATE pg_catalog.\"C\") IS DISTINCT FROM "
            "ROW(excluded.\"v\", (excluded.\"j\")::pg_catalog.text COLLATE pg_catalog.\"C\")");
  merge.keys = {&target.columns[0], &target.columns[1], &target.columns[2]};
  EXPECT_TRUE(merge_sql(merge, {.first = 0, .last = 1}).ends_with("ON CONFLICT (\"k\", \"v\", \"j\") DO NOTHING"));
  EXPECT_EQ(copy_sql(merge, true), "COPY \"pg_temp\".\"s\" (\"k\", \"v\", \"j\", \"n\") FROM STDIN (FORMAT binary)");
}

}  // namespace
}  // namespace batchout::postgres
