// Every choice comes from a short list in which the frequent comes first.

#include "documents.h"

#include <algorithm>
#include <utility>

namespace batchout::property {
namespace {

constexpr int kDepthMax = 6;
// Of one document; wildcards over wildcards would make millions.
constexpr int kValuesMax = 400;

// What is left of a trail at some value.
struct Rest {
  const Trail* trail;
  std::size_t step = 0;

  const Hope* next() const { return step < trail->size() ? &(*trail)[step] : nullptr; }
};

using Rests = std::vector<Rest>;

// The trails that go on through a value for which `fits` holds.
template <class Test>
Rests advanced(const Rests& rests, Test fits) {
  Rests all;
  for (const Rest& rest : rests)
    if (rest.next() != nullptr && fits(*rest.next())) all.push_back({rest.trail, rest.step + 1});
  return all;
}

class Writer {
 public:
  Writer(Choices& choices, const ProjectionLimits& limits) : choices_(choices), limits_(limits) {}

  std::string document(const Rests& rests) {
    bad_ = choices_.rarely(10);
    std::string text = choices_.rarely(40) ? deep() : value(0, rests);
    if (choices_.rarely(14)) text = "\xEF\xBB\xBF" + text;
    if (choices_.rarely(20)) text.resize(choices_.below(text.size() + 1));
    if (choices_.rarely(20) && !text.empty())
      text[choices_.below(text.size())] = "{}[],:\"\\x1 \x01\xFF\xC3\x00n"[choices_.below(16)];
    if (choices_.rarely(20))
      text += choices_.pick({" ", "\n", "\r\n\t", " 1", "]", "\"", "{}", ",", "\x01", "\n\x01\n"});
    return text;
  }

 private:
  std::string blank() { return choices_.rarely(12) ? choices_.pick({" ", "\n", "\t ", "  \r\n"}) : ""; }

  // ---- scalars

  std::string name() {
    if (!choices_.rarely(6)) return choices_.pick({"\"a\"", "\"b\"", "\"c\"", "\"d e\""});
    if (bad_ && choices_.rarely(3)) return choices_.pick({"\"\\ud83d\"", "\"\\q\"", "\"\xFF\"", "a", "1", "\"tab\t\""});
    return choices_.pick({"\"\\u0061\"", "\"x\"", "\"\"", "\"b\\\"\"", "\"0\"", "\"1\"", "\"*\"", "\"\xC3\xA9\"",
                          "\"\\ud83d\\ude00\"", "\"c\\u0000\"", "\"long_name_of_a_member_with_more_than_32_bytes\"",
                          "\"where\""});
  }

  // As it is written in a document; one of its letters may be an escape.
  std::string written(const std::string& name) {
    if (!choices_.rarely(10) || name.empty()) return '"' + name + '"';
    constexpr std::string_view kHex = "0123456789abcdef";
    const std::size_t at = choices_.below(name.size());
    const auto byte = static_cast<unsigned char>(name[at]);
    return '"' + name.substr(0, at) + "\\u00" + kHex[byte >> 4] + kHex[byte & 15] + name.substr(at + 1) + '"';
  }

  std::string number() {
    return choices_.pick({"1", "0", "-7", "-0", "2", "12345678901234567890", "-9223372036854775808", "1.5", "1.10",
                          "1e5", "1e400", "-1e-400", "-0.0", "0.1e1", "9007199254740993", "1572566400",
                          "0.30000000000000004", "-9223372036854775809",
                          "123456789012345678901234567890.123456789012345678901234567890E-7"});
  }

  std::string text() {
    return choices_.pick({"\"text\"", "\"\"", "\"a\"", "\"1\"", "\"-1\"", "\"2019-11-01T01:02:03\"", "\"true\"",
                          "\"a\\n\\\"\"", "\"\xC3\xA9\xF0\x9F\x98\x80 and more than thirty-two bytes of text\"",
                          "\"\\ud83d\\ude00x\"", "\"2019-11-01T01:02:03.5+02:00\"", "\"2019-11-01\"", "\"{\"",
                          "\"\\u0000\"", "\"d e\"", "\"1.50\"", "\"[1,2]\"", "\"\\\\\"", "\"\\u001f\xC2\x80\""});
  }

