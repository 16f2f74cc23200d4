// Templates of the old dialects, piece by piece.

#include "plan/path_template.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

/// Pieces as text: literals in quotes, slots as <name:format>.
std::string shown(std::string_view text) {
  const auto pieces = parse_template(text);
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

}  // namespace
}  // namespace batchout
