// A file is written beside the old one and takes its name, so that a full disk leaves the old one as it was.

#include "pipeline/test_files.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/files.h"

namespace batchout {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSizeMax = std::size_t{512} << 20;

}  // namespace

// The type first: a FIFO or a device might never end.
std::expected<std::string, std::string> bytes_of(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) return std::unexpected("there is no such file");
  if (error) return std::unexpected(error.message());
  if (status.type() != fs::file_type::regular) return std::unexpected("it is no regular file");
  if (fs::file_size(file, error) > kSizeMax || error)
    return std::unexpected(error ? error.message() : "it has more than 512 MiB");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream.is_open() || stream.bad()) return std::unexpected(errno_text(errno));
  return bytes;
}

std::string replace_file(const fs::path& file, std::string_view bytes) {
  std::error_code error;
  const fs::path target = fs::is_symlink(file, error) ? fs::canonical(file, error) : file;
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  if (error) return error.message();
  const fs::path beside = target.string() + ".new";
  errno = 0;
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) {
    const std::string why = errno_text(errno);
    fs::remove(beside, error);
    return why;
  }
  fs::rename(beside, target, error);
  return error ? error.message() : "";
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.emplace_back(line);
  }
  return lines;
}

}  // namespace batchout