  std::string malformed() {
    return choices_.pick({"01",
                          "1.",
                          "-",
                          "tru",
                          "nul",
                          "falsey",
                          "+1",
                          ".5",
                          "1e",
                          "NaN",
                          "Infinity",
                          "-Infinity",
                          "\"\\ud83d\"",
                          "\"\\ud83d\\u0061\"",
                          "\"\\udc00\"",
                          "\"\\x\"",
                          "\"\\u12g4\"",
                          "\"\xC0\x80\"",
                          "\"\xED\xA0\x80\"",
                          "\"\xF4\x90\x80\x80\"",
                          "\"\xE9\"",
                          "\"tab\there\"",
                          "'a'",
                          "\"open",
                          "\x01",
                          "",
                          "1 2",
                          "{\"a\"}",
                          "[1,]",
                          "{,}",
                          "1x",
                          "true1",
                          "{a:1}",
                          "\\"});
  }

  std::string scalar() {
    if (bad_ && choices_.rarely(8)) return malformed();
    if (choices_.rarely(4)) return choices_.pick({"null", "true", "false"});
    return choices_.rarely(2) ? number() : text();
  }

  // ---- containers

  // The first trail, mostly, decides what the value is.
  std::string value(int depth, const Rests& rests) {
    if (++values_ > kValuesMax) return scalar();
    const Hope* const hope =
        rests.empty() || choices_.rarely(10) ? nullptr : rests[choices_.below(rests.size())].next();
    if (hope != nullptr && depth < 2 * kDepthMax)
      return hope->kind <= Hope::Kind::any_member ? object(depth, rests) : list(depth, rests);
    if (depth > kDepthMax || !choices_.rarely(4)) return scalar();
    return choices_.rarely(2) ? list(depth, rests) : object(depth, rests);
  }

  std::string list(int depth, const Rests& rests) {
    std::string text = "[";
    const std::size_t count = choices_.below(4) + (choices_.rarely(2) ? 1 : 0);
    for (std::size_t i = 0; i < count; ++i) {
      const Rests inner = advanced(rests, [i](const Hope& hope) {
        return hope.kind == Hope::Kind::any_element || (hope.kind == Hope::Kind::element && hope.position == i);
      });
      text += (i > 0 ? "," : "") + blank() + value(depth + 1, inner) + blank();
    }
    return text + blank() + "]";
  }

  std::string object(int depth, const Rests& rests) {
    std::vector<std::string> members;
    const auto put = [&](std::string member) {
      members.insert(members.begin() + static_cast<std::ptrdiff_t>(choices_.below(members.size() + 1)),
                     std::move(member));
    };
    for (const Rest& rest : rests)
      if (rest.next() != nullptr && rest.next()->kind == Hope::Kind::member && !choices_.rarely(8))
        put(member(depth, rests, rest.next()->name));
    // Many members are rare: what the walk compares and remembers of keys has limits.
    const std::size_t more = choices_.rarely(80) ? 40 : choices_.below(4);
    for (std::size_t i = 0; i < more; ++i)
      put(more == 40 ? member(depth, rests, "k" + std::to_string(i))
                     : name() + blank() + ":" + blank() + value(depth + 1, {}));
    std::string text = "{";
    for (std::size_t i = 0; i < members.size(); ++i) text += (i > 0 ? "," : "") + blank() + members[i] + blank();
    return text + blank() + "}";
  }

  std::string member(int depth, const Rests& rests, const std::string& name) {
    const Rests inner = advanced(rests, [&](const Hope& hope) {
      return hope.kind == Hope::Kind::any_member || (hope.kind == Hope::Kind::member && hope.name == name);
    });
    return written(name) + blank() + ":" + blank() + value(depth + 1, inner);
  }

  // Nested about as deep as is allowed.
  std::string deep() {
    const std::size_t levels = std::min<std::size_t>(limits_.depth_max, 200) + 1 - choices_.below(3);
    std::string open, close;
    for (std::size_t i = 0; i < levels; ++i) {
      const bool is_list = choices_.rarely(2);
      open += is_list ? "[" : "{" + name() + ":";
      close += is_list ? ']' : '}';
    }
    std::ranges::reverse(close);
    return choices_.rarely(2) ? "{\"a\":" + open + number() + close + "}" : open + number() + close;
  }

  Choices& choices_;
  const ProjectionLimits& limits_;
  int values_ = 0;
  bool bad_ = false;  // Some of it is malformed.
};

}  // namespace

std::string document_of(Choices& choices, const std::vector<Trail>& trails, const ProjectionLimits& limits) {
  Rests rests;
  for (const Trail& trail : trails) rests.push_back({&trail});
  return Writer(choices, limits).document(rests);
}

}  // namespace batchout::property
