// zlib and zstd are told apart here only; both keep what they need between the calls.

#include "base/compression.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/assertion.h"

namespace batchout {
namespace {

/// For both libraries: how much a call of theirs may take or give.
constexpr std::size_t kStepMax = std::numeric_limits<std::int32_t>::max();

// What is put out at a time by a compressor.
constexpr std::size_t kRoom = 64 * 1024;

bool is_zstd(std::string_view beginning) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(beginning[i]); };
  if (beginning.size() < kCompressionMark) return false;
  // A frame, or one that is to be skipped.
  const bool frame = byte(0) == 0x28 && byte(1) == 0xB5 && byte(2) == 0x2F && byte(3) == 0xFD;
  return frame || (byte(0) >> 4 == 0x5 && byte(1) == 0x2A && byte(2) == 0x4D && byte(3) == 0x18);
}

/// Counts, so that no stream grows beyond its measure.
class Measured : public Decompressor {
 public:
  explicit Measured(std::size_t expansion_max) : expansion_max_(expansion_max) {}

  bool grows_too_much() const override { return grows_; }

 protected:
  std::expected<Step, std::string> counted(Step step) {
    taken_ += step.taken;
    made_ += step.made;
    grows_ = made_ > kAlwaysFine && made_ / expansion_max_ > taken_;
    if (grows_) return std::unexpected(fmt::format("it grows to more than {} times its size", expansion_max_));
    return step;
  }

 private:
  std::size_t expansion_max_;
  std::uint64_t taken_ = 0;
  std::uint64_t made_ = 0;
  bool grows_ = false;
};

class GzipDecompressor final : public Measured {
 public:
  explicit GzipDecompressor(std::size_t expansion_max) : Measured(expansion_max) {
    BATCHOUT_ASSERT(inflateInit2(&stream_, kGzipOnly) == Z_OK);
  }
  ~GzipDecompressor() override { inflateEnd(&stream_); }

  std::expected<Step, std::string> run(std::string_view in, char* out, std::size_t size) override {
    // Tapes and blocks are filled up with zeros behind the last member.
    if (ended_) {
      if (in.empty()) return Step{};
      const std::size_t zeros = std::min(in.find_first_not_of('\0'), in.size());
      if (zeros > 0) return counted({zeros, 0});
      inflateReset(&stream_);
      ended_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(std::min(in.size(), kStepMax));
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min(size, kStepMax));
    const uInt offered = stream_.avail_in, room = stream_.avail_out;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
      return std::unexpected(stream_.msg != nullptr ? stream_.msg : "it is no gzip");
    ended_ = code == Z_STREAM_END;
    return counted({offered - stream_.avail_in, room - stream_.avail_out});
  }

  bool complete() const override { return ended_; }

 private:
  static constexpr int kGzipOnly = 15 + 16;

  z_stream stream_{};
  /// Behind a member.
  bool ended_ = false;
};

class ZstdDecompressor final : public Measured {
 public:
  explicit ZstdDecompressor(std::size_t expansion_max) : Measured(expansion_max), stream_(ZSTD_createDStream()) {
    BATCHOUT_ASSERT(stream_ != nullptr);
  }

  std::expected<Step, std::string> run(std::string_view in, char* out, std::size_t size) override {
    // Without bytes the library would begin to wait for another frame.
    if (ended_ && in.empty()) return Step{};
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    ZSTD_outBuffer target{out, size, 0};
    const std::size_t code = ZSTD_decompressStream(stream_.get(), &target, &source);
    if (ZSTD_isError(code) != 0) return std::unexpected(ZSTD_getErrorName(code));
    ended_ = code == 0;
    return counted({source.pos, target.pos});
  }

  bool complete() const override { return ended_; }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool ended_ = false;
};

class GzipCompressor final : public Compressor {
 public:
  GzipCompressor() {
    constexpr int kMemoryLevel = 8;
    BATCHOUT_ASSERT(
        deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~GzipCompressor() override { deflateEnd(&stream_); }

  void write(std::string_view bytes, std::string& out) override {
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), kStepMax);
      run(bytes.substr(0, size), Z_NO_FLUSH, out);
      bytes.remove_prefix(size);
      begun_ = true;
    }
  }

  void finish(std::string& out) override {
    if (!begun_) return;
    run({}, Z_FINISH, out);
    deflateReset(&stream_);
    begun_ = false;
  }

 private:
  static constexpr int kGzip = 15 + 16;

  void run(std::string_view bytes, int flush, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t before = out.size();
      out.resize(before + kRoom);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = kRoom;
      deflate(&stream_, flush);
      out.resize(out.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_{};
  bool begun_ = false;
};

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor() : stream_(ZSTD_createCStream()) {
    BATCHOUT_ASSERT(stream_ != nullptr);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  void write(std::string_view bytes, std::string& out) override {
    if (bytes.empty()) return;
    run(bytes, ZSTD_e_continue, out);
    begun_ = true;
  }

  void finish(std::string& out) override {
    if (begun_) run({}, ZSTD_e_end, out);
    begun_ = false;
  }

 private:
  struct Free {
    void operator()(ZSTD_CStream* stream) const { ZSTD_freeCStream(stream); }
  };

  // Until everything is taken, or at the end until everything is given.
  void run(std::string_view bytes, ZSTD_EndDirective directive, std::string& out) {
    ZSTD_inBuffer source{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      const std::size_t before = out.size();
      out.resize(before + kRoom);
      ZSTD_outBuffer target{out.data() + before, kRoom, 0};
      left = ZSTD_compressStream2(stream_.get(), &target, &source, directive);
      BATCHOUT_ASSERT(ZSTD_isError(left) == 0);
      out.resize(before + target.pos);
    } while (directive == ZSTD_e_end ? left > 0 : source.pos < source.size);
  }

  std::unique_ptr<ZSTD_CStream, Free> stream_;
  bool begun_ = false;
};

}  // namespace

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

Compression compression_of(std::string_view beginning) {
  // The third byte is the method, of which there is one.
  if (beginning.starts_with("\x1F\x8B\x08")) return Compression::gzip;
  return is_zstd(beginning) ? Compression::zstd : Compression::none;
}

std::unique_ptr<Decompressor> make_decompressor(Compression how, std::size_t expansion_max) {
  if (how == Compression::gzip) return std::make_unique<GzipDecompressor>(expansion_max);
  return std::make_unique<ZstdDecompressor>(expansion_max);
}

std::unique_ptr<Compressor> make_compressor(Compression how) {
  if (how == Compression::gzip) return std::make_unique<GzipCompressor>();
  return std::make_unique<ZstdCompressor>();
}

}  // namespace batchout
