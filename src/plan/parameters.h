// Values that a reader's selector gives to its inputs.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "batchout/node.h"

namespace batchout {

/// Values by name; none: null.
using ParameterRow = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// The settings of an input with the values of `row` in its mapping `params`: of those that the mapping names, and of
/// those whose name stands in braces in one of the input's texts. Others are left out, since not every input of a
/// reader has all parameters. None if one that it has is null: then there is nothing to read.
std::optional<Node> with_parameters(const Node& settings, const ParameterRow& row);

/// Names in braces in the texts of `settings` that `params` gives no value; in their order, each once.
std::vector<std::string> names_without_value(const Node& settings);

/// The settings of an input as if rows gave it `names`, to be checked before there are rows. The values mean nothing.
Node with_placeholders(const Node& settings, const std::vector<std::string>& names);

}  // namespace batchout
