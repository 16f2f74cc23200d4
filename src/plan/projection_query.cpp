// A tokenizer and a recogniser for the one statement form that is a projection. Whatever does not fit is left to SQL,
// so nothing here reports errors.

#include "plan/projection_query.h"

#include <algorithm>
#include <array>

namespace batchout {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// As SQLite's tokenizer: every byte beyond ASCII belongs to a name.
bool starts_name(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9') || c == '$';
}

struct Token {
  enum class Type { word, quoted, symbol, end } type = Type::end;
  std::string text;
};

// Splits SQL as SQLite does, as far as projections need it: words, quoted names and single symbols. `here` is the next
// token; every `take_` moves on only if it answers yes. Nothing is copied but the token's own text.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : sql_(sql) { next(); }

  const Token& here() const { return here_; }

  bool take_word(std::string_view word) {
    if (here_.type != Token::Type::word || !equal_names(here_.text, word)) return false;
    next();
    return true;
  }
  bool take_symbol(char symbol) {
    if (here_.type != Token::Type::symbol || here_.text[0] != symbol) return false;
    next();
    return true;
  }
  // The name without its quotes; a reserved word in quotes is a name.
  std::optional<std::string> take_name() {
    // Words that end a projection or begin something else are not names here, although SQLite takes some of them.
    static constexpr std::array<std::string_view, 22> kReserved = {
        "select", "from", "where", "group", "order", "having", "limit",  "union",  "except", "intersect", "distinct",
        "all",    "join", "case",  "cast",  "not",   "null",   "exists", "values", "as",     "on",        "natural"};
    const bool name = here_.type == Token::Type::quoted ||
                      (here_.type == Token::Type::word &&
                       std::ranges::none_of(kReserved, [&](auto word) { return equal_names(word, here_.text); }));
    if (!name) return std::nullopt;
    std::string text = std::move(here_.text);
    next();
    return text;
  }

 private:
  // At the end `here_` is of type `end`. Numbers and texts in single quotes come as symbols, which no projection
  // contains.
  void next() {
    skip_blanks();
    here_ = {};
    if (at_ == sql_.size()) return;
    const char c = sql_[at_];
    if (starts_name(c)) return word();
    if (c == '"' || c == '`' || c == '[') return quoted(c == '[' ? ']' : c);
    here_ = {Token::Type::symbol, std::string(1, c)};
    ++at_;
  }

  // Blanks, line comments up to the end of the line, and block comments; one that is not closed ends the text.
  void skip_blanks() {
    while (at_ < sql_.size()) {
      if (sql_[at_] == ' ' || (sql_[at_] >= '\t' && sql_[at_] <= '\r')) {
        ++at_;
      } else if (sql_.substr(at_, 2) == "--") {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (sql_.substr(at_, 2) == "/*") {
        const std::size_t end = sql_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? sql_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  void word() {
    const std::size_t first = at_;
    while (at_ < sql_.size() && continues_name(sql_[at_])) ++at_;
    here_ = {Token::Type::word, std::string(sql_.substr(first, at_ - first))};
  }

  // A doubled quote stands for itself, except in brackets, as in SQLite.
  void quoted(char close) {
    here_.type = Token::Type::quoted;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sql_[at_] != close) {
        here_.text += sql_[at_];
      } else if (close != ']' && at_ + 1 < sql_.size() && sql_[at_ + 1] == close) {
        here_.text += close;
        ++at_;
      } else {
        ++at_;
        return;
      }
    }
    // Not closed: SQL will say so.
    here_ = {Token::Type::symbol, "?"};
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  Token here_;
};

// `qualifier` is what stood before the dot; it is checked once the table is known, which comes after the columns.
struct Reference {
  std::string qualifier;
  ProjectionQuery::Item item;
};

// None for anything that is more than a name: the caller leaves the whole query to SQL then, it is no error.
std::optional<Reference> take_item(Tokens& tokens) {
  Reference reference;
  if (tokens.take_symbol('*')) {
    reference.item.star = true;
    return reference;
  }
  auto name = tokens.take_name();
  if (!name) return std::nullopt;
  if (tokens.take_symbol('.')) {
    reference.qualifier = std::move(*name);
    if (tokens.take_symbol('*')) {
      reference.item.star = true;
      return reference;
    }
    name = tokens.take_name();
    if (!name) return std::nullopt;
  }
  reference.item.column = std::move(*name);
  const bool needs_alias = tokens.take_word("as");
  auto alias = tokens.take_name();
  if (!alias && needs_alias) return std::nullopt;
  reference.item.name = alias ? std::move(*alias) : reference.item.column;
  return reference;
}

}  // namespace

// ASCII only: SQLite does not know other capitals either.
bool equal_names(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<ProjectionQuery> parse_projection_query(std::string_view sql) {
  Tokens tokens(sql);
  if (!tokens.take_word("select")) return std::nullopt;
  ProjectionQuery query;
  std::vector<std::string> qualifiers;
  do {
    auto reference = take_item(tokens);
    if (!reference) return std::nullopt;
    query.items.push_back(std::move(reference->item));
    if (!reference->qualifier.empty()) qualifiers.push_back(std::move(reference->qualifier));
  } while (tokens.take_symbol(','));
  if (!tokens.take_word("from")) return std::nullopt;
  auto table = tokens.take_name();
  if (!table) return std::nullopt;
  query.table = std::move(*table);
  std::string alias = query.table;
  // Without `as` an alias in quotes would be one, too; such queries are left to SQL.
  if (tokens.take_word("as") || tokens.here().type == Token::Type::word) {
    auto name = tokens.take_name();
    if (!name) return std::nullopt;
    alias = std::move(*name);
  }
  (void)tokens.take_symbol(';');
  if (tokens.here().type != Token::Type::end) return std::nullopt;
  if (!std::ranges::all_of(qualifiers, [&](const auto& name) { return equal_names(name, alias); })) return std::nullopt;
  return query;
}

}  // namespace batchout
