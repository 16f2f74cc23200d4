// Compiles paths of jsonpath_rw. Operators from loosest to tightest: brackets, `..`, `.`, `|`, `&`, `where`; a comma
// joins names only. That brackets are the loosest is what the original's parser does: `a|b[0]` is `(a|b)[0]`.

#include "components/json/jsonpath_rw.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "components/json/path_tokens.h"

namespace batchout::json {
namespace {

// The lowest binding, at which brackets are taken, too.
constexpr int kLoosest = 1;

// How tightly an operator binds; 0 if the token is none. In the order of the original's precedence table, loosest
// first.
int binding(const PathToken& token) {
  if (token.kind != PathToken::Kind::mark) return 0;
  switch (token.mark) {
    case 'D':
      return 1;
    case '.':
      return 2;
    case '|':
      return 3;
    case '&':
      return 4;
    case 'W':
      return 5;
    default:
      return 0;
  }
}

// Precedence climbing: `binary(n)` takes operators that bind at least as tightly as n.
class Parser {
 public:
  using Problem = Extractor::PathProblem;
  using Parsed = std::expected<Path, Problem>;

  explicit Parser(std::vector<PathToken> tokens) : tokens_(std::move(tokens)) {}

  Parsed run() {
    auto path = binary(kLoosest);
    if (path && here().kind != PathToken::Kind::end) return unexpected("an operator or the end of the path");
    return path;
  }

 private:
  const PathToken& here() const { return tokens_[at_]; }
  bool is_mark(char mark) const { return here().kind == PathToken::Kind::mark && here().mark == mark; }
  bool take(char mark) {
    if (!is_mark(mark)) return false;
    ++at_;
    return true;
  }

  std::unexpected<Problem> problem(std::string message) const {
    return std::unexpected(Problem{std::move(message), here().column});
  }

  std::unexpected<Problem> unexpected(std::string_view wanted) const {
    if (here().kind == PathToken::Kind::end) return problem(fmt::format("the path ends where {} is expected", wanted));
    if (here().kind == PathToken::Kind::number)
      return problem(fmt::format("a number needs brackets, or quotes if it is a name: {}", here().words.text()));
    return problem(fmt::format("{} is expected here", wanted));
  }

  // All operators are left-associative, as in the original's yacc grammar. Brackets are met here and not in `atom`,
  // because they bind the loosest of all.
  Parsed binary(int binding_min) {
    auto left = atom();
    while (left) {
      if (is_mark('[') && binding_min == kLoosest) {
        auto step = brackets();
        if (!step) return std::unexpected(std::move(step).error());
        left->steps.push_back(std::move(*step));
        continue;
      }
      const int level = binding(here());
      if (level == 0 || level < binding_min) break;
      if (is_mark('&')) return problem("the operator & is not supported by this path language");
      const char mark = here().mark;
      ++at_;
      auto right = binary(level + 1);
      if (!right) return right;
      left = join(std::move(*left), mark, std::move(*right));
    }
    return left;
  }

  // `left.right` is one list of steps; the others hold their right side as an inner path.
  static Path join(Path left, char mark, Path right) {
    if (mark == '.') {
      std::ranges::move(right.steps, std::back_inserter(left.steps));
      return left;
    }
    if (mark == '|') return either(std::move(left), std::move(right));
    Step step;
    step.kind = mark == 'W' ? Step::Kind::where : Step::Kind::descendants;
    step.inner.push_back(std::move(right));
    left.steps.push_back(std::move(step));
    return left;
  }

  // `a|b|c` is one step, however many there are.
  static Path either(Path left, Path right) {
    Path path;
    if (left.steps.size() == 1 && left.steps[0].kind == Step::Kind::alternatives) {
      path = std::move(left);
    } else {
      path.steps.emplace_back().kind = Step::Kind::alternatives;
      path.steps[0].inner.push_back(std::move(left));
    }
    path.steps[0].inner.push_back(std::move(right));
    return path;
  }

