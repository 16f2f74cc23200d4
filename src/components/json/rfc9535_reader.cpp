// Section 2 of the RFC has the grammar in full.

#include "components/json/rfc9535_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "components/json/scalar.h"

namespace batchout::json {
namespace {

// Of I-JSON. Section 2.1: integers in a path lie within [-(2^53)+1, (2^53)-1].
constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;
// Characters.
constexpr std::size_t kNumberSizeMax = 4096;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// member-name-shorthand of section 2.5.1.1: ASCII letters, underscore, and everything beyond ASCII.
bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_';
}

}  // namespace

void Rfc9535Reader::skip_blanks() {
  while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
}

bool Rfc9535Reader::take(char c) {
  if (at_end() || peek() != c) return false;
  ++at_;
  return true;
}

// All of it or nothing; a slot matches nothing.
bool Rfc9535Reader::take(std::string_view text) {
  if (symbols_.size() - 1 - at_ < text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (symbols_[at_ + i].c != text[i]) return false;
  at_ += text.size();
  return true;
}

bool Rfc9535Reader::at_name() const {
  return slot() != nullptr || is_name_start(peek());
}

bool Rfc9535Reader::at_number() const {
  return peek() == '-' || is_digit(peek());
}

// Names and slots may alternate: `a{i}` is one name.
Words Rfc9535Reader::name() {
  Words words;
  for (; at_name() || is_digit(peek()); ++at_) {
    if (slot() != nullptr)
      words.pieces.emplace_back(*slot());
    else
      words.add(peek());
  }
  return words;
}

std::string Rfc9535Reader::word() {
  std::string word;
  if (peek() >= 'a' && peek() <= 'z')
    for (; is_word(peek()); ++at_) word += peek();
  return word;
}

bool Rfc9535Reader::digits(std::string& out) {
  if (!is_digit(peek())) return false;
  for (; is_digit(peek()); ++at_) out += peek();
  return true;
}

std::expected<std::int64_t, Extractor::PathProblem> Rfc9535Reader::integer() {
  const int start = column();
  std::string text;
  if (take('-')) text = "-";
  const std::size_t sign = text.size();
  if (!digits(text)) return expected("a digit");
  if (text[sign] == '0' && text.size() > 1)
    return problem_at(start, fmt::format("an integer has no leading zero, and zero no sign: {}", text.substr(0, 20)));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number > kIntegerMax || number < -kIntegerMax)
    return problem_at(start, fmt::format("the integer is beyond the range of 2^53: {}", text.substr(0, 40)));
  return number;
}

// Takes all that could belong to a number, and asks the scanner of documents whether it is one; that wants a byte which
// ends it.
std::expected<std::string, Extractor::PathProblem> Rfc9535Reader::number(bool& is_integer) {
  const int start = column();
  std::string text;
  if (take('-')) text = "-";
  while (is_digit(peek()) || peek() == '.' || peek() == 'e' || peek() == 'E' || peek() == '+' || peek() == '-') {
    text += peek();
    ++at_;
  }
  if (text.size() > kNumberSizeMax) return problem_at(start, "the number is too long");
  const std::string ended = text + '\n';
  if (number_size(ended.data(), is_integer) != text.size())
    return problem_at(start, fmt::format("the number is malformed: {}", text));
  return text;
}

// A text with slots is one text with their values in it, whatever quotes those have.
std::expected<Words, Extractor::PathProblem> Rfc9535Reader::quoted() {
  const char quote = peek();
  const int start = column();
  ++at_;
  Words words;
  while (!take(quote)) {
    if (at_end()) return problem_at(start, fmt::format("the quote is not closed: {}", quote));
    if (slot() != nullptr) {
      words.pieces.emplace_back(*slot());
      ++at_;
      continue;
    }
    if (static_cast<unsigned char>(peek()) < 0x20)
      return problem("a text in a path cannot contain a control character; write it as an escape");
    if (peek() == '\\') {
      if (auto done = escape(quote, words); !done) return std::unexpected(std::move(done).error());
      continue;
    }
    words.add(peek());
    ++at_;
  }
  return words;
}

// Collects the escape as JSON has it, and leaves it to the reader of JSON to say what it means.
std::expected<void, Extractor::PathProblem> Rfc9535Reader::escape(char quote, Words& words) {
  const int start = column();
  ++at_;
  const char c = peek();
  if (c == '\'' || c == '"') {
    if (c != quote) return problem_at(start, fmt::format("this quote needs no backslash here: {}", c));
    words.add(c);
    ++at_;
    return {};
  }
  std::string raw{'\\', c};
  if (!at_end()) ++at_;
  if (c == 'u')
    if (auto done = unicode(raw); !done) return done;
  std::string meant(raw.size(), '\0');
  const std::size_t size = unescape(raw, meant.data());
  if (size == kBadEscape) return problem_at(start, "a text in a path has a bad escape or an unpaired surrogate");
  for (const char meant_byte : meant.substr(0, size)) words.add(meant_byte);
  return {};
}

// Adds the four digits behind `\u`, and the other half of a pair, if there is one.
std::expected<void, Extractor::PathProblem> Rfc9535Reader::unicode(std::string& raw) {
  const auto four = [this, &raw] {
    for (int i = 0; i < 4 && !at_end() && slot() == nullptr; ++i, ++at_) raw += peek();
  };
  four();
  const bool high = raw.size() == 6 && (raw[2] == 'd' || raw[2] == 'D') && std::string_view("89abAB").contains(raw[3]);
  if (high && take("\\u")) {
    raw += "\\u";
    four();
  }
  return {};
}

std::unexpected<Extractor::PathProblem> Rfc9535Reader::problem(std::string message) const {
  return problem_at(column(), std::move(message));
}

std::unexpected<Extractor::PathProblem> Rfc9535Reader::problem_at(int column, std::string message) const {
  return std::unexpected(Problem{std::move(message), column});
}

std::unexpected<Extractor::PathProblem> Rfc9535Reader::expected(std::string_view wanted) const {
  if (at_end()) return problem(fmt::format("the path ends where {} is expected", wanted));
  return problem(fmt::format("{} is expected here", wanted));
}

}  // namespace batchout::json
