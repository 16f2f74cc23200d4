// From left to right, with an eye on quotes and brackets. The path is known to be one, so that much need not be told
// apart.

#include "components/json/path_parts.h"

#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "components/json/path_symbols.h"
#include "components/json/path_tokens.h"

namespace batchout::json {
namespace {

// What came last, beside the marks of the languages.
constexpr char kNothing = '\0', kTwoDots = 'D', kWhere = 'W', kOperand = 'x';

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Parts {
 public:
  Parts(const Template& path, Syntax syntax) : syntax_(syntax), symbols_(path_symbols(path)) {}

  std::vector<PathPart> run() {
    while (!at_end()) {
      const char c = symbols_[at_].c;
      if (symbols_[at_].slot != nullptr || is_word(c))
        word();
      else if (c == '\'' || c == '"' || c == '`')
        quoted(c);
      else
        mark(c);
    }
    flush();
    return std::move(parts_);
  }

 private:
  struct Brackets {
    char open = '[';
    /// What comes is a filter.
    bool filter = false;
    /// Of parentheses of the older language: the part that comes first in them.
    std::size_t part = 0;
  };

  bool at_end() const { return at_ + 1 >= symbols_.size(); }
  bool in_brackets() const { return !brackets_.empty() && brackets_.back().open == '['; }
  bool is_old() const { return syntax_ == Syntax::jsonpath_rw; }

  bool is_word(char c) const {
    const bool common = is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
    return common || (is_old() ? c == '@' || c == '-' : static_cast<unsigned char>(c) >= 0x80);
  }

  void flush() {
    if (literal_.empty()) return;
    PathPart part;
    part.text = std::exchange(literal_, {});
    parts_.push_back(std::move(part));
  }

  void add(PathPart part) {
    flush();
    parts_.push_back(std::move(part));
  }

  static void add(const PathSymbol& symbol, Words& words) {
    if (symbol.slot != nullptr)
      words.pieces.emplace_back(*symbol.slot);
    else
      words.add(symbol.c);
  }

  // What comes next but for blanks; 0 at the end.
  char next() const {
    std::size_t at = at_;
    while (is_blank(symbols_[at].c)) ++at;
    return symbols_[at].c;
  }

  void quoted(char quote) {
    PathPart part;
    part.role = PathPart::Role::quoted;
    part.quote = quote;
    literal_ += symbols_[at_++].c;
    while (!at_end() && (symbols_[at_].slot != nullptr || symbols_[at_].c != quote)) {
      const bool escapes = symbols_[at_].slot == nullptr && symbols_[at_].c == '\\';
      if (escapes && symbols_[at_ + 1].slot == nullptr) add(symbols_[at_], part.words);
      at_ += escapes ? 1 : 0;
      if (!at_end()) add(symbols_[at_++], part.words);
    }
    if (part.words.literal())
      literal_ += part.words.text();
    else
      add(std::move(part));
    if (!at_end()) literal_ += symbols_[at_++].c;
    last_ = kOperand;
  }

  void word() {
    const std::size_t begin = at_;
    PathPart part;
    while (!at_end() && (symbols_[at_].slot != nullptr || is_word(symbols_[at_].c))) add(symbols_[at_++], part.words);
    if (part.words.literal()) {
      const std::string_view text = part.words.text();
      literal_ += text;
      last_ = is_old() && !in_brackets() && text == kWhereName ? kWhere : kOperand;
      return;
    }
    part.role = role_of(begin);
    if (part.role == PathPart::Role::name) place_name(part);
    const bool has_brackets = part.role == PathPart::Role::selector && is_old();
    if (has_brackets) take_brackets(part);
    add(std::move(part));
    last_ = has_brackets ? ']' : kOperand;
  }

  PathPart::Role role_of(std::size_t begin) const {
    using enum PathPart::Role;
    const bool of_slice = last_ == ':' || next() == ':';
    if (is_old()) {
      if (!in_brackets()) return name;
      if (of_slice) return bound;
      return last_ == ',' || next() == ',' ? name : selector;
    }
    if (begin == 0 || last_ == '.' || last_ == kTwoDots) return name;
    if (!in_brackets() || brackets_.back().filter) return operand;
    return of_slice ? bound : selector;
  }

  // In the older language brackets bind the loosest, so they stand only where nothing binds tighter; two dots have
  // quotes behind them.
  void place_name(PathPart& part) {
    const char after = next();
    const bool dot = last_ == '.' && literal_.ends_with('.');
    part.first = parts_.empty() && literal_.empty();
    part.brackets = !is_old() || (dot && (after == kNothing || std::string_view(".[)").contains(after)));
    part.dot = dot && part.brackets;
    if (part.dot) literal_.pop_back();
  }

  // In the older language they hold nothing else.
  void take_brackets(PathPart& part) {
    while (!literal_.empty() && literal_.back() != '[') literal_.pop_back();
    if (!literal_.empty()) literal_.pop_back();
    while (!at_end() && symbols_[at_++].c != ']') {
    }
    brackets_.pop_back();
    const bool is_step = std::string_view(".|&(DW").contains(before_brackets_) || before_brackets_ == kNothing;
    if (!is_step)
      for (std::size_t i = 0; i < brackets_at_; ++i) add(symbols_[i], part.before);
    part.enclosed = std::string_view("|w").contains(next());
    part.group = brackets_.empty() ? 0 : brackets_.back().part;
  }

  void mark(char c) {
    if (c == '[') {
      before_brackets_ = last_;
      brackets_at_ = at_;
    }
    if (c == '[' || c == '(') brackets_.push_back({c});
    if ((c == ']' || c == ')') && !brackets_.empty()) brackets_.pop_back();
    if ((c == '?' || c == ',') && !brackets_.empty()) brackets_.back().filter = c == '?';
    const bool second_dot = c == '.' && literal_.ends_with('.');
    if (!is_blank(c)) last_ = second_dot ? kTwoDots : c;
    literal_ += c;
    ++at_;
    if (c != '(' || !is_old()) return;
    flush();
    brackets_.back().part = parts_.size();
  }

  Syntax syntax_;
  std::vector<PathSymbol> symbols_;
  std::size_t at_ = 0;
  std::vector<PathPart> parts_;
  // What no part has yet.
  std::string literal_;
  std::vector<Brackets> brackets_;
  char last_ = kNothing;
  // Of the brackets that were opened last: what came before them, and where they are.
  char before_brackets_ = kNothing;
  std::size_t brackets_at_ = 0;
};

}  // namespace

std::vector<PathPart> path_parts(const Template& path, Syntax syntax) {
  return Parts(path, syntax).run();
}

}  // namespace batchout::json
