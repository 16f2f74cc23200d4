// Texts with names in braces that stand for values.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace batchout {

/// `text` with each `{name}` replaced by what `value_of` says; `{{` and `}}` are one brace. Nothing if a name has no
/// value, or braces do not come in pairs.
std::optional<std::string> fill_braces(std::string_view text,
                                       const std::function<std::optional<std::string>(std::string_view)>& value_of);

}  // namespace batchout
