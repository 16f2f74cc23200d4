// A line: checksum (CRC-32 in hexadecimal), step, inode and length of both files, then for each unit pipeline, source,
// unit, epoch, position and token; all with tabs between, texts percent-encoded.

#include "data/file_journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

#include "base/compression.h"
#include "base/failpoint.h"
#include "base/file_lock.h"
#include "base/percent.h"

namespace batchout {
namespace {

constexpr std::string_view kWriting = "writing";
constexpr std::string_view kWritten = "written";
constexpr std::size_t kHead = 6;
constexpr std::size_t kUnitFields = 6;
constexpr std::int64_t kCompactMin = 1 << 20;

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && end == text.data() + text.size();
}

bool read_text(std::string_view encoded, std::string& text) {
  auto decoded = percent_decoded(encoded);
  if (decoded) text = *std::move(decoded);
  return decoded.has_value();
}

// Readable, as far as tabs and line ends allow.
std::string field(std::string_view text) {
  return percent_encoded(text, "-._~:/=&");
}

std::string sealed(const std::string& text) {
  return fmt::format("{:08x}\t{}\n", checksum(text), text);
}

}  // namespace

FileJournal::FileJournal(std::string rows, std::string letters, std::string shown, std::string pipeline, Log log,
                         const WriteRules& rules)
    : paths_{std::move(rows), std::move(letters)},
      path_(paths_[0] + ".batchout"),
      shown_(std::move(shown)),
      pipeline_(std::move(pipeline)),
      log_(std::move(log)),
      rules_(rules) {}

// The lock is what keeps others away; epochs only tell our own claims apart.
Result<std::vector<Claim>> FileJournal::claim(std::span<const Unit> units) {
  if (!file_) {
    Result<> opened = open();
    // Without a journal rows can be written as well, if nobody insists on positions.
    const bool cannot = !opened && opened.error().verdict == Verdict::configuration && opened.error().code == "BO551";
    if (cannot && epoch_ == 0) opened.error().code = "BO537";
    BATCHOUT_CHECK(opened);
  }
  std::vector<Claim> claims;
  for (const Unit& unit : units) {
    Place& place = places_[name_of(unit)];
    place.epoch = ++epoch_;
    Claim& claim = claims.emplace_back();
    claim.epoch = place.epoch;
    if (place.next != Position::kUnset) claim.position = Position{unit.id, place.next, place.token};
  }
  return claims;
}

Result<> FileJournal::hold() {
  if (!file_) BATCHOUT_CHECK(open());
  held_ = true;
  return {};
}

Result<> FileJournal::open() {
  file_ = open_locked(path_);
  if (!file_) {
    const int number = errno;
    if (number == ENOLCK || number == EOPNOTSUPP || number == EROFS)
      return fail(Verdict::configuration, "BO551",
                  fmt::format("The journal of the file cannot be made: {}.batchout: {}", shown_, errno_text(number)));
    if (number != EWOULDBLOCK) return error(number);
    return fail(Verdict::environment, "BO556",
                fmt::format("Another process is adding rows to the file; end it, or name another file: {}", shown_));
  }
  auto done = read();
  if (done) done = cut_rest();
  if (done && size_ > size_max_) done = compact();
  if (done && !places_.empty() && ::access(paths_[0].c_str(), F_OK) != 0)
    log_.warning(
        fmt::format("The file is not there, and its journal tells what has been read for it, which is not read "
                    "again; take {}.batchout away to begin anew",
                    shown_));
  if (!done) file_.close();
  return done;
}

// ---------------------------------------------------------------------------------------------------------- reading

Result<> FileJournal::read() {
  places_.clear();
  open_batch_.reset();
  BATCHOUT_TRY(const std::string text, text_of(file_));
  BATCHOUT_CHECK(take_lines(text));
  if (size_ < static_cast<std::int64_t>(text.size()) && ::ftruncate(file_.number(), size_) != 0) return error(errno);
  size_max_ = size_limit();
  return {};
}

Result<std::string> FileJournal::text_of(const Descriptor& file) const {
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return error(errno);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t count = 0; count < text.size();) {
    const ssize_t read = ::pread(file.number(), text.data() + count, text.size() - count, static_cast<off_t>(count));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return error(read < 0 ? errno : EIO);
    count += static_cast<std::size_t>(read);
  }
  return text;
}

// Sets `size_` to what is whole.
Result<> FileJournal::take_lines(std::string_view text) {
  size_ = 0;
  for (std::size_t line = 1; static_cast<std::size_t>(size_) < text.size(); ++line) {
    const std::string_view rest = text.substr(static_cast<std::size_t>(size_));
    const std::size_t end = rest.find('\n');
    if (end != std::string_view::npos && take_line(rest.substr(0, end))) {
      size_ += static_cast<std::int64_t>(end) + 1;
      continue;
    }
    // A crash cuts off the last line, and only that.
    if (end != std::string_view::npos && end + 1 < rest.size())
      return fail(Verdict::configuration, "BO557",
                  fmt::format("The journal of the file is damaged, so it is not known what its rows came from; put it "
                              "back, or take it away to begin anew: {}.batchout, line {}",
                              shown_, line));
    break;
  }
  return {};
}

