// A text file that grows, is replaced, or is one of many, only by whole commits.

#include "base/append_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/failpoint.h"
#include "base/files.h"

namespace batchout {
namespace {

// Bytes of the longest header that can be compared.
constexpr std::size_t kHeaderMax = 1 << 20;
// Bytes of a header in a message.
constexpr std::size_t kHeaderShown = 200;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view first_line_of(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string beginning_of_plain(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string bytes(kHeaderMax, '\0');
  const ssize_t count = file ? ::pread(file.number(), bytes.data(), bytes.size(), 0) : 0;
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

}  // namespace

AppendFile::AppendFile(std::string path, std::string shown, FileMode mode, Compression compression,
                       const WriteRules& rules)
    : path_(std::move(path)), shown_(std::move(shown)), mode_(mode), compression_(compression), rules_(rules) {
  if (mode_ == FileMode::each) series_.emplace(path_);
}

// The file may still become unwritable before the commit, which tells so itself. A new file needs a folder that can be
// written to; a full disk or a quota shows only later.
Result<> AppendFile::check() const {
  if (shown_ == "-") return {};
  if (!rules_.strange_links && is_strange_link(path_)) return error(ELOOP);
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) {
    const std::string folder = folder_of(path_);
    if (errno == ENOENT && ::access(folder.c_str(), W_OK | X_OK) == 0) return {};
    return error(errno);
  }
  if (S_ISDIR(status.st_mode)) return error(EISDIR);
  if (::access(path_.c_str(), W_OK) != 0) return error(errno);
  return {};
}

// Where the file is overwritten its old header does not matter.
Result<> AppendFile::set_header(std::string header) {
  const std::string_view wanted = first_line_of(header);
  if (!header_.empty() && header_ != header) return other_header(first_line_of(header_), wanted);
  if (const std::string present = mode_ != FileMode::append ? "" : first_line(); !present.empty() && present != wanted)
    return other_header(present, wanted);
  header_ = std::move(header);
  return {};
}

// Staged lines are dropped in any case: the engine writes them again when it tries the batch again.
Result<> AppendFile::commit() {
  if (staged_.empty()) return {};
  auto written = write_out();
  staged_.clear();
  return written;
}

// FIFOs and devices cannot be replaced, only written to.
Result<> AppendFile::write_out() {
  if (shown_ == "-") return print();
  if (series_) return write_another();
  return mode_ == FileMode::overwrite && !is_special(path_) ? replace() : append();
}

// The header comes once, before the first lines; nobody knows what was printed before.
Result<> AppendFile::print() {
  if (const int failed = write_lines(STDOUT_FILENO, printed_ ? std::string_view() : header_)) return error(failed);
  printed_ = true;
  return {};
}

// Opened for each commit, so that a file which was moved away is not written to behind its owner's back. `made` is
// asked before the file is opened; if another process makes it in between, the folder is synced for nothing.
Result<> AppendFile::append() {
  const bool made = ::access(path_.c_str(), F_OK) != 0;
  const Descriptor file = open_to_write(path_, O_WRONLY | O_CREAT | O_APPEND, rules_);
  if (!file) return error(errno);
  BATCHOUT_CHECK(append_to(file.number()));
  if (made) sync_folder(path_);
  return {};
}

// The lines are on the disk when it succeeds. When it fails, the length is put back at once or, if that fails too,
// before the next append.
Result<> AppendFile::append_to(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return error(errno);
  if (!S_ISREG(status.st_mode)) {
    const int failed = write_lines(descriptor, header_);
    return failed ? error(failed) : Result<>{};
  }
  BATCHOUT_TRY(std::int64_t length, cut_torn(descriptor, status));
  bool ends = true;
  if (compression_ == Compression::none) {
    ends = ends_in_a_line();
  } else if (length > 0 && !is_unchanged(status)) {
    BATCHOUT_TRY(const WholeParts whole, cut_to_whole_parts(descriptor, length));
    length = whole.length;
    ends = whole.ends_in_a_line;
  }
  // A line that a crash cut off gets its end first: readers then see one bad line instead of two rows in one.
  const std::string_view before = length == 0 ? std::string_view(header_) : ends ? "" : "\n";
  int failed = write_lines(descriptor, before);
  if (!failed && (::fdatasync(descriptor) != 0 || ::fstat(descriptor, &status) != 0)) failed = errno;
  left_ = Length{status.st_dev, status.st_ino, status.st_size};
  if (!failed) return {};
  left_.reset();
  if (::ftruncate(descriptor, length) != 0) torn_ = Length{status.st_dev, status.st_ino, length};
  return error(failed);
}

// The length without the rest of a commit that failed, which is cut off now. Another file that has come in the place of
// that one has no such rest.
Result<std::int64_t> AppendFile::cut_torn(int descriptor, const struct ::stat& status) {
  const bool is_torn = torn_ && torn_->device == status.st_dev && torn_->inode == status.st_ino;
  if (!is_torn || torn_->length >= status.st_size) {
    torn_.reset();
    return status.st_size;
  }
  if (::ftruncate(descriptor, torn_->length) != 0) return error(errno);
  return std::exchange(torn_, std::nullopt)->length;
}

// A part that a crash cut off would keep readers from all that follows; no commit has ever answered for it.
Result<WholeParts> AppendFile::cut_to_whole_parts(int descriptor, std::int64_t length) {
  const auto whole = whole_parts(path_, compression_);
  if (!whole)
    return fail(Verdict::configuration, "BO555",
                fmt::format("The file is not compressed as the rows are, so they cannot be added to it; name another "
                            "file or correct `compression`: {}",
                            shown_));
  if (whole->length < length && ::ftruncate(descriptor, whole->length) != 0) return error(errno);
  return *whole;
}

bool AppendFile::is_unchanged(const struct ::stat& status) const {
  return left_ && left_->device == status.st_dev && left_->inode == status.st_ino && left_->length == status.st_size;
}

// The new file stands beside the old one under a fixed name, so that a crash leaves at most one behind, which the next
// commit removes.
Result<> AppendFile::replace() {
  if (!rules_.strange_links && is_strange_link(path_)) return error(ELOOP);
  // A link stays a link: the file it leads to is replaced.
  std::error_code ignored;
  const auto followed = std::filesystem::canonical(path_, ignored);
  const std::string target = ignored ? path_ : followed.native();
  const std::string fresh = target + ".new";
  ::unlink(fresh.c_str());
  auto replaced = replace(target, fresh);
  if (!replaced) ::unlink(fresh.c_str());
  return replaced;
}

// Mode bits are taken over; owner and extended attributes are not.
Result<> AppendFile::replace(const std::string& target, const std::string& fresh) {
  struct stat old{};
  const bool present = ::stat(target.c_str(), &old) == 0;
  if (const int failed = write_fresh(fresh, present ? &old : nullptr)) return error(failed);
  if (::rename(fresh.c_str(), target.c_str()) != 0) return error(errno);
  sync_folder(target);
  return {};
}

// The file appears under its name as a whole; a crash leaves at most a hidden one behind.
Result<> AppendFile::write_another() {
  const std::string& fresh = series_->fresh();
  ::unlink(fresh.c_str());
  int failed = write_fresh(fresh, nullptr);
  if (!failed) failed = series_->publish();
  if (failed) ::unlink(fresh.c_str());
  if (failed) return error(failed);
  sync_folder(fresh);
  return {};
}

// Content reaches the disk before the name does, else a power cut could leave an empty file. Returns 0 or the errno.
int AppendFile::write_fresh(const std::string& fresh, const struct ::stat* like) const {
  const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, rules_.rights));
  if (!file) return errno;
  if (like != nullptr && ::fchmod(file.number(), like->st_mode & 07777) != 0) return errno;
  if (const int failed = write_lines(file.number(), header_)) return failed;
  return ::fdatasync(file.number()) == 0 ? 0 : errno;
}

