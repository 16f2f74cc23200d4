// Documents whose keys come in an order of their own each time.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "components/json/key_memory.h"
#include "components/json/key_order.h"
#include "components/json/program.h"
#include "table.h"

namespace batchout::json::test {
namespace {

std::string object(std::vector<std::string> members, std::mt19937& random) {
  std::ranges::shuffle(members, random);
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

std::string order(std::mt19937& random, unsigned number) {
  std::vector<std::string> lines(random() % 4);
  for (std::string& line : lines)
    line = object({fmt::format(R"("sku":"A{}")", random() % 1000), fmt::format(R"("price":{}.5)", random() % 90),
                   R"("gift":true)", R"("tags":["x",{"y":null,"z":[1,2]}])"},
                  random);
  return object(
      {fmt::format(R"("id":{})", number), R"("sent_at":"2024-02-29T23:59:58")",
       fmt::format(R"("note":{})", number % 3 == 0 ? "null" : R"("thirty-two bytes of text, or more than that")"),
       fmt::format(R"("lines":[{}])", fmt::join(lines, ",")), R"("a_key_of_more_than_sixteen_bytes":"q\"\u00e9")",
       R"("a_key_of_more_than_sixteen_bites":-0.25e2)",
       fmt::format(R"("counts":{{"c{}":1,"c{}":{{"d{}":null}}}})", random() % 500, random() % 500, random() % 500),
       object({R"("x":1)", R"("y":"two")", R"("inner":{"deep":[],"er":{}})"}, random).insert(0, R"("skipped":)")},
      random);
}

Table orders() {
  Table table;
  table.index("i", IndexKind::for_list, "lines")
      .column("id", Kind::integer)
      .column("sent_at", Kind::datetime)
      .column("note", Kind::text)
      .column("lines[{i}].sku", Kind::text)
      .column("lines[{i}].price", Kind::real)
      .column("lines[{i}].gift", Kind::boolean)
      .column("a_key_of_more_than_sixteen_bytes", Kind::text);
  return table;
}

// Bytes exchanged, cut off, doubled.
std::string damaged(std::string text, std::mt19937& random) {
  const std::size_t at = random() % text.size();
  const std::string_view bytes = "{}[],:\"\\x1 \x01\xFF-";
  switch (random() % 4) {
    case 0:
      return text.substr(0, at);
    case 1:
      return text.insert(at, 1, bytes[random() % bytes.size()]);
    case 2:
      return text.erase(at, 1 + random() % 3);
    default:
      text[at] = bytes[random() % bytes.size()];
      return text;
  }
}

std::string run(JsonProgram& program, const Projection& projection, const Payloads& payloads) {
  Extraction extraction(projection);
  program.run(payloads, extraction);
  return printed(extraction);
}

TEST(AnyOrder, EqualsTheTree) {
  const Table table = orders();
  std::mt19937 random(3);
  const auto compiled = std::make_shared<const CompiledProjection>(table.projection);
  JsonProgram as_it_suits(compiled);
  JsonProgram any_order(compiled, JsonProgram::Way::any_order);
  JsonProgram tree(compiled, JsonProgram::Way::tree);
  for (unsigned round = 0; round < 40; ++round) {
    std::vector<std::string> documents;
    for (unsigned i = 0; i < 60; ++i) {
      documents.push_back(order(random, i));
      if (round % 2 == 1 && i % 5 == 0) documents.back() = damaged(documents.back(), random);
    }
    const Payloads payloads = payloads_of(documents);
    const std::string expected = run(tree, table.projection, payloads);
    ASSERT_EQ(run(as_it_suits, table.projection, payloads), expected) << round;
    ASSERT_EQ(run(any_order, table.projection, payloads), expected) << round;
  }
}

constexpr const char* kGoodDocument = R"({"b":"x","a":1,"s":"skipped","c":{"e":0,"d":2},"t":[1,{"u":true}]})";

// Each must be refused, or give the last of two members, as the tree says, whatever has been learned before.
constexpr const char* kOtherDocuments[] = {
    R"({"b":"x","a":1,"a":2})",
    R"({"a":1,"a":{}})",
    R"({"a":{},"a":1})",
    R"({"c":{"d":1},"c":{"d":2}})",
    R"({"s":1,"s":01})",
    R"({"s":01,"s":1})",
    R"({"s":{"x":1},"s":{"x":01}})",
    R"({"a":1 2,"b":"x"})",
    R"({"a":1"b":"x"})",
    R"({"a":,"b":"x"})",
    R"({"a":1,})",
    R"({,"a":1})",
    R"({"a"})",
    R"({"a"::1})",
    R"({"c":{"d":},"b":"x"})",
    R"({"c":{"d":1]})",
    R"({"c":{"d":1}}})",
    R"({"c":{"d":1})",
    R"({"b":"x"y,"a":1})",
    R"({"b":"\q","a":1})",
    R"({"b":"\u0041","a":1})",
    R"({"s":"\q","a":1})",
    R"({"s":"\u0041","a":1})",
    R"({"\u0061":3,"b":"y"})",
    R"({"a":1,"\u0061":3})",
    R"({"a":tru,"b":"x"})",
    R"({"s":tru,"b":"x"})",
    R"({"a":1,"b":"x"} )",
    R"({"a":1,"b":"x"} 1)",
    R"({"a":1,"b":"x"}{})",
    R"({"a":01,"b":"x"})",
    R"({"t":[1,{"u":true},],"b":"x"})",
    R"({"t":[1 2],"b":"x"})",
    R"({"t":[1,{"u":true]},"b":"x"})",
    R"({"unknown":1,"b":"x"})",
    R"({"b":"x""y","a":1})",
    R"({"b":"x" "y","a":1})",
    R"({"s":"x""y","a":1})",
    R"({"s":""","a":1})",
    R"({"b" "x":"y","a":1})",
    R"({"x""b":"y","a":1})",
    R"({"b":x"y","a":1})",
    R"({"s":1"y","a":1})",
    R"({"s":"y"1,"a":1})",
    R"({"c":x{"d":1},"b":"x"})",
    R"({"c":{"d":1}x,"b":"x"})",
    R"({"c":{"d":1}{"d":1},"b":"x"})",
    R"({"c":{"d":1} {"d":1},"b":"x"})",
    R"({"c":{x},"b":"x"})",
    R"({"c":{"x"},"b":"x"})",
    R"({"t":x[1],"b":"x"})",
    R"({"t":[x],"b":"x"})",
    R"({"t":["x""y"],"b":"x"})",
    R"({"t":[{}x],"b":"x"})",
    R"({"t":[x{}],"b":"x"})",
    R"({"t":[,1],"b":"x"})",
    R"({"t":[1:2],"b":"x"})",
    R"({"t":[]1,"b":"x"})",
    R"({"t":[[],[[ ]]],"b":"x"})",
    R"(x{"a":1,"b":"x"})",
    R"({"a":1,"b":"x"}x)",
    R"({"a":1,"b":"x"},)",
    R"({x"a":1,"b":"x"})",
    R"({"a":1,x"b":"x"})",
    R"({"a":1\"b":"x"})",
    R"({"a":1,\"b":"x"})",
    R"({ "b" : "x" , "a" : 1 , "c" : { "d" : 2 } , "t" : [ 1 , { "u" : true } ] , "s" : { } })",
    R"({"b": "x", "a": 1, "s": "skipped", "c": {"e": 0, "d": 2}, "t": [1, {"u": true}]})",
    "\n {\"a\":\t1,\r\n\"b\":\"x\"}\n",
    "{\"a\":1\x1A\"b\":\"x\"}",
    "{\"a\":1\x0C\"b\":\"x\"}",
    "{\"s\":\"\x01\",\"a\":1}",
    "{\"s\":\"\xFF\",\"a\":1}",
    "{\"b\":\"\xFF\",\"a\":1}",
    "{\"b\":\"\xC3\xA9\",\"a\":1}",
    R"([])",
    R"(1)",
    R"({})",
    R"({,})",
    R"({:})",
    R"({1})",
    R"({"})",
    R"({""})",
    R"({{})",
    "",
    kGoodDocument,
};

