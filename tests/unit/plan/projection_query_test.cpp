// Which queries are plain projections.

#include "plan/projection_query.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

std::string shown(std::string_view sql) {
  const auto query = parse_projection_query(sql);
  if (!query) return "no";
  std::string out;
  for (const auto& item : query->items) out += (item.star ? "*" : item.column) + ",";
  return out + " from " + query->table;
}

TEST(ProjectionQuery, RecognisesPlainProjections) {
  EXPECT_EQ(shown("select a, b from t"), "a,b, from t");
  EXPECT_EQ(shown("SELECT a AS x, b y FROM t;"), "a,b, from t");
  EXPECT_EQ(shown("select * from t"), "*, from t");
  EXPECT_EQ(shown("select t.a, t.* from t"), "a,*, from t");
  EXPECT_EQ(shown("select r.a from t as r"), "a, from t");
  EXPECT_EQ(shown("select \"a b\", `c`, [d] from \"t\"\"x\""), "a b,c,d, from t\"x");
  EXPECT_EQ(shown("select a -- first\n, /* then */ b\nfrom t -- end"), "a,b, from t");
}

TEST(ProjectionQuery, LeavesEverythingElseToSql) {
  for (const char* sql : {"select a from t where b",
                          "select distinct a from t",
                          "select a+1 from t",
                          "select 'a' from t",
                          "select 1 from t",
                          "select count(*) from t",
                          "select a from t, u",
                          "select a from t join u",
                          "select a from t order by a",
                          "select a from t limit 1",
                          "select a from t; select b from t",
                          "select a",
                          "select from t",
                          "",
                          "select a from (t)",
                          "select x.a from t",
                          "select \"a from t",
                          "select a from t union select b from t",
                          "insert into t values (1)",
                          "select case from t",
                          "select a b c from t",
                          "select a as b c from t"})
    EXPECT_EQ(shown(sql), "no") << sql;
}

}  // namespace
}  // namespace batchout
