// Marks, beside a scan of one byte after the other.

#include "components/json/marks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "batchout/payloads.h"
#include "components/json/scan.h"

namespace batchout::json::test {
namespace {

struct Expected {
  std::vector<std::uint32_t> marks;
  bool good = true;
  bool has_plain_texts = true;
};

Expected expected_of(const std::string& text) {
  Expected expected;
  bool inside = false, escaped = false, marked = true;
  for (std::uint32_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    const bool is_mark = !inside && std::string_view("{}[]:,").contains(byte);
    if (is_mark) expected.marks.push_back(at);
    if (inside && static_cast<unsigned char>(byte) < 0x20) expected.good = false;
    if (byte == '\\') expected.has_plain_texts = false;
    if (byte == '"' && !escaped) {
      if (!inside && !marked) expected.has_plain_texts = false;
      inside = !inside;
    }
    escaped = byte == '\\' && !escaped;
    marked = is_mark;
  }
  expected.good = expected.good && !inside && is_utf8(text);
  return expected;
}

void expect_marks(Marks& marks, const std::string& text) {
  const Expected expected = expected_of(text);
  const std::string document = text + std::string(Payloads::kSeparator) + std::string(Payloads::kPadding, '"');
  EXPECT_EQ(marks.scan({document.data(), text.size()}), expected.good) << text;
  EXPECT_EQ(std::vector<std::uint32_t>(marks.begin(), marks.end()), expected.marks) << text;
  EXPECT_EQ(marks.has_plain_texts(), expected.has_plain_texts) << text;
  EXPECT_EQ(marks.end()[0], text.size());
  EXPECT_EQ(marks.end()[1], text.size());
}

std::string random_text(std::mt19937& random) {
  // Most kinds of bytes are frequent in some texts only, since few texts with all of them are good.
  static constexpr std::string_view kBytes[] = {R"({"a":1,"b":[]})", "\"\"\"{}[]:,",     "\\\\\"a:,",   "{}[]:,",
                                                "  \"a\" ,:\n",      "\xC3\xA9\"\\\x01", "\"[abcdefghi"};
  std::string text;
  for (std::size_t size = random() % 200; text.size() < size;) {
    const std::string_view bytes = kBytes[random() % std::size(kBytes)];
    for (std::size_t run = random() % 40; run > 0; --run) text += bytes[random() % bytes.size()];
  }
  return text;
}

TEST(Marks, AreThoseOutsideOfTexts) {
  for (const auto way : {Marks::Way::fastest, Marks::Way::common}) {
    Marks marks(way);
    for (const char* text : {"", "{}", R"({"a":[1,"{}[]:,"]})", R"({"\"":"\\","b":1})", R"({"a": "b"})", R"("a""b")",
                             R"({"a":"b})", "{\"a\nb\":1}", R"({"a":\"b"})", "{\"\xC3\":1}", R"({"a":1}x"y")"})
      expect_marks(marks, text);
    // Around the end of a block.
    for (std::size_t size = 50; size < 140; ++size)
      for (const char* text : {R"({"b":"\\"})", R"(\")", R"("a":"b")", "{[]}"})
        expect_marks(marks, std::string(size, ' ') + text);
  }
}

TEST(Marks, AreTheSameEitherWay) {
  std::mt19937 random(20);
  Marks fastest, common(Marks::Way::common);
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = random_text(random);
    expect_marks(fastest, text);
    expect_marks(common, text);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Marks, CanBeAllBytes) {
  const std::string text = "\"a\"" + std::string(10'000, ',') + std::string(500, '{');
  for (const auto way : {Marks::Way::fastest, Marks::Way::common}) {
    Marks marks(way);
    expect_marks(marks, text);
  }
}

}  // namespace
}  // namespace batchout::json::test