// Four times what there is to tell, however much the journal has now.
std::int64_t FileJournal::size_limit() const {
  return std::max(kCompactMin, 4 * static_cast<std::int64_t>(places_text().size()));
}

bool FileJournal::take_line(std::string_view line) {
  const auto fields = fields_of(line);
  std::uint32_t sum = 0;
  if (fields.size() < kHead || (fields.size() - kHead) % kUnitFields != 0 || fields[0].size() != 8) return false;
  const auto [end, code] = std::from_chars(fields[0].data(), fields[0].data() + 8, sum, 16);
  if (code != std::errc() || end != fields[0].data() + 8 || sum != checksum(line.substr(9))) return false;
  Extents extents;
  for (std::size_t i = 0; i < kFiles; ++i)
    if (!read_number(fields[2 + 2 * i], extents[i].inode) || !read_number(fields[3 + 2 * i], extents[i].length))
      return false;
  for (std::size_t i = kHead; i < fields.size(); i += kUnitFields) {
    Name name;
    Place place;
    for (std::size_t part = 0; part < name.size(); ++part)
      if (!read_text(fields[i + part], name[part])) return false;
    if (!read_number(fields[i + 3], place.epoch) || !read_number(fields[i + 4], place.next) ||
        !read_text(fields[i + 5], place.token))
      return false;
    epoch_ = std::max(epoch_, place.epoch);
    places_[name] = std::move(place);
  }
  if (fields[1] == kWriting)
    open_batch_ = extents;
  else
    open_batch_.reset();
  return fields[1] == kWriting || fields[1] == kWritten;
}

// -------------------------------------------------------------------------------------------------------- by hand

// Another journal reads it, so that nothing here changes. The time is that of the file: there is no other.
Result<std::vector<KeptPosition>> FileJournal::kept() const {
  std::vector<KeptPosition> kept;
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file && errno == ENOENT) return kept;
  if (!file) return error(errno);
  FileJournal reader(paths_[0], paths_[1], shown_, pipeline_, log_);
  BATCHOUT_TRY(const std::string text, text_of(file));
  BATCHOUT_CHECK(reader.take_lines(text));
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return error(errno);
  std::tm parts{};
  ::gmtime_r(&status.st_mtime, &parts);
  for (const auto& [name, place] : reader.places_) {
    if (name[0] != pipeline_) continue;
    KeptPosition& position = kept.emplace_back();
    position.source = name[1];
    position.unit = name[2];
    if (place.next != Position::kUnset) position.number = place.next;
    position.token = place.token;
    position.epoch = place.epoch;
    position.changed_at = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                                      parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  }
  return kept;
}

// One line, so that all of them change or none.
Result<> FileJournal::change(std::span<const PositionChange> changes) {
  if (!file_) {
    Result<> opened = open();
    if (!opened && opened.error().code == "BO556") opened.error().verdict = Verdict::fenced;
    BATCHOUT_CHECK(opened);
  }
  BATCHOUT_CHECK(cut_rest());
  BATCHOUT_TRY(const Extents now, extents());
  std::map<Name, Place> changed;
  std::string text = step_of(kWritten, now);
  for (const PositionChange& change : changes) {
    const Name name{pipeline_, change.source, change.unit};
    changed[name] = {++epoch_, change.number.value_or(Position::kUnset), change.token};
    text += text_of(name, changed[name]);
  }
  BATCHOUT_CHECK(append(sealed(text)));
  for (auto& [name, place] : changed) places_[name] = std::move(place);
  return {};
}

// ---------------------------------------------------------------------------------------------------------- writing

Result<FileJournal::Extents> FileJournal::extents() const {
  Extents extents;
  for (std::size_t i = 0; i < kFiles; ++i) {
    struct stat status{};
    if (::stat(paths_[i].c_str(), &status) == 0)
      extents[i] = {status.st_ino, status.st_size};
    else if (errno != ENOENT)
      return error(errno);
  }
  return extents;
}

std::string FileJournal::step_of(std::string_view step, const Extents& extents) {
  std::string text(step);
  for (const Extent& extent : extents) text += fmt::format("\t{}\t{}", extent.inode, extent.length);
  return text;
}

// What lies behind a batch that was begun and not committed. A file that is another one by now has no such rest, and a
// file that did not exist yet had inode 0 and is empty then.
Result<> FileJournal::cut_rest() {
  if (!open_batch_ || failpoint("rest_kept")) return {};
  BATCHOUT_TRY(const Extents now, extents());
  for (std::size_t i = 0; i < kFiles; ++i) {
    const Extent& begun = (*open_batch_)[i];
    if (now[i].length <= begun.length || (now[i].inode != begun.inode && begun.inode != 0)) continue;
    const Descriptor file = open_to_write(paths_[i], O_WRONLY, rules_);
    if (!file || ::ftruncate(file.number(), begun.length) != 0 || ::fdatasync(file.number()) != 0)
      return error_of_file(i, errno);
  }
  // What others add from now on is theirs.
  BATCHOUT_TRY(const Extents left, extents());
  BATCHOUT_CHECK(append(sealed(step_of(kWritten, left))));
  open_batch_.reset();
  return {};
}

