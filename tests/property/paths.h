// Random parts of paths in which precedence decides: conditions of filters, and steps joined by operators.

#pragma once

#include <string>

#include "choices.h"

namespace batchout::property {

/// What may stand behind the `?` of a filter in RFC 9535. `slot` is one that may stand for a value, or empty. Queries
/// over descendants only if `deep`.
std::string condition_of(Choices& choices, const std::string& slot, bool deep);

/// Steps of jsonpath_rw with operators between them, few of them in parentheses. At most one is over descendants, if
/// `deep`.
std::string operators_of(Choices& choices, bool deep);

}  // namespace batchout::property
