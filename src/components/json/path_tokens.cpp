// Splits a path template into tokens. Slots take part as if they were letters.

#include "components/json/path_tokens.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/unicode.h"
#include "components/json/path_symbols.h"

namespace batchout::json {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// ASCII only, other names need quotes.
bool starts_name(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '@';
}

bool continues_name(char c) {
  return starts_name(c) || is_digit(c) || c == '-';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Source: the lexer of jsonpath_rw 1.4, which knows no escapes but the backslash before any character.
class Lexer {
 public:
  using Problem = Extractor::PathProblem;

  explicit Lexer(const Template& path) : symbols_(path_symbols(path)) {}

  std::expected<std::vector<PathToken>, Problem> run() {
    std::vector<PathToken> tokens;
    while (true) {
      while (is_blank(here().c)) ++at_;
      PathToken token;
      token.column = here().column;
      if (at_ + 1 == symbols_.size()) {
        tokens.push_back(std::move(token));
        return tokens;
      }
      if (auto problem = read(token)) return std::unexpected(std::move(*problem));
      tokens.push_back(std::move(token));
    }
  }

 private:
  const PathSymbol& here() const { return symbols_[at_]; }
  bool at_end() const { return at_ + 1 >= symbols_.size(); }

  // Reads one token; there is one, since blanks and the end have been looked for.
  std::optional<Problem> read(PathToken& token) {
    const char c = here().c;
    if (c == '\'' || c == '"' || c == '`') return read_quoted(token, c);
    if (here().slot != nullptr || continues_name(c)) return read_word(token);
    if (std::string_view("*.[]()$,:|&").find(c) == std::string_view::npos || c == 0)
      return Problem{fmt::format("a path cannot contain this character outside quotes: '{}'", printable(c)),
                     token.column};
    token.kind = PathToken::Kind::mark;
    token.mark = c;
    ++at_;
    if (c == '.' && here().c == '.') {
      token.mark = 'D';
      ++at_;
    }
    return std::nullopt;
  }

  // The whole character, if it has several bytes.
  std::string printable(char c) const {
    std::string text(1, c);
    for (std::size_t i = at_ + 1; continues_character(symbols_[i].c); ++i) text += symbols_[i].c;
    const bool control = static_cast<unsigned char>(c) < 0x20;
    return control ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : text;
  }

  // A backslash makes the next character literal; a slot is that by itself.
  std::optional<Problem> read_quoted(PathToken& token, char quote) {
    token.kind = quote == '`' ? PathToken::Kind::operation : PathToken::Kind::name;
    token.quoted = true;
    for (++at_; !at_end() && (here().slot != nullptr || here().c != quote); ++at_) {
      if (here().slot == nullptr && here().c == '\\') ++at_;
      if (at_end()) break;
      if (here().slot != nullptr)
        token.words.pieces.emplace_back(*here().slot);
      else
        token.words.add(here().c);
    }
    if (at_end()) return Problem{fmt::format("the quote is not closed: {}", quote), token.column};
    ++at_;
    return std::nullopt;
  }

  // `1a` is a number and a name, as for the original; with a slot in it the whole word is one.
  std::optional<Problem> read_word(PathToken& token) {
    const bool number = is_digit(here().c) || here().c == '-';
    bool slots = false;
    for (; here().slot != nullptr || continues_name(here().c); ++at_) {
      if (here().slot != nullptr) {
        token.words.pieces.emplace_back(*here().slot);
        slots = true;
      } else {
        // Without slots a number ends at the first character that is no digit.
        if (number && !slots && !token.words.pieces.empty() && !is_digit(here().c)) break;
        token.words.add(here().c);
      }
    }
    if (slots) {
      token.kind = PathToken::Kind::composed;
    } else if (number) {
      token.kind = PathToken::Kind::number;
      if (token.words.text() == "-") return Problem{"a minus sign needs a number after it", token.column};
    } else {
      token.kind = PathToken::Kind::name;
      if (token.words.text() == kWhereName) token = {PathToken::Kind::mark, 'W', false, {}, token.column};
    }
    return std::nullopt;
  }

  std::vector<PathSymbol> symbols_;
  std::size_t at_ = 0;
};

}  // namespace

std::expected<std::vector<PathToken>, Extractor::PathProblem> path_tokens(const Template& path) {
  return Lexer(path).run();
}

}  // namespace batchout::json
