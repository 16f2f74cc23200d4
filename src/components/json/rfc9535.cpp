// Compiles paths of RFC 9535: segments and selectors here, what filters contain in the second half. Functions are
// checked against their types (section 2.4.3) while they are read.

#include "components/json/rfc9535.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "components/json/pattern.h"
#include "components/json/rfc9535_reader.h"
#include "components/json/scalar.h"

namespace batchout::json {
namespace {

using Problem = Extractor::PathProblem;
template <class T>
using Parsed = std::expected<T, Problem>;

// A function: its name, whether its argument is a query as such and not its value, and how many it has.
struct Function {
  std::string_view name;
  Operand::Kind kind;
  bool takes_nodes;
  std::size_t arguments;
};

// Section 2.4 of the RFC.
constexpr Function kFunctions[] = {
    {"length", Operand::Kind::length, false, 1}, {"count", Operand::Kind::count, true, 1},
    {"value", Operand::Kind::value, true, 1},    {"match", Operand::Kind::match, false, 2},
    {"search", Operand::Kind::search, false, 2},
};

// LogicalType in the terms of the RFC: a test by itself, never a value.
bool is_logical(const Operand& operand) {
  return operand.kind == Operand::Kind::match || operand.kind == Operand::Kind::search;
}

// True for names and positions: at most one node. A slot in brackets is a name or a position, whatever its value is.
bool is_singular(const Path& path) {
  return std::ranges::all_of(path.steps, [](const Step& step) {
    return step.kind == Step::Kind::members || step.kind == Step::Kind::position || step.kind == Step::Kind::selector;
  });
}

// Why an operand is no value that can be compared or handed to a function; empty if it is.
std::string_view not_a_value(const Operand& operand) {
  if (operand.kind == Operand::Kind::query && !is_singular(operand.path))
    return "only a query of names and positions has a value; others can be counted or tested";
  if (is_logical(operand)) return "the function says only true or false and cannot be compared";
  return "";
}

// Steps and nesting are counted over the whole path, filters included: both bound the recursion of what walks it.
class Parser {
 public:
  explicit Parser(const Template& path) : reader_(path) {}

  Parsed<Path> run() {
    Path path;
    if (reader_.at_name() || reader_.peek() == '*') {
      if (auto done = shorthand(path); !done) return std::unexpected(std::move(done).error());
    } else if (!reader_.take('$')) {
      return reader_.expected("$");
    }
    if (auto done = segments(path); !done) return std::unexpected(std::move(done).error());
    if (!reader_.at_end()) return reader_.expected("a dot, a bracket or the end of the path");
    return path;
  }

 private:
  using Done = Parsed<void>;

  // Segments until something else comes; blanks before that are not taken.
  Done segments(Path& path) {
    while (true) {
      const std::size_t before = reader_.mark();
      reader_.skip_blanks();
      if (reader_.peek() != '.' && reader_.peek() != '[') {
        reader_.go_back(before);
        return {};
      }
      if (auto done = segment(path); !done) return done;
    }
  }

  Done segment(Path& path) {
    if (reader_.peek() == '[') return bracketed(path);
    reader_.skip();
    if (!reader_.take('.')) return shorthand(path);
    Path inner;
    const auto done = reader_.peek() == '[' ? bracketed(inner) : shorthand(inner);
    if (!done) return done;
    Step step;
    step.kind = Step::Kind::descendants;
    step.inner.push_back(std::move(inner));
    return add(path, std::move(step));
  }

  // What stands behind a dot. No blanks are allowed before it.
  Done shorthand(Path& path) {
    Step step;
    if (reader_.take('*')) {
      step.kind = Step::Kind::any_child;
    } else if (reader_.at_name()) {
      step.kind = Step::Kind::members;
      step.names.push_back(reader_.name());
    } else {
      return reader_.expected("a name, an asterisk or a bracket");
    }
    return add(path, std::move(step));
  }

  Done add(Path& path, Step step) {
    if (++steps_ > kStepsInPathMax) return reader_.problem("the path has too many steps");
    path.steps.push_back(std::move(step));
    return {};
  }

  // One selector is a step; several are alternatives. Filters inside have queries of their own.
  Done bracketed(Path& path) {
    if (++nesting_ > kNestingInPathMax) return reader_.problem("the path is nested too deeply");
    reader_.skip();
    int blank = blank_;
    Step all;
    all.kind = Step::Kind::alternatives;
    do {
      note_blank(blank);
      auto step = selector();
      if (!step) return std::unexpected(std::move(step).error());
      if (auto done = add(all.inner.emplace_back(), std::move(*step)); !done) return done;
      note_blank(blank);
    } while (reader_.take(','));
    blank_ = blank;
    if (!reader_.take(']')) return reader_.expected("a comma or a closing bracket");
    --nesting_;
    if (all.inner.size() == 1)
      path.steps.push_back(std::move(all.inner[0].steps[0]));
    else
      path.steps.push_back(std::move(all));
    return {};
  }

