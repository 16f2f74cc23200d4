// Names and values are those that random documents have.

#include "paths.h"

namespace batchout::property {
namespace {

constexpr int kDepthMax = 2;  // Of parentheses and of filters in filters.

class Condition {
 public:
  Condition(Choices& choices, const std::string& slot, bool deep) : choices_(choices), slot_(slot), deep_(deep) {}

  std::string joined(int depth) {
    std::string text = basic(depth);
    for (std::size_t more = choices_.below(3); more > 0; --more)
      text += choices_.pick({"||", "&&", " || ", " && ", "\n&&\t"}) + basic(depth);
    return text;
  }

 private:
  std::string basic(int depth) {
    if (depth < kDepthMax && choices_.rarely(4)) return negation() + "(" + blank() + joined(depth + 1) + blank() + ")";
    if (choices_.rarely(3)) return negation() + test(depth);
    const std::string left = (choices_.rarely(4) ? value() : query()) + blank();
    const std::string mark = choices_.pick({"==", "!=", "<", ">", "<=", ">="}) + blank();
    return left + mark + value();
  }
  std::string negation() { return choices_.rarely(3) ? "!" + blank() : ""; }
  std::string blank() { return choices_.rarely(3) ? choices_.pick({" ", "\t", "\r\n "}) : ""; }

  // What is true or false by itself.
  std::string test(int depth) {
    if (choices_.rarely(3)) {
      const std::string function = choices_.pick({"match(", "search("}) + subject() + blank() + ",";
      return function + blank() + pattern() + ")";
    }
    if (depth < kDepthMax && choices_.rarely(5))
      return choices_.pick({"@", "@.a", "$.b", "$"}) + "[?" + joined(depth + 1) + "]";
    return choices_.rarely(3) ? nodes() : query();
  }
  std::string subject() { return choices_.rarely(4) ? value() : choices_.pick({"@", "@.a", "@.b", "$.c", "'a1b'"}); }

  // They mean the same in ECMAScript, and have no braces, which would be slots.
  std::string pattern() {
    if (choices_.rarely(12)) return choices_.pick({"1", "null", "length(@)", "$.none"});
    return choices_.pick({"'a.*'",
                          "'[a-c]+'",
                          "'.'",
                          "'t.xt'",
                          "'(a|b)?1?'",
                          "'[^a]+'",
                          "\"-?[0-9]+\"",
                          "'2019-11.*'",
                          "'a|text'",
                          "'^a'",
                          "'xt$'",
                          "''",
                          "'[\\u00e0-\\u00ff].*'",
                          "'.*\\\\..*'",
                          "'(t|e|x)*'",
                          "'[.\\\\-0-9]+'",
                          "'\\u00e9.'",
                          "'a\\n.?'",
                          "'(a*)*'",
                          "'\\ud83d\\ude00x'",
                          "'(|a)b?'"});
  }

  std::string value() {
    if (!slot_.empty() && choices_.rarely(6))
      return choices_.rarely(3) ? "'" + slot_ + "'" : choices_.rarely(4) ? formatted_slot() : slot_;
    if (choices_.rarely(5)) return function();
    return choices_.rarely(2) ? literal() : query();
  }
  std::string formatted_slot() const { return slot_.substr(0, slot_.size() - 1) + ":02d}"; }
  std::string function() {
    if (deep_ && choices_.rarely(4)) return choices_.pick({"count(@..*)", "value(@..a)", "value($..b)"});
    return choices_.pick({"length(@.a)", "count(@.*)", "length(@)", "value(@.a)", "count(@['a','b'])", "value(@.*)",
                          "count( @[1:] )", "length(value(@[*]))", "length('\\u00e9\\ud83d\\ude00')", "count($[?@.a])",
                          "length(@.none)", "length(1)"});
  }
  std::string literal() {
    return choices_.pick({"1",
                          "'a'",
                          "null",
                          "true",
                          "0",
                          "\"text\"",
                          "false",
                          "''",
                          "-0",
                          "1.5",
                          "1e5",
                          "'1'",
                          "12345678901234567890",
                          "9007199254740992",
                          "9007199254740993.0",
                          "0.1e1",
                          "11E-1",
                          "-7",
                          "'a\\n\"'",
                          "\"\\u00e9\"",
                          "1e401",
                          "-1e-400",
                          "'d e'",
                          "'\\\\'"});
  }
  // At most one node.
  std::string query() {
    return choices_.pick({"@.a", "@.b", "@", "@.a", "@.b", "@['d e']", "@[0]", "@[-1]", "$.a", "@.a.b", "$['c']",
                          "@ .a [0]", "$.b[1].a", "@.none", "@[\"a\"][1]", "$"});
  }
  // Any number of them.
  std::string nodes() {
    if (deep_ && choices_.rarely(4)) return choices_.pick({"@..a", "$..b", "@..[0]", "@..['a',0]"});
    return choices_.pick({"@.*", "@[*]", "@['a', 'b']", "@[1:]", "$[0:2]", "@[::-1].a", "@[0,'c']", "@.*.a"});
  }

  Choices& choices_;
  const std::string& slot_;
  const bool deep_;
};

class Operators {
 public:
  Operators(Choices& choices, bool deep) : choices_(choices), deep_(deep) {}

  std::string joined(int depth) {
    std::string text = step(depth);
    for (std::size_t more = choices_.below(3) + 1; more > 0; --more) {
      if (choices_.rarely(4)) text += choices_.pick({"[0]", "[*]", "[a,b]", "[-1:]", "['d e']", "[b]"});
      if (deep_ && choices_.rarely(6)) {
        deep_ = false;
        text += ".." + step(depth);
      } else {
        text += choices_.pick({"|", ".", " where ", " | ", "\twhere\n"}) + step(depth);
      }
    }
    return text;
  }

 private:
  std::string step(int depth) {
    if (depth < kDepthMax && choices_.rarely(6)) return "(" + joined(depth + 1) + ")";
    if (choices_.rarely(4))
      return choices_.pick({"`parent`", "`this`", "*", "$", "[0]", "[*]", "['a','b']", "'where'"});
    return choices_.pick({"a", "b", "c", "'d e'", "a,b"});
  }

  Choices& choices_;
  bool deep_;
};

}  // namespace

std::string condition_of(Choices& choices, const std::string& slot, bool deep) {
  return Condition(choices, slot, deep).joined(0);
}

std::string operators_of(Choices& choices, bool deep) {
  return Operators(choices, deep).joined(0);
}

}  // namespace batchout::property