Result<> FileJournal::writing(bool rows) {
  if (!file_) BATCHOUT_CHECK(open());
  BATCHOUT_CHECK(cut_rest());
  // So that a file which comes in the place of none is not taken for ours.
  if (rows && !open_to_write(paths_[0], O_WRONLY | O_CREAT, rules_)) return error_of_file(0, errno);
  BATCHOUT_TRY(const Extents now, extents());
  BATCHOUT_CHECK(append(sealed(step_of(kWriting, now))));
  open_batch_ = now;
  failpoint("journal_writing");
  return {};
}

Result<> FileJournal::check(std::span<const Move> moves) const {
  for (const Move& move : moves) {
    const auto place = places_.find(name_of(move.unit));
    if (place != places_.end() && place->second.epoch == move.epoch && place->second.next == move.from) continue;
    return fail(Verdict::fenced, "BO536",
                fmt::format("Another process has claimed a unit: {}, unit \"{}\"", move.unit.source, move.unit.name));
  }
  return {};
}

Result<> FileJournal::written(std::span<const Move> moves) {
  BATCHOUT_TRY(const Extents now, extents());
  std::string text = step_of(kWritten, now);
  for (const Move& move : moves) text += text_of(name_of(move.unit), {move.epoch, move.to.number, move.to.token});
  failpoint("journal_before_written");
  BATCHOUT_CHECK(append(sealed(text)));
  failpoint("journal_written");
  open_batch_.reset();
  for (const Move& move : moves) {
    Place& place = places_[name_of(move.unit)];
    place.next = move.to.number;
    place.token = move.to.token;
  }
  // Whether it works now or later: the positions are there.
  if (size_ > size_max_) static_cast<void>(compact());
  return {};
}

void FileJournal::undo() {
  if (!file_) return;  // Read again, it may say that the batch has been written.
  if (const auto done = cut_rest(); !done) log_.debug(done.error().message);
}

// When it fails, nothing of the line stays; if that fails too, the journal is read again by the next claim.
Result<> FileJournal::append(const std::string& line) {
  int failed = ::lseek(file_.number(), size_, SEEK_SET) < 0 ? errno : write_all(file_.number(), line);
  if (!failed && ::fdatasync(file_.number()) != 0) failed = errno;
  if (!failed) {
    size_ += static_cast<std::int64_t>(line.size());
    return {};
  }
  if (::ftruncate(file_.number(), size_) != 0 || ::fdatasync(file_.number()) != 0) file_.close();
  return error(failed);
}

std::string FileJournal::text_of(const Name& name, const Place& place) {
  return fmt::format("\t{}\t{}\t{}\t{}\t{}\t{}", field(name[0]), field(name[1]), field(name[2]), place.epoch,
                     place.next, field(place.token));
}

std::string FileJournal::places_text() const {
  std::string text;
  for (const auto& [name, place] : places_)
    if (place.next != Position::kUnset) text += text_of(name, place);
  return text;
}

// The new journal is locked before it gets the name, so that nobody comes in between.
Result<> FileJournal::compact() {
  const std::string fresh = path_ + ".new";
  ::unlink(fresh.c_str());
  Descriptor file = open_locked(fresh);
  if (!file) return error(errno);
  BATCHOUT_TRY(const Extents now, extents());
  const std::string line = sealed(step_of(kWritten, now) + places_text());
  int failed = write_all(file.number(), line);
  if (!failed && ::fdatasync(file.number()) != 0) failed = errno;
  if (!failed && ::rename(fresh.c_str(), path_.c_str()) != 0) failed = errno;
  if (failed) {
    ::unlink(fresh.c_str());
    return error(failed);
  }
  sync_folder(path_);
  file_ = std::move(file);
  size_ = static_cast<std::int64_t>(line.size());
  size_max_ = size_limit();
  return {};
}

std::unexpected<Error> FileJournal::error(int number) const {
  const Verdict verdict = verdict_of_errno(number);
  return fail(verdict, verdict == Verdict::environment ? "BO552" : "BO551",
              fmt::format("The journal of the file cannot be written: {}.batchout: {}", shown_,
                          write_error_text(path_, number)));
}

// Of the rows, or of the letters, whose path is longer by their ending.
std::unexpected<Error> FileJournal::error_of_file(std::size_t file, int number) const {
  const Verdict verdict = verdict_of_errno(number);
  return fail(verdict, verdict == Verdict::environment ? "BO552" : "BO551",
              fmt::format("The file cannot be written: {}{}: {}", shown_, paths_[file].substr(paths_[0].size()),
                          write_error_text(paths_[file], number)));
}

}  // namespace batchout