// `before` and the staged lines. Returns 0 or the errno.
int AppendFile::write_lines(int descriptor, std::string_view before) const {
  if (compression_ == Compression::none) {
    const std::size_t half = failpoint("half_write") ? staged_.size() / 2 : staged_.size();
    int failed = write_all(descriptor, before);
    if (!failed) failed = write_all(descriptor, std::string_view(staged_).substr(0, half));
    failpoint("rows_half_written");
    return failed ? failed : write_all(descriptor, std::string_view(staged_).substr(half));
  }
  const auto compressor = make_compressor(compression_);
  std::string part;
  compressor->write(before, part);
  compressor->write(staged_, part);
  compressor->finish(part);
  return write_all(descriptor, part);
}

// A file that cannot be read is taken to end well.
bool AppendFile::ends_in_a_line() const {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  const off_t length = file ? ::lseek(file.number(), 0, SEEK_END) : 0;
  char last = '\n';
  return length <= 0 || ::pread(file.number(), &last, 1, length - 1) != 1 || last == '\n';
}

// Empty for a new or empty file, and for what is no file. Longer lines are cut: no header is as long.
std::string AppendFile::first_line() const {
  if (shown_ == "-" || is_special(path_)) return {};
  const std::string bytes =
      compression_ == Compression::none ? beginning_of_plain(path_) : beginning_of(path_, compression_, kHeaderMax);
  std::string_view line = bytes;
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return std::string(first_line_of(line));
}

std::unexpected<Error> AppendFile::other_header(std::string_view present, std::string_view wanted) const {
  return fail(Verdict::configuration, "BO553",
              fmt::format("The file has other columns, so rows cannot be added to it; name another file or use "
                          "mode: overwrite: {} begins with {}, the rows with {}",
                          shown_, present.substr(0, kHeaderShown), wanted.substr(0, kHeaderShown)));
}

// By its name in the configuration, with what the system says.
std::unexpected<Error> AppendFile::error(int number) const {
  const Verdict verdict = verdict_of_errno(number);
  return fail(verdict, verdict == Verdict::environment ? "BO552" : "BO551",
              fmt::format("The file cannot be written: {}: {}", shown_ == "-" ? "standard output" : shown_,
                          write_error_text(path_, number)));
}

}  // namespace batchout