  // Each atom counts as a step, whatever it becomes.
  Parsed atom() {
    if (take('(')) return parenthesised();
    if (++atoms_ > kStepsInPathMax) return problem("the path has too many steps");
    Path path;
    if (here().kind == PathToken::Kind::operation) return operation();
    if (is_mark('[')) {  // `a.[0]`
      auto step = brackets();
      if (!step) return std::unexpected(std::move(step).error());
      path.steps.push_back(std::move(*step));
      return path;
    }
    if (here().kind == PathToken::Kind::name || here().kind == PathToken::Kind::composed) {
      auto step = names();
      if (!step) return std::unexpected(std::move(step).error());
      path.steps.push_back(std::move(*step));
      return path;
    }
    if (!is_mark('$') && !is_mark('*')) return unexpected("a step (a name, *, $, [ or a parenthesis)");
    Step step;
    step.kind = is_mark('$') ? Step::Kind::root : Step::Kind::any_member;
    path.steps.push_back(std::move(step));
    ++at_;
    return path;
  }

  // Behind the opening parenthesis. Parentheses leave no step of their own.
  Parsed parenthesised() {
    if (++nesting_ > kNestingInPathMax) return problem("parentheses are nested too deeply");
    auto path = binary(kLoosest);
    --nesting_;
    if (path && !take(')')) return unexpected("a closing parenthesis");
    return path;
  }

  // `this` is no step at all.
  Parsed operation() {
    Path path;
    const std::string name(here().words.literal() ? here().words.text() : std::string_view{});
    if (name == "parent") {
      path.steps.emplace_back().kind = Step::Kind::parent;
    } else if (name != "this") {
      return problem(fmt::format("the operators between backquotes are parent and this, not `{}`", name));
    }
    ++at_;
    return path;
  }

  // `a,b`; a literal `*` among them, quoted or not, means every member.
  std::expected<Step, Problem> names() {
    Step step;
    step.kind = Step::Kind::members;
    do {
      if (here().kind != PathToken::Kind::name && here().kind != PathToken::Kind::composed) return unexpected("a name");
      step.names.push_back(here().words);
      ++at_;
    } while (take(','));
    const auto is_star = [](const Words& name) { return name.literal() && name.text() == "*"; };
    if (std::ranges::any_of(step.names, is_star)) {
      step.kind = Step::Kind::any_member;
      step.names.clear();
    }
    return step;
  }

  std::expected<Step, Problem> brackets() {
    if (++atoms_ > kStepsInPathMax) return problem("the path has too many steps");
    ++at_;
    auto step = bracketed();
    if (step && !take(']')) return unexpected("a closing bracket");
    return step;
  }

  // A quoted or bare name in brackets is a member, `[a,b]` several.
  std::expected<Step, Problem> bracketed() {
    Step step;
    if (take('*')) {
      step.kind = Step::Kind::any_element;
      return step;
    }
    const bool number = here().kind == PathToken::Kind::number;
    const bool composed = here().kind == PathToken::Kind::composed;
    const bool followed = tokens_[at_].kind != PathToken::Kind::end && tokens_[at_ + 1].kind == PathToken::Kind::mark;
    const char next = followed ? tokens_[at_ + 1].mark : '\0';
    if (is_mark(':') || ((number || composed) && next == ':')) return slice();
    if (composed && next != ',') {
      step.kind = Step::Kind::selector;
      step.selector = here().words;
      ++at_;
      return step;
    }
    if (!number) return names();
    step.kind = Step::Kind::position;
    step.number = position_of(here().words.text()).value_or(0);
    ++at_;
    return step;
  }

  // No stride: the original's grammar has none. Without bounds it is `[*]`, which takes single values, too.
  std::expected<Step, Problem> slice() {
    Step step;
    step.kind = Step::Kind::slice;
    const auto bound = [this]() -> std::optional<Words> {
      if (here().kind != PathToken::Kind::number && here().kind != PathToken::Kind::composed) return std::nullopt;
      return tokens_[at_++].words;
    };
    step.from = bound();
    if (!take(':')) return unexpected("a colon");
    step.to = bound();
    if (!step.from && !step.to) step.kind = Step::Kind::any_element;
    return step;
  }

  std::vector<PathToken> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  std::size_t atoms_ = 0;
};

}  // namespace

std::expected<Path, Extractor::PathProblem> compile_jsonpath_rw(const Template& path) {
  auto tokens = path_tokens(path);
  if (!tokens) return std::unexpected(std::move(tokens).error());
  return Parser(std::move(*tokens)).run();
}

}  // namespace batchout::json
