// Recursive descent over the grammar of RFC 9485, section 3. Whatever is not a letter or a digit is written as its code
// point, so that nothing means more to PCRE2 than it does here.
//
// A caret and a dollar outside of classes stay anchors, as in the mappings of section 5.

#include "components/json/i_regexp.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "components/json/scalar.h"

namespace batchout::json {
namespace {

// Inside of each other.
constexpr int kGroupsMax = 100;
// Bytes.
constexpr std::size_t kSizeMax = 64 * 1024;
// Of PCRE2.
constexpr int kRepeatMax = 65'535;

// For each kind of character the second letters that it knows.
constexpr std::pair<char, std::string_view> kCategories[] = {
    {'L', "lmotu"}, {'M', "cen"}, {'N', "dlo"}, {'P', "cdefios"}, {'Z', "lps"}, {'S', "ckmo"}, {'C', "cfno"}};

class Translator {
 public:
  explicit Translator(std::string_view written) : rest_(written) {}

  std::optional<std::string> run() {
    if (!alternatives() || !rest_.empty()) return std::nullopt;
    return std::move(out_);
  }

 private:
  char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
  bool at(std::string_view one_of) const { return !rest_.empty() && one_of.contains(rest_[0]); }
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool alternatives() {
    while (true) {
      while (!rest_.empty() && !at("|)"))
        if (!piece()) return false;
      if (!take('|')) return true;
      out_ += '|';
    }
  }

  // One quantifier at most: I-Regexp has neither lazy nor possessive ones.
  bool piece() { return atom() && quantifier(); }

  // A dot takes neither line feed nor carriage return (section 5.4), where PCRE2's takes the latter.
  bool atom() {
    if (take('(')) return group();
    if (take('[')) return character_class();
    if (take('.')) {
      out_ += "[^\\n\\r]";
      return true;
    }
    if (take('\\')) return escape();
    if (take('^')) {
      out_ += "\\A";
      return true;
    }
    if (take('$')) {
      out_ += "\\z";
      return true;
    }
    return !at("*+?{}]") && character();
  }

  // Not capturing: nobody asks for groups.
  bool group() {
    if (++groups_ > kGroupsMax) return false;
    out_ += "(?:";
    if (!alternatives() || !take(')')) return false;
    out_ += ')';
    --groups_;
    return true;
  }

  // A range that PCRE2 cannot hold is refused here, so that it is no regular expression at all.
  bool quantifier() {
    if (at("*+?")) {
      out_ += rest_[0];
      rest_.remove_prefix(1);
      return true;
    }
    if (!take('{')) return true;
    int least = 0, most = 0;
    if (!number(least)) return false;
    out_ += fmt::format("{{{}", least);
    if (take(',')) {
      out_ += ',';
      if (peek() != '}') {
        if (!number(most) || most < least) return false;
        out_ += std::to_string(most);
      }
    }
    out_ += '}';
    return take('}');
  }

  // A sign is none of the grammar; from_chars would take a minus.
  bool number(int& value) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || value < 0 || value > kRepeatMax || rest_[0] == '-') return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  // What a backslash begins, outside of classes and inside.
  bool escape() {
    if (at("pP")) return category();
    char32_t meant = 0;
    if (!single_escape(meant)) return false;
    put(meant);
    return true;
  }

  // SingleCharEsc of the grammar: marks stand for themselves, n, r and t for line feed, carriage return and tab.
  bool single_escape(char32_t& meant) {
    if (!at("()*+-.?[\\]^nrt{|}")) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    meant = c == 'n' ? U'\n' : c == 'r' ? U'\r' : c == 't' ? U'\t' : static_cast<char32_t>(c);
    return true;
  }

  // At the p or P. Names of categories are those of Unicode; scripts and blocks are left out by the RFC.
  bool category() {
    const char sign = rest_[0];
    rest_.remove_prefix(1);
    if (!take('{')) return false;
    for (const auto& [kind, seconds] : kCategories) {
      if (!take(kind)) continue;
      out_ += fmt::format("\\{}{{{}", sign, kind);
      if (at(seconds)) {
        out_ += rest_[0];
        rest_.remove_prefix(1);
      }
      out_ += '}';
      return take('}');
    }
    return false;
  }

  // A hyphen stands for itself at both ends only.
  bool character_class() {
    out_ += '[';
    if (take('^')) out_ += '^';
    bool empty = true;
    while (!rest_.empty() && rest_[0] != ']') {
      if (take('-')) {
        if (!empty && peek() != ']') return false;
        put(U'-');
      } else if (!class_part()) {
        return false;
      }
      empty = false;
    }
    out_ += ']';
    return !empty && take(']');
  }

  // A range must not go backwards, and neither of its ends can be a category.
  bool class_part() {
    if (rest_.size() > 1 && rest_[0] == '\\' && (rest_[1] == 'p' || rest_[1] == 'P')) {
      rest_.remove_prefix(1);
      return category();
    }
    char32_t from = 0, to = 0;
    if (!class_character(from)) return false;
    put(from);
    const bool range = rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']';
    if (!range) return true;
    rest_.remove_prefix(1);
    if (!class_character(to) || to < from) return false;
    out_ += '-';
    put(to);
    return true;
  }

  bool class_character(char32_t& c) {
    if (take('\\')) return single_escape(c);
    return !at("-[]") && code_point(c);
  }

  bool character() {
    char32_t c = 0;
    if (!code_point(c)) return false;
    put(c);
    return true;
  }

  // Takes a character, which is good UTF-8 in documents and paths.
  bool code_point(char32_t& c) {
    const std::string_view taken = character_at(rest_.substr(0, 4), 0);
    if (taken.empty()) return false;
    const auto first = static_cast<unsigned char>(taken[0]);
    c = taken.size() == 1 ? first : first & (0x7Fu >> taken.size());
    for (const char next : taken.substr(1)) c = c << 6 | (static_cast<unsigned char>(next) & 0x3F);
    rest_.remove_prefix(taken.size());
    return true;
  }

  // As its code point unless it is a letter or a digit of ASCII.
  void put(char32_t c) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain)
      out_ += static_cast<char>(c);
    else
      fmt::format_to(std::back_inserter(out_), "\\x{{{:x}}}", static_cast<std::uint32_t>(c));
  }

  std::string_view rest_;
  std::string out_;
  int groups_ = 0;
};

}  // namespace

std::optional<std::string> translate_i_regexp(std::string_view written) {
  if (written.size() > kSizeMax || utf8_fault(written) < written.size()) return std::nullopt;
  return Translator(written).run();
}

}  // namespace batchout::json