TEST(AnyOrder, TrustsNoMarks) {
  Table table;
  table.column("a", Kind::integer).column("b", Kind::text).column("c.d", Kind::integer);
  const auto compiled = std::make_shared<const CompiledProjection>(table.projection);
  for (const std::string document : kOtherDocuments) {
    const Payloads payloads = payloads_of({document, kGoodDocument, document, kGoodDocument});
    JsonProgram any_order(compiled, JsonProgram::Way::any_order);
    JsonProgram tree(compiled, JsonProgram::Way::tree);
    const std::string expected = run(tree, table.projection, payloads);
    for (int round = 0; round < 3; ++round) EXPECT_EQ(run(any_order, table.projection, payloads), expected) << document;
  }
}

KnownKey key_of(std::string_view written, std::uint64_t bit = 0) {
  KnownKey key;
  key.size = static_cast<std::uint32_t>(written.size());
  key.bit = bit;
  key.remember(written);
  return key;
}

std::string table_finds(KeyMemory& memory, std::string text) {
  KeyTable* const table = memory.table();
  if (table == nullptr) return "no table";
  const std::size_t size = text.size();
  text.insert(0, ",,,").append(64, '1');
  const char *const at = text.data() + 3, *const colon = at + size - 1;
  const KeyTable::Key* const key = table->is_short() ? table->find<true>(at, colon) : table->find<false>(at, colon);
  return key == nullptr ? "none" : std::string(key->known->bytes.data(), key->known->size);
}

