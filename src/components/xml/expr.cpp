// By recursive descent along the grammar of XPath 1.0 (section 3). After an operand a name or `*` is an operator (3.7),
// which the place in the grammar tells by itself. What is not valid has been refused by libxml2 before.

#include "components/xml/expr.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "components/xml/markup.h"
#include "components/xml/names.h"

namespace batchout::xml {
namespace {

// Expressions in one another, and operators: both make a tree deep.
constexpr int kDepthMax = 500;
constexpr int kOperatorsMax = 1000;

// From loose to tight; a longer operator before its beginning.
struct Operator {
  std::string_view text;
  int binding;
};
constexpr int kUnary = 7;
constexpr int kUnion = 8;
constexpr int kPath = 9;
constexpr std::array<Operator, 13> kOperators = {{{"or", 1},
                                                  {"and", 2},
                                                  {"!=", 3},
                                                  {"=", 3},
                                                  {"<=", 4},
                                                  {">=", 4},
                                                  {"<", 4},
                                                  {">", 4},
                                                  {"+", 5},
                                                  {"-", 5},
                                                  {"div", 6},
                                                  {"mod", 6},
                                                  {"*", 6}}};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  std::optional<Expr> parse() {
    auto expr = expression(1);
    skip_blanks();
    return rest_.empty() ? std::move(expr) : std::nullopt;
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is(rest_.front(), kBlank)) rest_.remove_prefix(1);
  }
  bool next_is(std::string_view sign) {
    skip_blanks();
    return rest_.starts_with(sign);
  }
  bool take(std::string_view sign) {
    if (!next_is(sign)) return false;
    rest_.remove_prefix(sign.size());
    return true;
  }
  std::string_view take_size(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view take_name() { return take_size(name_size(rest_)); }

  // Null if none follows. libxml2 needs no blank behind a name.
  const Operator* next_operator() {
    skip_blanks();
    const auto* const found = std::ranges::find_if(
        kOperators, [this](const Operator& candidate) { return rest_.starts_with(candidate.text); });
    return found == kOperators.end() ? nullptr : found;
  }

  std::optional<Expr> expression(int binding) {
    if (++depth_ > kDepthMax) return std::nullopt;
    auto left = unary();
    for (const Operator* sign = next_operator(); left && sign != nullptr && sign->binding >= binding;
         sign = next_operator()) {
      rest_.remove_prefix(sign->text.size());
      left = binary(sign->text, std::move(left), expression(sign->binding + 1));
    }
    --depth_;
    return left;
  }
  std::optional<Expr> binary(std::string_view sign, std::optional<Expr> left, std::optional<Expr> right) {
    if (!left || !right || ++operators_ > kOperatorsMax) return std::nullopt;
    Expr expr{Expr::Kind::binary, std::string(sign), {}, {}, {}};
    expr.operands.push_back(std::move(*left));
    expr.operands.push_back(std::move(*right));
    return expr;
  }
  std::optional<Expr> unary() {
    if (!take("-")) return alternatives();
    if (++depth_ > kDepthMax) return std::nullopt;
    auto operand = unary();
    --depth_;
    if (!operand) return std::nullopt;
    Expr expr{Expr::Kind::negation, "-", {}, {}, {}};
    expr.operands.push_back(std::move(*operand));
    return expr;
  }
  std::optional<Expr> alternatives() {
    auto left = path();
    while (left && take("|")) left = binary("|", std::move(left), path());
    return left;
  }

  std::optional<Expr> path() {
    Expr expr;
    skip_blanks();
    const bool has_primary = begins_primary();
    if (has_primary) {
      auto first = primary();
      if (!first || !predicates(expr.predicates)) return std::nullopt;
      if (expr.predicates.empty() && !next_is("/")) return first;
      if (!first->finds_nodes()) return std::nullopt;
      expr.operands.push_back(std::move(*first));
    }
    for (bool first = !has_primary;; first = false) {
      LocationStep step;
      step.slashes = take("//") ? "//" : take("/") ? "/" : "";
      if (step.slashes.empty() && !first) return expr;
      const bool alone = first && step.slashes == "/" && !begins_step();
      if (!alone && !parse_step(step)) return std::nullopt;
      expr.steps.push_back(std::move(step));
      if (alone) return expr;
    }
  }
  bool begins_primary() {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    if (c == '(' || c == '"' || c == '\'' || is_digit(c)) return true;
    if (c == '.') return rest_.size() > 1 && is_digit(rest_[1]);
    return !function_name().empty();
  }
  // A name before a parenthesis that is no type of nodes.
  std::string_view function_name() {
    const Parser before = *this;
    std::string_view name = take_name();
    if (!next_is("(") || is_one_of(name, kNodeTypes)) name = {};
    *this = before;
    return name;
  }
  std::optional<Expr> primary() {
    const char c = rest_.front();
    if (c == '(') return group();
    if (c == '"' || c == '\'') return value(rest_.find(c, 1) + 1);
    if (is_digit(c) || c == '.') return value(number_size());
    Expr expr{Expr::Kind::call, std::string(take_name()), {}, {}, {}};
    take("(");
    for (bool first = true; !take(")"); first = false) {
      if (!first && !take(",")) return std::nullopt;
      auto argument = expression(1);
      if (!argument) return std::nullopt;
      expr.operands.push_back(std::move(*argument));
    }
    return expr;
  }
  std::optional<Expr> group() {
    take("(");
    auto inner = expression(1);
    return take(")") ? std::move(inner) : std::nullopt;
  }
  std::optional<Expr> value(std::size_t size) {
    return Expr{Expr::Kind::value, std::string(take_size(size)), {}, {}, {}};
  }

  // With an exponent, which libxml2 takes, too.
  std::size_t number_size() const {
    const auto behind_digits = [this](std::size_t from) {
      return std::min(rest_.find_first_not_of("0123456789.", from), rest_.size());
    };
    const std::size_t size = behind_digits(0);
    if (size == rest_.size() || lower(rest_[size]) != 'e') return size;
    const bool has_sign = size + 1 < rest_.size() && (rest_[size + 1] == '-' || rest_[size + 1] == '+');
    return behind_digits(size + (has_sign ? 2 : 1));
  }

  bool begins_step() {
    skip_blanks();
    return !rest_.empty() && (is_name_start(rest_.front()) || std::string_view(".@*").contains(rest_.front()));
  }
  bool parse_step(LocationStep& step) {
    skip_blanks();
    if (rest_.starts_with("..")) return step.test = take_size(2), true;
    if (rest_.starts_with('.')) return itself(step), true;
    if (take("@")) {
      step.axis = "attribute";
      skip_blanks();
    }
    std::string_view name = take_name();
    if (!name.empty() && take("::")) {
      step.axis = name;
      skip_blanks();
      name = take_name();
    }
    return parse_test(name, step.test) && predicates(step.predicates);
  }
  // libxml2 leaves the node itself out of `.//.`, but not here.
  void itself(LocationStep& step) {
    step.test = take_size(1);
    if (step.slashes == "//") step = {"/", "descendant-or-self", "node()", {}};
  }
  bool parse_test(std::string_view name, std::string& test) {
    test = name;
    if (name.empty()) return take("*") && (test = "*", true);
    if (rest_.starts_with(':') && !rest_.starts_with("::")) {
      const std::string_view local = rest_.starts_with(":*") ? take_size(2) : take_size(1 + name_size(rest_.substr(1)));
      return test += local, local.size() > 1;
    }
    if (!take("(")) return true;
    test += '(';
    skip_blanks();
    if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\''))
      test += take_size(rest_.find(rest_.front(), 1) + 1);
    return test += ')', take(")");
  }
  bool predicates(std::vector<Expr>& list) {
    while (take("[")) {
      auto predicate = expression(1);
      if (!predicate || !take("]")) return false;
      list.push_back(std::move(*predicate));
    }
    return true;
  }

  std::string_view rest_;
  int depth_ = 0;
  int operators_ = 0;
};

