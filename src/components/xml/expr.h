// An XPath 1.0 expression as a tree, so that its parts can be looked at and written anew.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace batchout::xml {

struct LocationStep;

/// Functions that own_functions.h writes into expressions: of sets of nodes, and those that compare two of them.
inline constexpr std::string_view kInOrder = "batchout-in-order";
inline constexpr std::string_view kFirst = "batchout-first";
inline constexpr std::string_view kTexts = "batchout-texts";
inline constexpr std::array<std::string_view, 4> kOwnComparisons = {"batchout-equal", "batchout-unequal",
                                                                    "batchout-less", "batchout-less-or-equal"};

struct Expr {
  enum class Kind : unsigned char {
    /// `text` is the literal with its quotes, or the number.
    value,
    /// `text` is `$name`; only in what we write ourselves.
    variable,
    /// `text` is the function, `operands` are its arguments.
    call,
    /// `text` is the operator between two operands, `|` among them.
    binary,
    /// Minus one operand.
    negation,
    /// `steps`, from what the operand finds if there is one, filtered by `predicates`.
    path,
  };
  Kind kind = Kind::path;
  std::string text;
  std::vector<Expr> operands;
  std::vector<Expr> predicates;
  std::vector<LocationStep> steps;

  bool is_union() const { return kind == Kind::binary && text == "|"; }
  /// True for what finds nodes, false for values.
  bool finds_nodes() const;
};

/// A step of a location path (section 2.1).
struct LocationStep {
  /// What stands in front of it: nothing, `/` or `//`.
  std::string_view slashes;
  /// Empty: the child axis, for `@` `attribute`, and none for `.` and `..`.
  std::string axis;
  /// As it is written, without blanks; `.`, `..`, or empty for the document itself, in `/`.
  std::string test;
  std::vector<Expr> predicates;
};

/// The tree of a valid expression. Parentheses are in its form only, and `//.` is what it stands for. Nothing for one
/// that is nested too deep, and for what libxml2 takes beyond XPath 1.0.
std::optional<Expr> parse_expr(std::string_view text);

/// The expression as text.
std::string to_text(const Expr& expr);
std::string to_text(const LocationStep& step);

}  // namespace batchout::xml
