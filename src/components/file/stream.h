// The bytes of a source that payloads are cut from: as they are, or unpacked.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/compression.h"
#include "batchout/spec.h"
#include "components/file/source.h"

namespace batchout::file {

enum class Packing : std::uint8_t {
  /// Told by the first bytes.
  detect,
  none,
  gzip,
  zstd
};

/// Offsets are those of the unpacked bytes; to go back in a compressed stream means to unpack it once more.
class Stream {
 public:
  /// "At least so long" of a stream whose length shows at its end.
  static constexpr std::size_t kEndless = std::size_t{1} << 62;

  Stream(Source source, Packing packing, std::size_t expansion_max)
      : source_(std::move(source)), packing_(packing), expansion_max_(expansion_max) {}

  /// As Source::read. A stream that is damaged ends where it is; `fault` says so.
  Result<std::optional<std::size_t>> read(char* out, std::size_t size, std::chrono::steady_clock::time_point deadline,
                                          const std::stop_token& stop);

  Result<> seek(std::int64_t offset);

  /// As Source::start and Source::size. Of a compressed stream the size is not known: kEndless.
  std::int64_t start() const { return compressed() ? 0 : source_.start(); }
  Result<std::size_t> size();

  /// Why the stream ends before its end; empty otherwise.
  const std::string& fault() const { return fault_; }

 private:
  using Count = Result<std::optional<std::size_t>>;

  bool compressed() const { return how_ && *how_ != Compression::none; }
  Result<bool> detect(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
  void begin();
  Count unpack(char* out, std::size_t size, std::chrono::steady_clock::time_point deadline,
               const std::stop_token& stop);
  Result<bool> refill(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
  std::string_view packed() const { return std::string_view(packed_).substr(packed_begin_); }

  Source source_;
  Packing packing_;
  std::size_t expansion_max_;
  /// None: not known yet.
  std::optional<Compression> how_;
  std::unique_ptr<Decompressor> decompressor_;
  /// Bytes of the source that have not been given, from `packed_begin_` on.
  std::string packed_;
  std::size_t packed_begin_ = 0;
  bool source_ended_ = false;
  /// Unpacked bytes to be passed over.
  std::uint64_t skipped_ = 0;
  /// Something was there to be unpacked, and something came out.
  bool begun_ = false;
  bool made_ = false;
  std::string fault_;
};

}  // namespace batchout::file

template <>
struct batchout::Choices<batchout::file::Packing> {
  static constexpr std::string_view names[] = {"auto", "none", "gzip", "zstd"};
};