TEST(KeyTable, FindsItsKeysAndNoOthers) {
  KeyMemory memory;
  EXPECT_EQ(memory.table(), nullptr);
  for (int i = 0; i < 60; ++i) memory.add(key_of(fmt::format("\"name_{}\":", i)));
  for (int i = 0; i < 60; ++i)
    EXPECT_EQ(table_finds(memory, fmt::format("\"name_{}\":", i)), fmt::format("\"name_{}\":", i));
  for (const char* other : {"\"name_60\":", "\"name\":", "\"\":", "\"a\":", "name_1:", ":"})
    EXPECT_EQ(table_finds(memory, other), "none") << other;
  // Alike at both ends, and longer than what is compared at once.
  for (const char* alike :
       {"\"total_net_amt\":", "\"total_tax_amt\":", "\"a_name_of_some_length_1_x\":", "\"a_name_of_some_length_2_x\":"})
    memory.add(key_of(alike));
  for (const char* written : {"\"total_net_amt\":", "\"total_tax_amt\":", "\"a_name_of_some_length_1_x\":",
                              "\"a_name_of_some_length_2_x\":", "\"name_59\":"})
    EXPECT_EQ(table_finds(memory, written), written);
  memory.add(key_of("\"one_too_many\":"));
  EXPECT_EQ(memory.table(), nullptr);
}

TEST(KeyTable, FindsKeysWithoutTheBlanksBeforeTheirValues) {
  KeyMemory memory;
  for (const char* written : {"\"a\": ", "\"spaced_out\" :\n  ", "\"a_name_of_some_length\":"})
    memory.add(key_of(written));
  EXPECT_EQ(table_finds(memory, "\"a\":"), "\"a\": ");
  EXPECT_EQ(table_finds(memory, "\"spaced_out\" :"), "\"spaced_out\" :\n  ");
  EXPECT_EQ(table_finds(memory, "\"spaced_out\":"), "none");
}

TEST(KeyTable, RefusesTwoKeysOfOneMember) {
  KeyMemory memory;
  memory.add(key_of("\"a\":", 1));
  memory.add(key_of("\"b\":", 2));
  EXPECT_EQ(table_finds(memory, "\"a\":"), "\"a\":");
  memory.add(key_of("\"a\": ", 1));
  EXPECT_EQ(table_finds(memory, "\"a\":"), "no table");
}

// Documents until the other way is tried.
unsigned documents_in_any_order(KeyOrder& order, bool good) {
  unsigned count = 0;
  for (; order.is_any(); ++count) order.in_any_order(good);
  return count;
}
unsigned surprising_documents(KeyOrder& order) {
  unsigned count = 0;
  for (; !order.is_any(); ++count) {
    for (int i = 0; i < 10; ++i) order.surprise();
    order.in_order(400);
  }
  return count;
}

TEST(KeyOrder, TakesTheWayThatSuits) {
  KeyOrder order(KeyOrder::Way::as_it_suits);
  for (int i = 0; i < 100; ++i) {
    order.surprise();
    order.in_order(400);
    ASSERT_FALSE(order.is_any());
  }
  EXPECT_EQ(surprising_documents(order), 1u);
  EXPECT_EQ(documents_in_any_order(order, true), 1024u);
  EXPECT_EQ(surprising_documents(order), 1u);
  // It is tried ever more rarely if it fails.
  for (const unsigned pause : {0u, 1u, 3u, 7u}) {
    EXPECT_EQ(documents_in_any_order(order, false), 1u);
    EXPECT_EQ(surprising_documents(order), pause + 1);
  }
  EXPECT_EQ(documents_in_any_order(order, true), 1024u);
}

TEST(KeyOrder, TheFirstDocumentsDecideNothing) {
  KeyOrder order(KeyOrder::Way::as_it_suits);
  EXPECT_EQ(surprising_documents(order), 9u);
}

}  // namespace
}  // namespace batchout::json::test
