// Why a payload is refused.

#pragma once

#include <cstddef>
#include <string_view>

namespace batchout::json {

inline constexpr std::string_view kMalformed = "BO401";
inline constexpr std::string_view kEmpty = "BO402";
inline constexpr std::string_view kMissing = "BO403";
inline constexpr std::string_view kTooLarge = "BO404";
inline constexpr std::string_view kTooDeep = "BO405";
inline constexpr std::string_view kBadUtf8 = "BO406";
inline constexpr std::string_view kTooLong = "BO407";
inline constexpr std::string_view kTooManySteps = "BO408";

/// A refusal. Both texts are constants; the offset counts bytes of the payload from 0.
struct Fault {
  std::string_view code;
  std::string_view reason;
  std::size_t offset = 0;
};

}  // namespace batchout::json
