// Any bytes as a stream of gzip or Zstandard: what comes out does not depend on the pieces in which it goes through,
// stays within the limit of growth, and what is packed comes out as it was. The first byte chooses format and pieces.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/compression.h"

namespace batchout {
namespace {

// Low, so that bombs are cheap.
constexpr std::size_t kExpansionMax = 20;

struct Outcome {
  std::string text;
  /// What is wrong with the stream.
  std::string fault;
  /// It may end where it does.
  bool whole = false;

  bool operator==(const Outcome&) const = default;
};

/// As the file input does it: at most `in_size` bytes at a time, and as much as `out_size` out of them.
Outcome unpacked(std::string_view stream, Compression how, std::size_t in_size, std::size_t out_size) {
  Outcome outcome;
  const auto stage = make_decompressor(how, kExpansionMax);
  std::string room(out_size, '\0');
  while (true) {
    const std::string_view piece = stream.substr(0, in_size);
    const auto step = stage->run(piece, room.data(), room.size());
    if (!step) {
      outcome.fault = step.error();
      return outcome;
    }
    if (step->taken > piece.size() || step->made > room.size()) std::abort();
    outcome.text.append(room, 0, step->made);
    stream.remove_prefix(step->taken);
    if (step->taken == 0 && step->made < room.size()) break;
  }
  if (!stream.empty()) std::abort();
  outcome.whole = stage->complete();
  return outcome;
}

/// The mark of a format before Zstandard 0.8, which libzstd knows only if it comes in one piece.
bool has_old_mark(std::string_view stream) {
  for (char first = 0x22; first <= 0x27; ++first)
    if (stream.contains(std::string{first, '\xB5', '\x2F', '\xFD'})) return true;
  return false;
}

void check_stream(std::string_view stream, Compression how, std::size_t in_size, std::size_t out_size) {
  if (how == Compression::zstd && has_old_mark(stream)) return;
  const Outcome pieces = unpacked(stream, how, in_size, out_size);
  if (pieces.text.size() > std::max(Decompressor::kAlwaysFine, stream.size() * kExpansionMax) + out_size) std::abort();
  const Outcome once = unpacked(stream, how, std::max<std::size_t>(stream.size(), 1), std::size_t{1} << 16);
  // Growth is measured at each piece, so whether it passes the limit for a while depends on them.
  if (once.fault.starts_with("it grows") != pieces.fault.starts_with("it grows")) return;
  // Before a fault, more or less may have come out.
  if (once.fault.empty() != pieces.fault.empty() || once.whole != pieces.whole) std::abort();
  if (once.fault.empty() && once.text != pieces.text) std::abort();
}

void check_packing(std::string_view text, Compression how, std::size_t in_size, std::size_t out_size) {
  const auto packer = make_compressor(how);
  std::string stream;
  // In two parts.
  packer->write(text.substr(0, text.size() / 2), stream);
  packer->finish(stream);
  packer->write(text.substr(text.size() / 2), stream);
  packer->finish(stream);
  const Outcome outcome = unpacked(stream, how, in_size, out_size);
  if (!outcome.fault.empty() || outcome.text != text || (!text.empty() && !outcome.whole)) std::abort();
  if (!stream.empty() && compression_of(stream.substr(0, kCompressionMark)) != how) std::abort();
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  if (size == 0) return 0;
  const Compression how = (data[0] & 1) != 0 ? Compression::gzip : Compression::zstd;
  const std::size_t in_size = std::size_t{1} << (data[0] >> 1 & 7), out_size = std::size_t{1} << (data[0] >> 4);
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  check_stream(bytes, how, in_size, out_size);
  if (bytes.size() <= 4'096) check_packing(bytes, how, in_size, out_size);
  return 0;
}
