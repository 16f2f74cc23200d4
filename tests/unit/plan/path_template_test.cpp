// Templates of the old dialects, piece by piece.

#include "plan/path_template.h"

#include <gtest/gtest.h>

#include <vector>

namespace batchout {
namespace {

/// Pieces as text: literals in quotes, slots as <name:format>.
std::string shown(const std::expected<NamedPieces, TemplateProblem>& pieces) {
  if (!pieces) return pieces.error().message + " @" + std::to_string(pieces.error().column);
  std::string out;
  for (const auto& piece : *pieces) {
    if (const auto* slot = std::get_if<NamedSlot>(&piece))
      out += "<" + slot->index + ":" + slot->format + ">";
    else
      out += "'" + std::get<std::string>(piece) + "'";
  }
  return out;
}

std::string shown(std::string_view text) {
  return shown(parse_template(text));
}

const std::vector<std::string> kIndexes = {"item", "tag"};

TEST(PathTemplate, TakesSlotsAndBracesApart) {
  EXPECT_EQ(shown("user.id"), "'user.id'");
  EXPECT_EQ(shown("a[{i}].b[{j}]"), "'a['<i:>'].b['<j:>']'");
  EXPECT_EQ(shown("s{i:02d}"), "'s'<i:02d>");
  EXPECT_EQ(shown(R"(\d{{4}}-{k})"), R"('\d{4}-'<k:>)");
  EXPECT_EQ(shown(""), "");
}

TEST(PathTemplate, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(shown("a[{i"), "an opening brace without a closing one; write '{{' for a brace @3");
  EXPECT_EQ(shown("a}b"), "a closing brace without an opening one; write '}}' for a brace @2");
  EXPECT_EQ(shown("a{}"), "a slot is the name of an index in braces, not '{}' @2");
  EXPECT_EQ(shown("{i.__class__}"), "a slot is the name of an index in braces, not '{i.__class__}' @1");
  EXPECT_EQ(shown("{i!r}"), "a slot is the name of an index in braces, not '{i!r}' @1");
  EXPECT_EQ(shown("{i:>10}"), "a slot's format is a width such as '02d', not '>10' @1");
}

TEST(PathBraces, AreThemselvesUnlessTheyEncloseAnIndex) {
  const auto braces = [](std::string_view text) { return shown(parse_braces(text, kIndexes)); };
  EXPECT_EQ(braces("items[{item}].tags[{tag:02d}]"), "'items['<item:>'].tags['<tag:02d>']'");
  EXPECT_EQ(braces(R"([0-9]{2,3}\p{Lu}{{x}})"), R"('[0-9]{2,3}\p{Lu}{{x}}')");
  EXPECT_EQ(braces("a{{item}}b"), "'a{item}b'");
  EXPECT_EQ(braces("x{{{item}}}y"), "'x{'<item:>'}y'");
  EXPECT_EQ(braces("{{{x}}}"), "'{{{x}}}'");
  EXPECT_EQ(braces("}{"), "'}{'");
  EXPECT_EQ(braces("{itme}"), "there is no index 'itme', did you mean 'item'? @1");
  EXPECT_EQ(braces("{item:>5}"), "a slot's format is a width such as '02d', not '>5' @1");
}

TEST(PathBraces, AreWrittenAsTheyAreRead) {
  for (const char* text :
       {"items[{item}].x", "a{{item}}b", "{2}", "{{x}}", "a{{{item}}}{tag}", "x{tag:02d}{{tag}}{{item}}", ""}) {
    const auto pieces = parse_braces(text, kIndexes);
    ASSERT_TRUE(pieces) << text;
    EXPECT_EQ(with_braces(*pieces, kIndexes), text);
  }
}

}  // namespace
}  // namespace batchout
