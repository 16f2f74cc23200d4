// How keys and values appear inside messages.

#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "batchout/result.h"

namespace batchout {

/// `text` in double quotes: control characters are escaped, a long text is cut.
/// At most 60 bytes of it are shown, whole characters only. The text is taken to be UTF-8.
std::string in_quotes(std::string_view text);

/// `path` with one more key or, for lists, one more position. Keys come from the file: they are escaped and cut as
/// values are.
std::string join_path(std::string_view path, std::string_view key);
std::string join_path(std::string_view path, std::size_t position);

/// The candidate that was probably meant by `word`: few typing mistakes away, or the same word in part.
/// Without regard to ASCII capitals. Words of more than 64 bytes are nobody's typing mistake: the time that a hostile
/// key can cost stays bounded.
std::optional<std::string> near_miss(std::string_view word, std::span<const std::string> candidates);

/// `did you mean "mode"?`, or `prefix` and all candidates if none is near; empty without candidates. `prefix`
/// introduces the list, for example "known are". Too many candidates are not listed.
std::string suggestion(std::string_view word, std::span<const std::string> candidates, std::string_view prefix);

/// So many problems of one configuration come with names that may have been meant: nobody reads more of them, and each
/// costs a comparison with every name.
inline constexpr std::size_t kHintsMax = 100;

/// The same for one more of many problems; empty beyond kHintsMax. `candidates` gives them where they are needed.
template <std::invocable Candidates>
std::string suggestion(const Problems& problems, std::string_view word, const Candidates& candidates,
                       std::string_view prefix) {
  return problems.size() < kHintsMax ? suggestion(word, candidates(), prefix) : std::string();
}

}  // namespace batchout
