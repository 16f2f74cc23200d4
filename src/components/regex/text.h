// Payloads as texts: what is searched is UTF-8, whatever came.

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace batchout::regex {

inline constexpr std::string_view kMissing = "BO403";
inline constexpr std::string_view kTooLarge = "BO404";
inline constexpr std::string_view kBadEncoding = "BO406";
inline constexpr std::string_view kTooManySteps = "BO408";
inline constexpr std::string_view kTooManyRows = "BO410";

inline constexpr std::size_t kTextMax = 1 << 20;  ///< Bytes.

/// Why a payload is refused: a code of docs/errors, and one sentence.
struct Fault {
  std::string_view code;
  std::string reason;
};

enum class Encoding : std::uint8_t { utf8, ascii, latin1 };

/// The text of a payload, without a byte order mark; it lies in the payload or in `memory`.
std::expected<std::string_view, Fault> read_text(std::string_view payload, Encoding encoding, std::string& memory);

/// Steps that all searches in a text of so many bytes may take together: two seconds for the longest text, measured
/// with 5 ns a step on one core of 2026.
constexpr std::uint64_t steps_for(std::size_t text_size) {
  return 30'000'000 + 320 * std::uint64_t{text_size};
}

}  // namespace batchout::regex
