// I-Regexp (RFC 9485), the regular expressions of JSONPath: checked against their own grammar and translated.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchout::json {

/// The expression in the syntax of PCRE2, to be compiled for UTF-8 and without options; nothing if `written` is no
/// I-Regexp. Not anchored.
std::optional<std::string> translate_i_regexp(std::string_view written);

}  // namespace batchout::json
