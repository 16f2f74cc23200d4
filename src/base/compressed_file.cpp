// Files that are compressed part by part.

#include "base/compressed_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <limits>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace batchout {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

// Our own files have no limit: nothing of their text is kept.
std::unique_ptr<Decompressor> unlimited(Compression how) {
  return make_decompressor(how, std::numeric_limits<std::size_t>::max());
}

// The compressed bytes of a file, piece by piece.
class Pieces {
 public:
  explicit Pieces(const std::string& path)
      : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)), piece_(kPiece) {}

  /// What is not taken yet; empty at the end.
  std::string_view rest() {
    if (begin_ == end_) {
      begin_ = 0;
      const ssize_t count = file_ ? ::read(file_.number(), piece_.data(), piece_.size()) : 0;
      end_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return {piece_.data() + begin_, end_ - begin_};
  }
  void take(std::size_t size) {
    begin_ += size;
    taken_ += static_cast<std::int64_t>(size);
  }
  std::int64_t taken() const { return taken_; }

 private:
  Descriptor file_;
  std::vector<char> piece_;
  std::size_t begin_ = 0, end_ = 0;
  std::int64_t taken_ = 0;
};

// At `offset`; of a part that was torn at once only the beginning of its mark may be there.
bool begins_a_part(const std::string& path, Compression how, std::int64_t offset) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  std::array<char, kCompressionMark> mark{};
  const ssize_t count = file ? ::pread(file.number(), mark.data(), mark.size(), offset) : 0;
  const std::string_view found(mark.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  const std::string_view whole = how == Compression::gzip ? "\x1F\x8B\x08" : "\x28\xB5\x2F\xFD";
  return whole.starts_with(found) || compression_of(found) == how;
}

}  // namespace

// A decompressor stops behind each part, so that its ends are seen.
std::optional<WholeParts> whole_parts(const std::string& path, Compression how) {
  const auto decompressor = unlimited(how);
  Pieces pieces(path);
  std::vector<char> text(kPiece);
  WholeParts whole;
  char last = '\n';
  for (;;) {
    const std::string_view in = pieces.rest();
    const auto step = decompressor->run(in, text.data(), text.size());
    if (!step || (in.empty() && step->made == 0)) break;
    pieces.take(step->taken);
    if (step->made > 0) last = text[step->made - 1];
    if (decompressor->complete()) whole = {pieces.taken(), last == '\n'};
    if (step->taken == 0 && step->made == 0) break;
  }
  if (!begins_a_part(path, how, whole.length)) return std::nullopt;
  return whole;
}

std::string beginning_of(const std::string& path, Compression how, std::size_t size_max) {
  const auto decompressor = unlimited(how);
  Pieces pieces(path);
  std::string text(size_max, '\0');
  std::size_t size = 0;
  while (size < size_max) {
    const std::string_view in = pieces.rest();
    const auto step = decompressor->run(in, text.data() + size, size_max - size);
    if (!step || (step->taken == 0 && step->made == 0)) break;
    pieces.take(step->taken);
    size += step->made;
  }
  text.resize(size);
  return text;
}

}  // namespace batchout