  // Skips blanks; `blank` becomes the column of the first one ever.
  void note_blank(int& blank) {
    const int here = reader_.column();
    const std::size_t before = reader_.mark();
    reader_.skip_blanks();
    if (blank == 0 && reader_.mark() != before) blank = here;
  }

  // Steps that mean the same in both languages are not `strict`, so that they compare equal.
  Parsed<Step> selector() {
    Step step;
    step.strict = true;
    const char c = reader_.peek();
    if (c == '\'' || c == '"') {
      auto name = reader_.quoted();
      if (!name) return std::unexpected(std::move(name).error());
      step.kind = Step::Kind::members;
      step.strict = false;
      step.names.push_back(std::move(*name));
      return step;
    }
    if (reader_.take('*')) {
      step.kind = Step::Kind::any_child;
      step.strict = false;
      return step;
    }
    if (reader_.take('?')) return filter();
    if (reader_.slot() == nullptr && !reader_.at_number() && c != ':')
      return reader_.expected("a name in quotes, a position, a slice, * or ?");
    return position_or_slice(std::move(step));
  }

  // What comes behind the first number decides; blanks are allowed before the colon.
  Parsed<Step> position_or_slice(Step step) {
    auto first = bound();
    if (!first) return std::unexpected(std::move(first).error());
    const std::size_t before = reader_.mark();
    reader_.skip_blanks();
    if (reader_.peek() == ':') return slice(std::move(step), std::move(*first));
    reader_.go_back(before);
    if ((*first)->literal()) {
      step.kind = Step::Kind::position;
      step.number = *position_of((*first)->text());
    } else {
      step.kind = Step::Kind::selector;
      step.selector = std::move(**first);
    }
    return step;
  }

  // A stride of 0 selects nothing, as section 2.3.4.2.2 has it.
  Parsed<Step> slice(Step step, std::optional<Words> from) {
    step.kind = Step::Kind::slice;
    step.from = std::move(from);
    reader_.skip();
    reader_.skip_blanks();
    auto to = bound();
    if (!to) return std::unexpected(std::move(to).error());
    step.to = std::move(*to);
    const std::size_t before = reader_.mark();
    reader_.skip_blanks();
    if (!reader_.take(':')) {
      reader_.go_back(before);
      return step;
    }
    const std::size_t after = reader_.mark();
    reader_.skip_blanks();
    if (!reader_.at_number()) {
      reader_.go_back(after);
      return step;
    }
    auto stride = reader_.integer();
    if (!stride) return std::unexpected(std::move(stride).error());
    step.stride = *stride;
    return step;
  }

  // A number or a slot, if there is one. A number stays a text like the value of a slot: both are read when the path is
  // evaluated.
  Parsed<std::optional<Words>> bound() {
    Words words;
    if (reader_.slot() != nullptr) {
      words.pieces.emplace_back(*reader_.slot());
      reader_.skip();
      return words;
    }
    if (!reader_.at_number()) return std::nullopt;
    auto number = reader_.integer();
    if (!number) return std::unexpected(std::move(number).error());
    words.pieces.emplace_back(std::to_string(*number));
    return words;
  }

  Parsed<Step> filter() {
    reader_.skip_blanks();
    auto condition = any_of();
    if (!condition) return std::unexpected(std::move(condition).error());
    Step step;
    step.kind = Step::Kind::filter;
    step.conditions.push_back(std::move(*condition));
    return step;
  }

  Parsed<Condition> any_of() { return joined(Condition::Kind::any_of, "||", &Parser::all_of); }
  Parsed<Condition> all_of() { return joined(Condition::Kind::all_of, "&&", &Parser::basic); }

  // Conditions of the next tighter kind, with `mark` between them; one alone is itself.
  Parsed<Condition> joined(Condition::Kind kind, std::string_view mark, Parsed<Condition> (Parser::*tighter)()) {
    Condition all;
    all.kind = kind;
    while (true) {
      auto part = (this->*tighter)();
      if (!part) return part;
      all.parts.push_back(std::move(*part));
      const std::size_t before = reader_.mark();
      reader_.skip_blanks();
      if (!reader_.take(mark)) {
        reader_.go_back(before);
        break;
      }
      reader_.skip_blanks();
    }
    if (all.parts.size() > 1) return all;
    Condition only = std::move(all.parts[0]);
    return only;
  }

