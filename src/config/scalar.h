// Scalars of YAML 1.1, typed as the loader of the original does it.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "batchout/node.h"

namespace batchout {

/// The value of an unquoted scalar; keeps what was written.
/// An integer beyond 64 bits becomes a real; its digits stay in `written`.
Node plain_scalar(std::string_view text);

/// The words for true and false: yes, no, on, off, true, false in lower case, upper case or capitalised.
std::optional<bool> boolean_word(std::string_view text);

/// A whole text as a decimal number, blanks around it allowed. A sign is allowed, underscores and other bases are not:
/// the text comes from quotes or a variable, where YAML has no say.
std::optional<std::int64_t> decimal_integer(std::string_view text);
/// Finite numbers only.
std::optional<double> decimal_real(std::string_view text);

/// The double nearest to a well-formed decimal number: infinite or zero where it has no other.
double nearest_real(std::string_view digits);

}  // namespace batchout
