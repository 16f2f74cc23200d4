// Values in SQL: where they are bound, where they are quoted, and where none can stand.

#include "base/sql_names.h"

#include <gtest/gtest.h>

#include <map>

namespace batchout {
namespace {

const std::map<std::string, std::string, std::less<>> kValues = {
    {"a", "1"}, {"b", "O'Reilly"}, {"back", "\\' or 1=1 --"}, {"größe", "L"}};

/// The statement with its values behind it, or "fault: …".
std::string bound(std::string_view sql, SqlSyntax syntax = SqlSyntax::postgres) {
  const auto got = bind_names(sql, syntax, [](std::string_view name) -> const std::string* {
    const auto value = kValues.find(name);
    return value == kValues.end() ? nullptr : &value->second;
  });
  if (!got) return "fault: " + got.error();
  std::string text = got->text;
  for (const std::string& value : got->values) text += " <" + value + ">";
  return text;
}

TEST(SqlNames, AValueIsBoundWithAndWithoutQuotes) {
  EXPECT_EQ(bound("select {a}"), "select  $1  <1>");
  EXPECT_EQ(bound("x='{b}' and y={b} or {größe}"), "x= $1  and y= $2  or  $3  <O'Reilly> <O'Reilly> <L>");
  EXPECT_EQ(bound("x='{b}'", SqlSyntax::sqlite), "x= ?1  <O'Reilly>");
  EXPECT_EQ(bound("t{a}x"), "t $1 x <1>");
}

TEST(SqlNames, AValueInALongerTextOrBehindATypeIsQuoted) {
  EXPECT_EQ(bound("x like '%{b}%'"), "x like '%O''Reilly%'");
  EXPECT_EQ(bound("x like '{b}'"), "x like 'O''Reilly'");
  EXPECT_EQ(bound("interval '{a} days' + date '{a}'"), "interval '1 days' + date '1'");
  EXPECT_EQ(bound("timestamp(3) '{a}', int[] '{a}', \"T\" '{b}'"), "timestamp(3) '1', int[] '1', \"T\" 'O''Reilly'");
  EXPECT_EQ(bound("'it''s {b}{b}'"), "'it''s O''ReillyO''Reilly'");
  EXPECT_EQ(bound("'\\{back}'"), "'\\\\'' or 1=1 --'");
  EXPECT_EQ(bound("(E'{back}\\'{a}')"), "(E'\\\\'' or 1=1 --\\'1')");
  EXPECT_EQ(bound("(E'\\\\{a}', e'\\{a}')"), "(E'\\\\1', e'\\{a}')");
  EXPECT_EQ(bound("N'{b}'"), "N'O''Reilly'");
  // To SQLite an E before a text is a word.
  EXPECT_EQ(bound("select E'\\', {a}", SqlSyntax::sqlite), "select E'\\',  ?1  <1>");
}

TEST(SqlNames, NoValueStandsInNamesDollarsAndTextsWithAPrefix) {
  EXPECT_EQ(bound("select \"x{a}\""), "fault: {a} stands inside a quoted name, where no value can be");
  EXPECT_EQ(bound("select \"x\"\"{a}\""), "fault: {a} stands inside a quoted name, where no value can be");
  EXPECT_EQ(bound("select $x$ ' {a} $x$"), "fault: {a} stands inside a text in dollars, where no value can be");
  EXPECT_EQ(bound("select U&'{a}'"), "fault: {a} stands inside a text with a prefix, where no value can be");
  EXPECT_EQ(bound("select x'{a}'", SqlSyntax::sqlite),
            "fault: {a} stands inside a text with a prefix, where no value can be");
  for (const char* sql : {"select `{a}`", "select [{a}]"})
    EXPECT_EQ(bound(sql, SqlSyntax::sqlite), "fault: {a} stands inside a quoted name, where no value can be");
  EXPECT_EQ(bound("select {z}"), "fault: {z} has no value");
  EXPECT_EQ(bound("select '{z}'"), "fault: {z} has no value");
  EXPECT_EQ(bound("select '%{z}'"), "fault: {z} has no value");
}

TEST(SqlNames, WhatIsNoNameInBracesStays) {
  for (const char* sql :
       {"select '{1,2}'::int[], '{\"k\": {}}', '{}', '{ a }', '{', '}'", "-- {a} '\nselect 1", "/* /* {a} */ {a} */",
        "select $$ {7} $$, $q$ $$ ' $q$", "x[{1}]", "select 'never closed", "select \"never closed", "$never$ closed",
        "/* never closed", "{", "{a", "'{a", "'", "$", "$1", "x$y$z"})
    EXPECT_EQ(bound(sql), sql);
  EXPECT_EQ(bound("'{{1,2},{3,4}}'"), "'{{1,2},{3,4}}'");
  EXPECT_EQ(bound("'{{a}}', {{a}}"), "'{a}', {a}");
  EXPECT_EQ(bound("/* /* */ {a}", SqlSyntax::sqlite), "/* /* */  ?1  <1>");
}

TEST(SqlNames, TheEndOfAStatementCanBeCutOff) {
  EXPECT_EQ(without_end(" select 1 ; \n;"), " select 1");
  EXPECT_EQ(without_end("select 1 -- ;x"), "select 1 -- ;x");
  EXPECT_EQ(without_end(" ; "), "");
}

}  // namespace
}  // namespace batchout