  // Every condition counts as a step.
  Parsed<Condition> basic() {
    if (++steps_ > kStepsInPathMax) return reader_.problem("the path has too many steps");
    if (reader_.take('!')) {
      reader_.skip_blanks();
      auto condition = reader_.peek() == '(' ? parenthesised() : test();
      if (!condition) return condition;
      Condition negation;
      negation.kind = Condition::Kind::negation;
      negation.parts.push_back(std::move(*condition));
      return negation;
    }
    if (reader_.peek() == '(') return parenthesised();
    return test_or_comparison();
  }

  // At the opening parenthesis.
  Parsed<Condition> parenthesised() {
    if (++nesting_ > kNestingInPathMax) return reader_.problem("the path is nested too deeply");
    reader_.skip();
    reader_.skip_blanks();
    auto condition = any_of();
    if (!condition) return condition;
    reader_.skip_blanks();
    if (!reader_.take(')')) return reader_.expected("an operator or a closing parenthesis");
    --nesting_;
    return condition;
  }

  Parsed<Condition> test() {
    const int start = reader_.column();
    auto tested = operand();
    if (!tested) return std::unexpected(std::move(tested).error());
    return test_of(start, std::move(*tested));
  }

  // `start` is the column of the operand, for its problem.
  Parsed<Condition> test_of(int start, Operand tested) const {
    if (tested.kind == Operand::Kind::literal || tested.kind == Operand::Kind::slot)
      return reader_.problem_at(start, "a value alone is no condition; compare it with something");
    if (tested.kind != Operand::Kind::query && !is_logical(tested))
      return reader_.problem_at(start, "the result of this function has to be compared with something");
    Condition condition;
    condition.kind = Condition::Kind::test;
    condition.operands.push_back(std::move(tested));
    return condition;
  }

  // Only what stands behind the operand tells the two apart. Operands are judged when both are read.
  Parsed<Condition> test_or_comparison() {
    const int start = reader_.column();
    auto left = operand();
    if (!left) return std::unexpected(std::move(left).error());
    const int blank = blank_;
    const std::size_t before = reader_.mark();
    reader_.skip_blanks();
    const auto comparator = comparison_mark();
    if (!comparator) {
      reader_.go_back(before);
      return test_of(start, std::move(*left));
    }
    reader_.skip_blanks();
    const int second = reader_.column();
    auto right = operand();
    if (!right) return std::unexpected(std::move(right).error());
    if (auto done = check_value(*left, start, blank); !done) return std::unexpected(std::move(done).error());
    if (auto done = check_value(*right, second, blank_); !done) return std::unexpected(std::move(done).error());
    Condition condition;
    condition.kind = Condition::Kind::comparison;
    condition.comparator = *comparator;
    condition.operands.push_back(std::move(*left));
    condition.operands.push_back(std::move(*right));
    return condition;
  }

  // `start` is the column of the operand, `blank` that of a blank inside of its brackets. Section 2.3.5.1: queries that
  // are values have none there, unlike all others.
  Done check_value(const Operand& operand, int start, int blank) const {
    if (const auto reason = not_a_value(operand); !reason.empty())
      return reader_.problem_at(start, std::string(reason));
    if (operand.kind == Operand::Kind::query && blank != 0)
      return reader_.problem_at(blank, "a query that is a value has no blanks inside of its brackets");
    return {};
  }

  std::optional<Condition::Comparator> comparison_mark() {
    using enum Condition::Comparator;
    if (reader_.take("==")) return equal;
    if (reader_.take("!=")) return not_equal;
    if (reader_.take("<=")) return less_or_equal;
    if (reader_.take(">=")) return greater_or_equal;
    if (reader_.take('<')) return less;
    if (reader_.take('>')) return greater;
    return std::nullopt;
  }

  // By its first character; what it may be used for is judged by the caller.
  Parsed<Operand> operand() {
    const char c = reader_.peek();
    if (c == '@' || c == '$') return query();
    if (c == '\'' || c == '"') return text();
    if (reader_.at_number()) return number();
    if (reader_.slot() != nullptr) return slot();
    const int start = reader_.column();
    const std::string word = reader_.word();
    if (word.empty()) return reader_.expected("a query, a value or a function");
    if (reader_.peek() == '(') return function(start, word);
    return constant(start, word);
  }

