// Why a payload is refused.

#pragma once

#include <string>
#include <string_view>

namespace batchout::csv {

inline constexpr std::string_view kEmpty = "BO402";
inline constexpr std::string_view kMissing = "BO403";
inline constexpr std::string_view kTooLarge = "BO404";
inline constexpr std::string_view kBadEncoding = "BO406";
inline constexpr std::string_view kTooLong = "BO407";
inline constexpr std::string_view kTooManyRows = "BO410";
inline constexpr std::string_view kMalformed = "BO418";

/// A refusal: a code of docs/errors, and one sentence with the place, if it is known, at its end.
struct Fault {
  std::string_view code;
  std::string reason;
};

}  // namespace batchout::csv
