// Cuts a stream of bytes into chunks, by a splitter that finds where they begin and end.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/block.h"
#include "components/file/splitter.h"

namespace batchout::file {

struct Chunk {
  /// Borrowed until the next call of the chunker.
  std::string_view bytes;
  /// Of its first byte in the stream.
  std::int64_t position = 0;
  /// Where reading goes on after it.
  std::int64_t next = 0;
  /// Longer than allowed; `bytes` holds its beginning only.
  bool too_large = false;
  /// From here on the stream cannot be cut; `bytes` holds the beginning of the rest.
  bool broken = false;
  /// Why, of a broken one. Borrowed as `bytes`.
  std::string_view fault;
};

/// Fed by blocks (`room`, `filled`, at last `finish`), asked for chunks (`peek`, `pop`).
///
/// Every byte is searched once and moved at most once per chunk, also where chunks span many blocks. Memory stays at
/// the longest chunk, but for chunks that are too large: of these only the beginning is kept.
class Chunker {
 public:
  static constexpr std::size_t kBlock = 256 * 1024;
  /// Bytes kept of a chunk that is too large.
  static constexpr std::size_t kKept = 256;
  static constexpr std::size_t kSizeMax = std::size_t{512} << 20;

  /// Chunks of more than `refused_above` bytes are passed over.
  explicit Chunker(std::unique_ptr<Splitter> splitter, std::size_t refused_above = kSizeMax)
      : splitter_(std::move(splitter)), refused_above_(refused_above) {}

  /// Counts from the next `restart` on.
  void refuse_above(std::size_t bytes) { refused_above_ = bytes; }

  /// Forgets everything; the next chunk is the one at `position`: 0, or `next` of some chunk. Returns where the bytes
  /// that are fed next have to stand in the stream. `size` of the stream, or 0; `expected`: bytes of the next chunk
  /// that are likely to come.
  std::int64_t restart(std::int64_t position, std::size_t size = 0, std::size_t expected = 0);

  /// Where the next kBlock bytes of the stream may be put. Ends the borrow of chunks.
  char* room();
  void filled(std::size_t bytes) { buffer_.advance(bytes); }
  void finish() { last_ = true; }
  /// The stream ends too early: what has not become a chunk is broken.
  void fail(std::string fault) { failure_ = std::move(fault); }
  /// No byte is needed any more.
  bool finished() const { return last_ || ended_ || !failure_.empty(); }

  /// The next chunk, or nothing: more bytes are needed, or all have been taken if finished().
  std::optional<Chunk> peek();
  void pop();

 private:
  using Found = Splitter::Found;

  Window window() const { return {{buffer_.data() + begin_, buffer_.size() - begin_}, position_, last_}; }
  Chunk payload();
  Chunk broken();
  std::string_view beginning(std::int64_t end) const;
  void forget();
  void drop(std::int64_t until);

  std::unique_ptr<Splitter> splitter_;
  std::size_t refused_above_;
  /// Bytes of a chunk that are kept until it is known to be too large.
  std::size_t kept_max_ = 0;
  Buffer<char> buffer_;
  /// The first byte in buffer_ that is still needed,
  std::size_t begin_ = 0;
  /// and its position.
  std::int64_t position_ = 0;
  /// Where the chunks begin that are wanted.
  std::int64_t from_ = 0;
  /// The stream is at least so long.
  std::int64_t end_min_ = 0;
  Found found_ = Found::nothing;
  /// Beginning of a chunk that is too large.
  std::string head_;
  /// A chunk with what it is handed over between.
  std::string framed_;
  /// All bytes have come.
  bool last_ = false;
  /// Why the others do not come.
  std::string failure_;
  /// A broken chunk has been taken.
  bool ended_ = false;
};

}  // namespace batchout::file
