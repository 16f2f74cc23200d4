// Reads ahead only as far as it has to know what the stream is.

#include "components/file/stream.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "data/payload_fault.h"

namespace batchout::file {
namespace {

constexpr std::size_t kPackedBlock = 64 * 1024;
constexpr std::string_view kDamaged = "BO419", kTooLarge = "BO404";

using std::chrono::steady_clock;

}  // namespace

Stream::Count Stream::read(char* out, std::size_t size, steady_clock::time_point deadline,
                           const std::stop_token& stop) {
  BATCHOUT_TRY(const bool known, detect(deadline, stop));
  if (!known) return std::nullopt;
  if (compressed()) return unpack(out, size, deadline, stop);
  if (packed().empty()) return source_.read(out, size, deadline, stop);
  const std::size_t count = std::min(size, packed().size());
  std::memcpy(out, packed().data(), count);
  packed_begin_ += count;
  return count;
}

/// False: the first bytes have not come yet.
Result<bool> Stream::detect(steady_clock::time_point deadline, const std::stop_token& stop) {
  while (!how_) {
    if (packing_ == Packing::detect && packed().size() < kCompressionMark && !source_ended_) {
      BATCHOUT_TRY(const bool came, refill(deadline, stop));
      if (!came) return false;
      continue;
    }
    how_ = packing_ == Packing::detect ? compression_of(packed())
           : packing_ == Packing::gzip ? Compression::gzip
           : packing_ == Packing::zstd ? Compression::zstd
                                       : Compression::none;
    begin();
  }
  return true;
}

void Stream::begin() {
  if (compressed()) decompressor_ = make_decompressor(*how_, expansion_max_);
  begun_ = made_ = false;
  fault_.clear();
}

/// Adds to the bytes of the source that wait; false: none have come.
Result<bool> Stream::refill(steady_clock::time_point deadline, const std::stop_token& stop) {
  packed_.erase(0, packed_begin_);
  packed_begin_ = 0;
  const std::size_t before = packed_.size();
  packed_.resize(before + kPackedBlock);
  auto count = source_.read(packed_.data() + before, kPackedBlock, deadline, stop);
  packed_.resize(before + (count && *count ? **count : 0));
  if (!count) return std::unexpected(std::move(count).error());
  source_ended_ = *count == std::size_t{0};
  return count->has_value();
}

Stream::Count Stream::unpack(char* out, std::size_t size, steady_clock::time_point deadline,
                             const std::stop_token& stop) {
  bool filled = false;
  while (fault_.empty()) {
    if (packed().empty() && !filled) {
      if (source_ended_) {
        if (begun_ && !decompressor_->complete()) fault_ = coded_fault(kDamaged, "the compressed data is cut off");
        break;
      }
      BATCHOUT_TRY(const bool came, refill(deadline, stop));
      if (!came) return std::nullopt;
      continue;
    }
    const auto step = decompressor_->run(packed(), out, size);
    if (!step) {
      const bool grows = decompressor_->grows_too_much();
      fault_ = coded_fault(grows ? kTooLarge : kDamaged,
                           fmt::format("the compressed data is {}: {}", grows ? "too large" : "damaged", step.error()));
      break;
    }
    if (step->made > 0 && !made_ && compression_of({out, step->made}) != Compression::none) {
      fault_ = "the data is compressed twice; unpack it before";
      break;
    }
    begun_ = true;
    made_ = made_ || step->made > 0;
    packed_begin_ += step->taken;
    filled = step->made == size;
    const std::size_t passed = std::min<std::uint64_t>(skipped_, step->made);
    skipped_ -= passed;
    if (step->made == passed) {
      if (stop.stop_requested()) return std::nullopt;
      continue;
    }
    std::memmove(out, out + passed, step->made - passed);
    return step->made - passed;
  }
  return std::size_t{0};
}

Result<> Stream::seek(std::int64_t offset) {
  // A regular file does not keep anybody waiting.
  if (!how_) BATCHOUT_CHECK(detect(steady_clock::now(), {}));
  packed_.clear();
  packed_begin_ = 0;
  source_ended_ = false;
  BATCHOUT_CHECK(source_.seek(compressed() ? 0 : offset));
  skipped_ = compressed() ? static_cast<std::uint64_t>(offset) : 0;
  if (how_) begin();
  return {};
}

Result<std::size_t> Stream::size() {
  if (source_.size() == 0) return 0;
  BATCHOUT_CHECK(detect(steady_clock::now(), {}));
  return compressed() ? kEndless : source_.size();
}

}  // namespace batchout::file