  // With a format it is a text, else it has the type of its value.
  Operand slot() {
    Operand slot;
    slot.words.pieces.emplace_back(*reader_.slot());
    if (reader_.slot()->format.empty())
      slot.kind = Operand::Kind::slot;
    else
      slot.tag = Tag::text;
    reader_.skip();
    return slot;
  }

  Parsed<Operand> query() {
    Operand query;
    query.kind = Operand::Kind::query;
    query.absolute = reader_.peek() == '$';
    reader_.skip();
    blank_ = 0;
    if (auto done = segments(query.path); !done) return std::unexpected(std::move(done).error());
    return query;
  }

  Parsed<Operand> text() {
    auto words = reader_.quoted();
    if (!words) return std::unexpected(std::move(words).error());
    Operand literal;
    literal.tag = Tag::text;
    literal.words = std::move(*words);
    return literal;
  }

  Parsed<Operand> number() {
    bool is_integer = false;
    auto text = reader_.number(is_integer);
    if (!text) return std::unexpected(std::move(text).error());
    const Cell cell = number_cell(*text, is_integer);
    Operand literal;
    literal.tag = cell.tag;
    literal.integer = cell.integer;
    literal.real = cell.real;
    literal.words.pieces.emplace_back(std::move(*text));
    return literal;
  }

  // Reserved words have small letters only.
  Parsed<Operand> constant(int start, std::string_view word) const {
    Operand literal;
    literal.tag = word == "null" ? Tag::null : Tag::boolean;
    literal.integer = word == "true" ? 1 : 0;
    if (word != "null" && word != "true" && word != "false")
      return reader_.problem_at(start, fmt::format("a text needs quotes, and functions parentheses: {}", word));
    return literal;
  }

  // At the parenthesis behind the name, which has to follow at once.
  Parsed<Operand> function(int start, std::string_view name) {
    const auto* const found = std::ranges::find(kFunctions, name, &Function::name);
    if (found == std::end(kFunctions))
      return reader_.problem_at(
          start, fmt::format("there is no function {}; known are length, count, value, match, search", name));
    if (++nesting_ > kNestingInPathMax) return reader_.problem("the path is nested too deeply");
    reader_.skip();
    Operand call;
    call.kind = found->kind;
    for (reader_.skip_blanks(); reader_.peek() != ')'; reader_.skip_blanks()) {
      if (!call.arguments.empty() && !reader_.take(',')) return reader_.expected("a comma or a closing parenthesis");
      reader_.skip_blanks();
      auto argument = this->argument(*found);
      if (!argument) return argument;
      call.arguments.push_back(std::move(*argument));
    }
    reader_.skip();
    --nesting_;
    if (call.arguments.size() != found->arguments)
      return reader_.problem_at(start, fmt::format("wrong number of arguments: {} takes {}, not {}", name,
                                                   found->arguments, call.arguments.size()));
    if (is_logical(call)) call.pattern = pattern_of(call);
    return call;
  }

  // count and value take a query with any number of nodes, the others a value.
  Parsed<Operand> argument(const Function& function) {
    const int start = reader_.column();
    auto argument = operand();
    if (!argument) return argument;
    if (function.takes_nodes && argument->kind != Operand::Kind::query)
      return reader_.problem_at(start, fmt::format("{} takes a query", function.name));
    if (function.takes_nodes) return argument;
    if (auto done = check_value(*argument, start, blank_); !done) return std::unexpected(std::move(done).error());
    return argument;
  }

  // The regular expression, if it is known by now.
  static std::shared_ptr<const Pattern> pattern_of(const Operand& call) {
    const Operand& written = call.arguments[1];
    const bool known = written.kind == Operand::Kind::literal && written.tag == Tag::text && written.words.literal();
    const bool whole = call.kind == Operand::Kind::match;
    return known ? std::make_shared<const Pattern>(written.words.text(), whole) : nullptr;
  }

  Rfc9535Reader reader_;
  int nesting_ = 0;
  std::size_t steps_ = 0;
  // Column of the first blank inside of the brackets of the query that was read last; 0 without.
  int blank_ = 0;
};

// A path that is not UTF-8 has no characters to count, so the problem has no column.
std::optional<Problem> bad_utf8(const Template& path) {
  for (const auto& piece : path.pieces)
    if (const auto* text = std::get_if<std::string>(&piece); text != nullptr && utf8_fault(*text) < text->size())
      return Problem{"the path is not UTF-8", 0};
  return std::nullopt;
}

}  // namespace

std::expected<Path, Extractor::PathProblem> compile_rfc9535(const Template& path) {
  if (auto problem = bad_utf8(path)) return std::unexpected(std::move(*problem));
  return Parser(path).run();
}

}  // namespace batchout::json
