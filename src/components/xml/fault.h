// Why a payload is refused.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace batchout::xml {

/// What these codes mean stands in docs/errors.
inline constexpr std::string_view kEmpty = "BO402";
inline constexpr std::string_view kMissing = "BO403";
inline constexpr std::string_view kTooLarge = "BO404";
inline constexpr std::string_view kTooDeep = "BO405";
inline constexpr std::string_view kBadEncoding = "BO406";
inline constexpr std::string_view kTooLong = "BO407";
inline constexpr std::string_view kTooManySteps = "BO408";
inline constexpr std::string_view kMalformed = "BO415";
inline constexpr std::string_view kEntities = "BO416";
inline constexpr std::string_view kTooManyAttributes = "BO417";

/// Limits that hold for every payload. Of one element, those given by a DTD included.
inline constexpr std::size_t kAttributesMax = 256;
/// Bytes that entities may make of each byte of a payload.
inline constexpr std::size_t kAmplificationMax = 5;
/// A document of so many bytes cannot have more nodes, but for namespaces.
constexpr std::size_t nodes_most(std::size_t bytes) {
  return bytes * (1 + kAmplificationMax);
}
/// Of all paths in one payload, as libxml2 counts them.
inline constexpr unsigned long kStepsMax = 10'000'000;

/// A refusal: a code of docs/errors, and one sentence with the place, if it is known, at its end.
struct Fault {
  std::string_view code;
  std::string reason;
};

/// Where a byte of a payload is, as `at line 3, column 7`: both from 1, columns in characters. `text` is the payload as
/// UTF-8, so that this holds for payloads in other encodings, too.
std::string place_in(std::string_view text, std::size_t at);

/// How payloads are read. HTML is read by the forgiving parser of libxml2, which refuses next to nothing.
enum class Form : unsigned char { xml, html };

}  // namespace batchout::xml
