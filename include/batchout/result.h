// How this project reports what went wrong: one error type, one result type, one list of problems.
//
// Functions that can fail return Result<T>. An Error says what its *caller* can do about it (the verdict), which page
// of docs/errors explains it (the code), and where it happened (the place, built on the way out).

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchout {

/// What the caller of a failed operation can do about it.
enum class Verdict : std::uint8_t {
  /// One row or payload is bad: isolate it, keep it as a reject, go on.
  row,
  /// A system is unwell: roll back, wait, try the same again. Never a reject.
  environment,
  /// The configuration or the target does not fit: stop with this message.
  configuration,
  /// Another process owns the unit now: drop the batch, claim again.
  fenced,
  /// We are wrong: stop.
  internal,
};

/// A failed operation. Secrets never appear in `message`.
struct Error {
  Verdict verdict = Verdict::internal;
  /// "BO" and three digits; a page of docs/errors.
  std::string code;
  /// One sentence; runtime values at its end.
  std::string message;
  /// Outermost first, for example "outputs.warehouse"; empty until `in` is called.
  std::string place;

  /// Prefixes the place with `outer` and returns the error, to be used on the way out.
  Error&& in(std::string_view outer) && {
    place = place.empty() ? std::string(outer) : std::string(outer) + ": " + place;
    return std::move(*this);
  }
};

/// A value or the error that prevented it.
template <class T = void>
using Result = std::expected<T, Error>;

/// Makes the failing alternative of any Result.
inline std::unexpected<Error> fail(Verdict verdict, std::string_view code, std::string message) {
  return std::unexpected(Error{verdict, std::string(code), std::move(message), {}});
}

/// One thing that is wrong with a configuration, at its place in the file.
struct Problem {
  enum class Severity : std::uint8_t { error, warning };

  Severity severity = Severity::error;
  /// "BO" and three digits.
  std::string code;
  /// As given by the user; empty for a configuration built in code.
  std::string file;
  /// From 1; 0 if unknown.
  int line = 0;
  /// From 1, in characters; 0 if unknown.
  int column = 0;
  /// Key path, for example "outputs.local.mode".
  std::string path;
  /// What is wrong.
  std::string message;
  /// What to do about it; may be empty.
  std::string hint;

  /// "file:line:column: path: message; hint [code]", without the parts that are unknown.
  std::string text() const;
};

using Problems = std::vector<Problem>;

/// True if at least one problem is an error, not a warning.
bool has_errors(const Problems& problems);

}  // namespace batchout

/// Returns the error of a Result<> expression to the caller.
#define BATCHOUT_CHECK(expression)                                                                 \
  do {                                                                                             \
    if (auto checked = (expression); !checked) return std::unexpected(std::move(checked).error()); \
  } while (false)

/// Assigns the value of a Result expression to `target` (a declaration or an lvalue), or returns its error.
#define BATCHOUT_TRY(target, expression) BATCHOUT_TRY_AT(target, expression, __COUNTER__)
#define BATCHOUT_TRY_AT(target, expression, n) BATCHOUT_TRY_NAMED(target, expression, n)
#define BATCHOUT_TRY_NAMED(target, expression, n)                       \
  auto tried_##n = (expression);                                        \
  if (!tried_##n) return std::unexpected(std::move(tried_##n).error()); \
  target = std::move(*tried_##n)
