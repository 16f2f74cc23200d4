// Cuts a stream of bytes into chunks: at a mark, after a number of bytes, or not at all.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/block.h"

namespace batchout {

/// How a file is cut. Without mark and bytes_max the whole file is one chunk.
struct Cut {
  std::string mark;           ///< A chunk ends behind it; empty: no mark.
  std::size_t bytes_max = 0;  ///< A chunk ends after so many bytes, unless a mark comes first; 0: no limit.
  std::size_t refused_above = std::size_t{512} << 20;  ///< Bytes; longer chunks are passed over.
};

struct Chunk {
  std::string_view bytes;     ///< Borrowed until the next call of the chunker.
  std::int64_t position = 0;  ///< Of its first byte in the stream.
  std::int64_t next = 0;      ///< Of the first byte after it.
  bool too_large = false;     ///< Longer than allowed; `bytes` holds its beginning only.
};

/// Fed by blocks (`room`, `filled`, at last `finish`), asked for chunks (`peek`, `pop`).
///
/// Every byte is searched once and moved at most once per chunk, also where chunks span many blocks. Memory stays at
/// the longest chunk, but for chunks that are too large: of these only the beginning is kept.
class Chunker {
 public:
  static constexpr std::size_t kBlock = 256 * 1024;
  static constexpr std::size_t kKept = 256;  ///< Bytes kept of a chunk that is too large.

  explicit Chunker(Cut cut) : cut_(std::move(cut)) {}

  /// Forgets everything; the next byte fed is at `position`. `expected`: bytes that are likely to come.
  void restart(std::int64_t position, std::size_t expected = 0);

  /// Where the next kBlock bytes of the stream may be put. Ends the borrow of chunks.
  char* room();
  void filled(std::size_t bytes) { buffer_.advance(bytes); }
  void finish() { finished_ = true; }
  bool finished() const { return finished_; }

  /// The next chunk, or nothing: more bytes are needed, or all have been taken if finished().
  std::optional<Chunk> peek();
  void pop();

 private:
  std::string_view unread() const { return {buffer_.data() + begin_, buffer_.size() - begin_}; }
  std::optional<std::size_t> length(std::string_view unread);
  std::size_t find_mark(std::string_view scope) const;
  void pass_over();

  Cut cut_;
  Buffer<char> buffer_;
  std::size_t begin_ = 0;      // First byte in buffer_ that belongs to no chunk taken.
  std::size_t searched_ = 0;   // Bytes after begin_ that are known to begin no mark, but for its last ones.
  std::size_t passed_ = 0;     // Bytes of a chunk that is too large, dropped already.
  std::size_t taken_ = 0;      // Length of the peeked chunk in buffer_; 0: not peeked.
  std::string head_;           // Beginning of a chunk that is too large.
  std::int64_t position_ = 0;  // Of the next chunk.
  bool finished_ = false;
};

}  // namespace batchout
