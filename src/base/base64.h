// Base64 (RFC 4648, 4), with padding.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchout {

std::string base64(std::string_view bytes);

/// None if the text is not what `base64` makes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace batchout
