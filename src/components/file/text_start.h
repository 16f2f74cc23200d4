// The first bytes of a text: a byte order mark, and encodings in which no text can be cut byte by byte.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "components/file/splitter.h"

namespace batchout::file {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct TextStart {
  /// Bytes of the byte order mark of UTF-8, if there is one.
  std::size_t mark_size = 0;
  /// Why the text cannot be cut; else empty.
  std::string_view fault;
};

/// Looks at the beginning of a stream; nothing as long as there are too few bytes. `nul_means_wide`: NUL among the
/// first two bytes tells UTF-16 and UTF-32 without a mark.
inline std::optional<TextStart> start_of_text(const Window& window, bool nul_means_wide) {
  const std::string_view bytes = window.bytes;
  if (bytes.size() < kByteOrderMark.size() && !window.last) return std::nullopt;
  if (bytes.starts_with(kByteOrderMark)) return TextStart{kByteOrderMark.size(), {}};
  const bool has_wide_mark = bytes.starts_with("\xFE\xFF") || bytes.starts_with("\xFF\xFE");
  if (has_wide_mark || (nul_means_wide && bytes.substr(0, 2).contains('\0')))
    return TextStart{0, "the file is UTF-16 or UTF-32, which cannot be cut; convert it to UTF-8"};
  return TextStart{};
}

}  // namespace batchout::file
