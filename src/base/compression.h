// Streams of gzip and Zstandard, in both directions and in pieces of any size: the only place that knows zlib and zstd.
//
// A stream is a row of parts (members of gzip, frames of zstd) that follow each other; what they hold is one text.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace batchout {

enum class Compression : std::uint8_t { none, gzip, zstd };

/// Bytes that `compression_of` looks at.
inline constexpr std::size_t kCompressionMark = 4;

/// How a stream is compressed that begins with these bytes; fewer than kCompressionMark only if there are no more.
Compression compression_of(std::string_view beginning);

/// CRC-32 as gzip has it.
std::uint32_t checksum(std::string_view bytes);

/// Used by one thread.
class Decompressor {
 public:
  /// Bytes for each byte of a stream that are no bomb.
  static constexpr std::size_t kExpansionMax = 200;
  /// So much may come out of a stream however small it is.
  static constexpr std::size_t kAlwaysFine = std::size_t{1} << 20;

  struct Step {
    std::size_t taken = 0;
    std::size_t made = 0;
  };

  virtual ~Decompressor() = default;

  /// Takes bytes from the beginning of `in` and puts at most `size` at `out`, which is not 0. A step that has filled
  /// its room may leave more to be given, which comes also for an empty `in`. Else what is wrong with the stream; it is
  /// of no use any more then.
  virtual std::expected<Step, std::string> run(std::string_view in, char* out, std::size_t size) = 0;

  /// True if the stream may end here: everything taken has been given, and the last part is whole.
  virtual bool complete() const = 0;

  /// True if nothing else is wrong with the stream than that it grows too much.
  virtual bool grows_too_much() const = 0;
};

/// `how` is not none. A stream that grows to more than `expansion_max` times its size is refused.
std::unique_ptr<Decompressor> make_decompressor(Compression how,
                                                std::size_t expansion_max = Decompressor::kExpansionMax);

/// Used by one thread.
class Compressor {
 public:
  virtual ~Compressor() = default;

  /// Appends to `out` what is ready of `bytes` and of those before.
  virtual void write(std::string_view bytes, std::string& out) = 0;

  /// Appends the rest and ends the part, if one has begun; what is written next begins another. So what was finished is
  /// a whole stream, and two that were finished are one when they are put together.
  virtual void finish(std::string& out) = 0;
};

/// `how` is not none. Speed and size are the usual ones of each format; zstd has a checksum as gzip does.
std::unique_ptr<Compressor> make_compressor(Compression how);

}  // namespace batchout
