// Finds the marks of a JSON document: the offset of every bracket, comma and colon outside of texts. Between a mark and
// the next one there is a key, a value that is no container, blanks, or something malformed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "batchout/block.h"

namespace batchout::json {

class Marks {
 public:
  /// By the instructions that the processor has, or by those that all have; both find the same.
  enum class Way : std::uint8_t { fastest, common };

  explicit Marks(Way way = Way::fastest);

  /// Finds the marks of `text`, less than 2^31 bytes, which must be followed by kBehind readable ones. False if a text
  /// of it is not closed or has a control character, or if it is not UTF-8. Control characters outside of texts may be
  /// taken for marks.
  bool scan(std::string_view text);

  /// Of the last scan. Behind the last mark there are two more, at the end of the text.
  const std::uint32_t* begin() const { return marks_.data(); }
  const std::uint32_t* end() const { return begin() + count_; }
  /// True if there is no backslash, and if every text begins right behind a mark, so that whatever ends with a quote
  /// before the next mark is one text.
  bool has_plain_texts() const { return has_plain_texts_; }

  static constexpr std::size_t kBehind = 63;  ///< Bytes.

  /// What is known of the bytes so far.
  struct Progress {
    std::uint64_t inside = 0;       ///< All bits: they end within a text.
    std::uint64_t escaped = 0;      ///< 1: they end with a backslash that counts.
    std::uint64_t marked = 1;       ///< 1: they end with a mark.
    std::uint64_t faults = 0;       ///< Any bit: a text has a control character.
    std::uint64_t non_ascii = 0;    ///< Any bit: some byte is beyond ASCII.
    std::uint64_t has_escapes = 0;  ///< Any bit.
    std::uint64_t loose_texts = 0;  ///< Any bit: some text does not begin right behind a mark.
  };

 private:
  // Appends marks at the place given, up to 64 more than there are, and returns their end.
  using Scan = std::uint32_t* (*)(std::string_view text, std::uint32_t* marks, Progress& progress);

  Scan scan_;
  Buffer<std::uint32_t> marks_;
  std::size_t count_ = 0;
  bool has_plain_texts_ = false;
};

}  // namespace batchout::json
