// The fence round foreign code: every call into a component goes through here, so that a stranger's exception becomes
// an error that names the component, and every error says where it happened.

#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "batchout/result.h"

namespace batchout {

/// Makes the failing alternative of any Result for something that went wrong at `place`.
inline std::unexpected<Error> fail_at(std::string_view place, Verdict verdict, std::string_view code,
                                      std::string message) {
  return std::unexpected(Error{verdict, std::string(code), std::move(message), std::string(place)});
}

/// What a guarded call returns: a Result as it is, anything else inside of one.
template <class T>
struct Guarded {
  using type = Result<T>;
};
template <class T>
struct Guarded<Result<T>> {
  using type = Result<T>;
};

/// Calls `call` and returns its value, or its error with `place` before it. A call that returns void or a plain value
/// can fail only by an exception, which comes back as BO904. `call` runs at once, on this thread.
template <class Call>
auto guarded(std::string_view place, Call&& call) -> typename Guarded<std::invoke_result_t<Call>>::type {
  using Returned = std::invoke_result_t<Call>;
  using Safe = typename Guarded<Returned>::type;
  std::string thrown;
  try {
    if constexpr (std::is_void_v<Returned>) {
      call();
      return Safe{};
    } else if constexpr (std::is_same_v<Returned, Safe>) {
      Safe result = call();
      if (!result) return std::unexpected(std::move(result).error().in(place));
      return result;
    } else {
      return Safe{call()};
    }
  } catch (const std::exception& exception) {
    thrown = exception.what();
  } catch (...) {
    thrown = "not a std::exception";
  }
  return fail_at(place, Verdict::internal, "BO904",
                 fmt::format("The component threw an exception, which is a bug in it: {}", thrown));
}

}  // namespace batchout
