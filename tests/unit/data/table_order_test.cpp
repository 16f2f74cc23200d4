// The order of tables: parents first, and otherwise nothing changes.

#include "data/table_order.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

using Order = std::vector<std::size_t>;

TableName name(const char* table) {
  return {"public", table};
}

TEST(TableOrder, StaysAsItIsDeclaredWithoutForeignKeys) {
  EXPECT_EQ(parents_first({name("c"), name("a"), name("b")}, {}), (Order{0, 1, 2}));
  EXPECT_EQ(parents_first({}, {}), Order{});
  // Of the same name in another schema.
  EXPECT_EQ(parents_first({name("c"), name("a")}, {{name("c"), {"other", "a"}}}), (Order{0, 1}));
}

TEST(TableOrder, ParentsComeBeforeChildren) {
  const References references{{name("taxes"), name("items")}, {name("items"), name("orders")}};
  EXPECT_EQ(parents_first({name("taxes"), name("x"), name("items"), name("orders")}, references), (Order{1, 3, 2, 0}));
  EXPECT_EQ(parents_first({name("orders"), name("items"), name("taxes")}, references), (Order{0, 1, 2}));
  // Written by two outputs; a table in between is not written.
  EXPECT_EQ(parents_first({name("items"), name("orders"), name("items")}, references), (Order{1, 0, 2}));
  EXPECT_EQ(parents_first({name("taxes"), name("orders")}, references), (Order{0, 1}));
}

TEST(TableOrder, CirclesStayAsTheyAreDeclared) {
  const References circle{{name("a"), name("b")}, {name("b"), name("a")}, {name("c"), name("b")}};
  EXPECT_EQ(parents_first({name("c"), name("b"), name("a")}, circle), (Order{0, 1, 2}));
  EXPECT_EQ(parents_first({name("b"), name("a"), name("c")}, circle), (Order{0, 1, 2}));
}

}  // namespace
}  // namespace batchout
