// Percent encoding (RFC 3986, 2.1).

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchout {

/// Bytes that mean nothing in any place of a URL ("unreserved", but for letters and digits).
inline constexpr std::string_view kUnreserved = "-._~";

/// All bytes but letters, digits and `marks` encoded.
std::string percent_encoded(std::string_view text, std::string_view marks = kUnreserved);

/// None if a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace batchout
