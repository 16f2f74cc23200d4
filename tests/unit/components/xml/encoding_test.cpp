// Payloads in all their encodings, what stands before the root element, and the places that messages name.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "table.h"

namespace batchout::xml::test {
namespace {

TEST(XmlEncodings, AreHonoured) {
  const std::string utf8 = "'\xC3\xA9\xE2\x82\xAC'";
  EXPECT_EQ(text_of_root("<r>\xC3\xA9\xE2\x82\xAC</r>"), utf8);
  EXPECT_EQ(text_of_root("\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?><r>\xC3\xA9\xE2\x82\xAC</r>"), utf8);
  EXPECT_EQ(text_of_root("<?xml version='1.0' encoding='windows-1252'?><r>\xE9\x80</r>"), utf8);
  EXPECT_EQ(text_of_root("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r>\xE9</r>"), "'\xC3\xA9'");
  EXPECT_EQ(text_of_root("<?xml version='1.0' encoding='no such'?><r/>"), "BO406");
  EXPECT_EQ(text_of_root("<?xml version='1.0' encoding='nosuch'?><r/>"), "BO406");
  std::string big = "\xFE\xFF", little, plain;
  for (const char c : std::string_view("<?xml version='1.0' encoding='UTF-16'?><r>x</r>")) {
    big += {'\0', c};
    little += {c, '\0'};
  }
  EXPECT_EQ(text_of_root(big), "'x'");
  EXPECT_EQ(text_of_root(little), "'x'");
  EXPECT_EQ(text_of_root(big + "\xD8"), "BO406");
}

// As far as it is needed here, the same in all variants but for the last two characters.
std::string ebcdic(std::string_view text, char e_acute) {
  std::string out;
  for (const char c : text) {
    const auto offset = [c](char first, int base) { return static_cast<char>(base + c - first); };
    if (c >= 'a' && c <= 'i')
      out += offset('a', 0x81);
    else if (c >= 'j' && c <= 'r')
      out += offset('j', 0x91);
    else if (c >= 's' && c <= 'z')
      out += offset('s', 0xA2);
    else if (c >= 'A' && c <= 'I')
      out += offset('A', 0xC1);
    else if (c >= 'J' && c <= 'R')
      out += offset('J', 0xD1);
    else if (c >= 'S' && c <= 'Z')
      out += offset('S', 0xE2);
    else if (c >= '0' && c <= '9')
      out += offset('0', 0xF0);
    else if (c == '!')
      out += e_acute;
    else
      out += "\x4C\x6E\x6F\x7E\x7F\x61\x4B\x60\x40"[std::string_view("<>?=\"/.- ").find(c)];
  }
  return out;
}

TEST(XmlEncodings, EbcdicIsRead) {
  EXPECT_EQ(text_of_root(ebcdic("<?xml version=\"1.0\" encoding=\"IBM037\"?><r>b!</r>", '\x51')), "'b\xC3\xA9'");
  EXPECT_EQ(text_of_root(ebcdic("<?xml version=\"1.0\" encoding=\"IBM500\"?><r>b!</r>", '\x51')), "'b\xC3\xA9'");
  EXPECT_EQ(text_of_root(ebcdic("<?xml version=\"1.0\" encoding=\"IBM297\"?><r>b!</r>", '\xC0')), "'b\xC3\xA9'");
  EXPECT_EQ(text_of_root(ebcdic("<?xml version=\"1.0\"?><r>b!</r>", '\x51')), "'b\xC3\xA9'");
  EXPECT_EQ(refusal_of(ebcdic("<?xml version=\"1.0\" encoding=\"IBM9999\"?><r>b</r>", '\x51')),
            "0: BO406 the encoding of the payload is not known: IBM9999\n");
  EXPECT_EQ(text_of_root(ebcdic("<?xml version=\"1.0\" encoding=\"UTF-8\"?><r>b</r>", '\x51')), "BO406");
}

std::string wide(std::string_view text) {
  std::string out = "\xFF\xFE";
  for (const char c : text) out += {c, '\0'};
  return out;
}

TEST(XmlEncodings, OnlyADeclarationNamesThem) {
  for (const std::string first : {"<?xml-stylesheet type='text/css' encoding='ISO-8859-1'?>",
                                  "<?xml-model href='a.rng' encoding=\"no such\"?>", "<?xmlx encoding='UTF-16'?>"}) {
    EXPECT_EQ(text_of_root(first + "<r>\xC3\xA9</r>"), "'\xC3\xA9'") << first;
    EXPECT_EQ(text_of_root("\xEF\xBB\xBF" + first + "<r>\xC3\xA9</r>"), "'\xC3\xA9'") << first;
    EXPECT_EQ(text_of_root(wide(first + "<r>x</r>")), "'x'") << first;
    EXPECT_EQ(text_of_root(wide(first + "<r>x</r>").substr(2)), "'x'") << first;
  }
  EXPECT_EQ(text_of_root(ebcdic("<?xml-stylesheet encoding=\"IBM297\"?><r>b!</r>", '\x51')), "'b\xC3\xA9'");
}

TEST(XmlEncodings, AreReadBehindAnyNumberOfBlanks) {
  const std::string start = "<?xml version=\"1.0\"" + std::string(5000, ' ');
  EXPECT_EQ(text_of_root(start + "encoding=\"ISO-8859-1\"?><r>\xE9</r>"), "'\xC3\xA9'");
  EXPECT_EQ(text_of_root(ebcdic(start + "encoding=\"IBM297\"?><r>b!</r>", '\xC0')), "'b\xC3\xA9'");
  EXPECT_EQ(text_of_root(start), "BO415");
  EXPECT_EQ(text_of_root(ebcdic(start, ' ')), "BO415");
  EXPECT_EQ(text_of_root(ebcdic(start + "encoding=\"IBM297\"", ' ')), "BO415");
}

TEST(XmlEncodings, PlacesAreThoseInThePayload) {
  EXPECT_EQ(refusal_of("\n <r>\xFF</r>"), "0: BO406 the payload is not UTF-8, at byte 5\n");
  EXPECT_EQ(refusal_of("\xEF\xBB\xBF\n<r>\xFF</r>"), "0: BO406 the payload is not UTF-8, at byte 7\n");
  EXPECT_EQ(refusal_of(wide("\n<r>x</r>") + "\xD8"), "0: BO406 the payload is not UTF-16LE, as it says, at byte 20\n");
  EXPECT_EQ(refusal_of("<?xml version='1.0' encoding='UTF-16BE'?><r/>").substr(0, 60),
            "0: BO406 the payload is not UTF-16BE, as it says, at byte 44");
  EXPECT_EQ(refusal_of("\n\n<r>\n\xC3\xA9</s></r>"),
            "0: BO415 the payload is not well-formed: Opening and ending tag mismatch: r line 3 and s, at line 4, "
            "column 6\n");
  EXPECT_EQ(refusal_of("\n<r>\xC3\xA9" + std::string(1, '\0') + "</r>"),
            "0: BO415 the payload is not well-formed: a NUL, at line 2, column 5\n");
  EXPECT_EQ(refusal_of("\xEF\xBB\xBF" + std::string(1, '\0')),
            "0: BO415 the payload is not well-formed: a NUL, at line 1, column 1\n");
  EXPECT_EQ(refusal_of(wide("\n<r>" + std::string(1, '\0') + "</r>")),
            "0: BO415 the payload is not well-formed: a NUL, at line 2, column 4\n");
  std::string element = "<b";
  for (int i = 0; i < 257; ++i) element += fmt::format(" a{}=''", i);
  EXPECT_EQ(refusal_of("\n<r>\n\xC3\xA9" + element + "/></r>"),
            "0: BO417 an element has more than 256 attributes, at line 3, column 2\n");
  EXPECT_EQ(refusal_of("<?xml version='1.0' encoding='UCS-4BE'?><r/>"),
            "0: BO406 the payload is not UCS-4BE, as it says\n");
}

TEST(XmlEncodings, BlanksStandBeforeTheRootButNotBeforeADeclaration) {
  for (const std::string blanks : {" ", "\n", "\t\r\n  "})
    for (const std::string mark : {"", "\xEF\xBB\xBF"}) {
      EXPECT_EQ(text_of_root(mark + blanks + "<r>x</r>"), "'x'");
      EXPECT_EQ(text_of_root(mark + blanks + "<?xml-stylesheet?><!-- c --><r>x</r>"), "'x'");
      EXPECT_EQ(text_of_root(mark + blanks + "<!DOCTYPE r><r>x</r>"), "'x'");
      EXPECT_EQ(text_of_root(mark + blanks + "<?xml version='1.0'?><r>x</r>"), "BO415");
      EXPECT_EQ(text_of_root(mark + blanks + "<?xml version='1.0' encoding='ISO-8859-1'?><r>\xE9</r>"), "BO415");
      EXPECT_EQ(text_of_root(mark + blanks), "BO402");
    }
  EXPECT_EQ(text_of_root(wide("\n<r>x</r>")), "'x'");
  EXPECT_EQ(text_of_root(wide("\n<?xml version='1.0'?><r>x</r>")), "BO415");
  EXPECT_EQ(text_of_root(wide(" \n")), "BO402");
  EXPECT_EQ(text_of_root("x <?xml version='1.0'?><r>x</r>"), "BO415");
  EXPECT_EQ(refusal_of("\n  <?xml version='1.0'?><r>x</r>"),
            "0: BO415 the payload is not well-formed: blanks stand before the XML declaration, at line 2, column 3\n");
}

}  // namespace
}  // namespace batchout::xml::test