int binding_of(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::binary:
      if (expr.is_union()) return kUnion;
      return std::ranges::find(kOperators, std::string_view(expr.text), &Operator::text)->binding;
    case Expr::Kind::negation:
      return kUnary;
    case Expr::Kind::path:  // Behind `/` alone, `*` would be a step.
      return !expr.steps.empty() && expr.steps.back().test.empty() ? 0 : kPath;
    default:
      return kPath;
  }
}

void append(const Expr& expr, std::string& out);

void append_bound(const Expr& expr, int binding, std::string& out) {
  if (binding_of(expr) >= binding) return append(expr, out);
  out += '(';
  append(expr, out);
  out += ')';
}

void append(std::span<const Expr> predicates, std::string& out) {
  for (const Expr& predicate : predicates) {
    out += '[';
    append(predicate, out);
    out += ']';
  }
}

void append(const LocationStep& step, std::string& out) {
  if (step.axis == "attribute")
    out += '@';
  else if (!step.axis.empty())
    out.append(step.axis) += "::";
  out += step.test;
  append(step.predicates, out);
}

void append_path(const Expr& expr, std::string& out) {
  if (!expr.operands.empty())
    append_bound(expr.operands[0], expr.operands[0].kind == Expr::Kind::path ? kPath + 1 : kPath, out);
  append(expr.predicates, out);
  for (const LocationStep& step : expr.steps) {
    out += step.slashes;
    append(step, out);
  }
}

void append(const Expr& expr, std::string& out) {
  switch (expr.kind) {
    case Expr::Kind::value:
    case Expr::Kind::variable:
      out += expr.text;
      return;
    case Expr::Kind::call:
      out.append(expr.text) += '(';
      for (std::size_t i = 0; i < expr.operands.size(); ++i) {
        if (i > 0) out += ", ";
        append(expr.operands[i], out);
      }
      out += ')';
      return;
    case Expr::Kind::binary:
      append_bound(expr.operands[0], binding_of(expr), out);
      out.append(1, ' ').append(expr.text) += ' ';
      append_bound(expr.operands[1], binding_of(expr) + 1, out);
      return;
    case Expr::Kind::negation:
      out += '-';
      append_bound(expr.operands[0], kUnary, out);
      return;
    case Expr::Kind::path:
      append_path(expr, out);
  }
}

}  // namespace

bool Expr::finds_nodes() const {
  if (kind == Kind::call) return text == "id" || text == kInOrder || text == kFirst || text == kTexts;
  return kind == Kind::path || kind == Kind::variable || is_union();
}

std::optional<Expr> parse_expr(std::string_view text) {
  return Parser(text).parse();
}

std::string to_text(const Expr& expr) {
  std::string text;
  append(expr, text);
  return text;
}

std::string to_text(const LocationStep& step) {
  std::string text;
  append(step, text);
  return text;
}

}  // namespace batchout::xml
