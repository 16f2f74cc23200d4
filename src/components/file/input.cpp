// Payloads from files, FIFOs or standard input: whole files, or chunks of them.
//
// Each file is one unit, its positions are byte offsets. Files are read one after another in the order of their names,
// in large blocks; a chunk may span blocks, so memory stays flat however large a file is.

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/wait.h"
#include "batchout/component.h"
#include "components/file/chunks.h"
#include "components/file/glob.h"
#include "components/file/identity.h"
#include "components/file/parameters.h"
#include "components/file/source.h"
#include "components/file/split.h"
#include "components/file/stream.h"
#include "components/file/unit_name.h"
#include "data/position_book.h"
#include "data/whole_reader.h"
#include "registry/payload_limit.h"

namespace batchout {
namespace {

constexpr std::size_t kFilesMax = 100'000;
using file::Chunk;
using file::Chunker;
using file::Split;

/// What is done with a file that has become shorter than what has been read of it.
enum class OnTruncate : std::uint8_t { fail, restart };

}  // namespace
}  // namespace batchout

template <>
struct batchout::Choices<batchout::OnTruncate> {
  static constexpr std::string_view names[] = {"fail", "restart"};
};

namespace batchout {
namespace {

struct Config {
  std::string path;
  bool recursive = false;
  std::map<std::string, std::string> params;
  std::string root;
  Split split;
  std::optional<std::string> chunk_endswith;
  std::optional<ByteSize> chunk_bytes;
  file::Packing compression = file::Packing::detect;
  std::int64_t expansion_max = Decompressor::kExpansionMax;
  bool final = true;
  std::optional<bool> resume;
  OnTruncate on_truncate = OnTruncate::fail;

  static void describe(Spec<Config>& s) {
    s.named("input", "file", "Reads files: each one is a payload, or is cut into several.")
        .field("path", &Config::path, "A file, a mask with *, ? and [], or - for standard input.")
        .required()
        .field("recursive", &Config::recursive, "Whether ** in the mask stands for any number of folders.")
        .field("params", &Config::params, "Values of the names in braces in the path.")
        .field("root", &Config::root,
               "Folder that parameters cannot lead out of; without it that before the first one.")
        .field("split", &Config::split, "How a file is cut into payloads.")
        .field("chunk_endswith", &Config::chunk_endswith, "A payload ends behind this text: split: {mark: ...}.")
        .field("chunk_bytes", &Config::chunk_bytes, "A payload ends after so many bytes: split: {bytes: ...}.")
        .range(1, file::kPayloadBytesMax)
        .field("compression", &Config::compression, "How files are compressed; auto tells by their first bytes.")
        .field("expansion_max", &Config::expansion_max, "How many times its size a compressed file may grow to.")
        .range(1, 1'000'000)
        .field("final", &Config::final, "Whether a file ends with its last payload; false: it is still being written.")
        .field("resume", &Config::resume,
               "Whether a run goes on where the last one ended, where positions are kept; by default in batchout: 1.")
        .field("on_truncate", &Config::on_truncate,
               "What happens if a file has become shorter than what was read of it: an error, or it is read again.")
        .check(
            "path", [](const Config& c) { return !c.path.empty(); }, "is empty; name a file or a mask")
        .check(
            "final", [](const Config& c) { return c.final || c.whole_split().form != Split::Form::whole; },
            "false needs a split, since only the end of the file would end the payload")
        .check(
            "chunk_endswith", [](const Config& c) { return c.chunk_endswith != std::string(); },
            "is empty; leave it out to take whole files")
        .check(
            "split",
            [](const Config& c) { return c.split.form == Split::Form::whole || !(c.chunk_endswith || c.chunk_bytes); },
            "cannot be given together with chunk_endswith or chunk_bytes");
  }

  // With the older keys taken for what they mean.
  Split whole_split() const {
    Split all = split;
    if (!chunk_endswith && !chunk_bytes) return all;
    all.form = Split::Form::pieces;
    all.mark = chunk_endswith;
    all.bytes = chunk_bytes;
    return all;
  }
};

class FileInput final : public Input, public WholeReader, public PayloadLimit, public NamedUnits {
 public:
  FileInput(Config config, const Context& context)
      : config_(std::move(config)), context_(context), split_(config_.whole_split()), chunker_(split_.splitter()) {
    const auto filled = file::filled_path(config_.path, config_.params, context_.folder, config_.root);
    if (filled)
      path_ = *filled;
    else
      refusal_ = filled.error();
  }

  // Standard input and FIFOs have other bytes in each run.
  InputTraits traits() const override {
    struct stat status{};
    const std::string path = resolve_path(context_.folder, path_);
    const bool special = ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
    InputTraits traits;
    traits.resumes = config_.resume.value_or(context_.dialect == Dialect::v1) && !is_standard_input() && !special;
    return traits;
  }

  bool reads_whole_for_queries() const override { return config_.resume != true; }

  void limit_payloads(std::size_t bytes) override {
    payload_max_ = std::min(Chunker::kSizeMax, bytes);
    chunker_.refuse_above(payload_max_);
  }

  Result<> start_round() override {
    announced_ = false;
    if (is_standard_input()) {
      if (files_.empty()) add("-");
      files_.front().released = false;
      return {};
    }
    close();
    files_.clear();
    index_.clear();
    current_ = 0;
    BATCHOUT_TRY(const std::vector<std::string> paths, find());
    for (const std::string& path : paths) add(path);
    return {};
  }

  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override {
    if (!announced_ && !files_.empty()) {
      announced_ = true;
      return assigned();
    }
    if (paused_) {
      wait_until(deadline, stop);
      return Idle{};
    }
    Payloads out;
    while (current_ < files_.size()) {
      // What has been read from a pipe goes on its way before more of it is waited for.
      BATCHOUT_TRY(const Step step, fill(out, budget, deadline, stop));
      if (step == Step::full || step == Step::waiting) return out.empty() ? Event(Idle{}) : Event(std::move(out));
      close();
      ++current_;
    }
    return out.empty() ? Event(End{}) : Event(std::move(out));
  }

  Result<std::vector<Position>> assign(std::span<const Position> positions) override {
    // Bytes of standard input are not the same ones from run to run, so it always goes on where it is.
    const bool resumes = traits().resumes;
    std::vector<Position> starts(positions.begin(), positions.end());
    std::size_t unchanged = 0;
    if (resumes) BATCHOUT_CHECK(find_moved(starts));
    for (Position& start : starts) {
      const auto file = index_.find(start.unit);
      if (file == index_.end()) continue;
      if (resumes) BATCHOUT_CHECK(find_start(files_[file->second], start, unchanged));
      if (!is_standard_input()) BATCHOUT_CHECK(seek(std::span(&start, 1)));
      start.number = files_[file->second].offset;
    }
    if (unchanged > 0 && !std::exchange(told_, true))
      context_.log.info(
          fmt::format("Files with nothing new since they were read, which `run --from-start` reads again: "
                      "{} of {}",
                      unchanged, starts.size()));
    return starts;
  }

  void release(std::span<const UnitId> units) override {
    for (const UnitId unit : units) {
      const auto file = index_.find(unit);
      if (file == index_.end()) continue;
      files_[file->second].released = true;
      if (file->second == current_) close();
    }
  }

  Result<> seek(std::span<const Position> positions) override {
    for (const Position& position : positions) {
      const auto file = index_.find(position.unit);
      const std::int64_t offset = std::max<std::int64_t>(position.number, 0);
      if (file == index_.end() || files_[file->second].offset == offset) continue;
      BATCHOUT_CHECK(go_to(file->second, offset));
    }
    return {};
  }

  void pause(bool on) override { paused_ = on; }

  Result<> acknowledge(std::span<const Position>) override { return {}; }

  // The path of a file that is there, with the source before it or without.
  std::optional<Unit> unit_named(std::string_view text) const override {
    const std::string source = "file:" + path_;
    if (!refusal_.empty() || is_standard_input()) return std::nullopt;
    if (text.starts_with(source + "/")) text.remove_prefix(source.size() + 1);
    const std::string path = file::path_of_unit(text);
    const Unit unit{{}, source, file::unit_name(path)};
    if (!is_mask(path_)) return path == path_ ? std::optional(unit) : std::nullopt;
    const auto found = matching_files(context_.folder, path_, config_.recursive, kFilesMax);
    if (!found || !std::ranges::binary_search(*found, path)) return std::nullopt;
    return unit;
  }

  bool reads_source(std::string_view source) const override { return source == "file:" + path_; }

  // The sum of the file as it is now: the position is meant for this one, whatever was read before.
  std::expected<std::string, std::string> token_at(const Unit& unit, std::int64_t number,
                                                   const std::optional<std::string>& given,
                                                   const std::string& kept) const override {
    if (given) return std::unexpected("the token of a file is made from its bytes");
    const std::string path = resolve_path(context_.folder, file::path_of_unit(unit.name));
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
      if (!kept.empty() && errno == ENOENT) return kept;
      return std::unexpected(fmt::format("the file cannot be looked at: {}: {}", unit.name, errno_text(errno)));
    }
    if (!S_ISREG(status.st_mode))
      return std::unexpected(fmt::format("no position of it lasts, as it is no regular file: {}", unit.name));
    const auto found = file::identity_of(path, unit.name, {});
    if (!found) return std::unexpected(found.error().message);
    const bool packed = is_packed(*found);
    if (!packed && number > static_cast<std::int64_t>(found->size))
      return std::unexpected(fmt::format("it is behind the end of the file: {}, {} bytes", unit.name, found->size));
    const bool whole = split_.form == Split::Form::whole;
    if (whole && !packed && number > 0 && number < static_cast<std::int64_t>(found->size))
      return std::unexpected(fmt::format("the file is one payload, so its position is 0, or its end: {}, {} bytes",
                                         unit.name, found->size));
    return found->token;
  }

  std::string first_start() const override { return "at the start of the file"; }

 private:
  struct File {
    Unit unit;
    std::string path;           // As the mask gives it.
    std::int64_t offset = 0;    // Of the next payload.
    file::Identity identity{};  // Where it resumes.
    bool released = false;
  };
  enum class Step : std::uint8_t { full, waiting, finished };

  bool is_standard_input() const { return config_.path == "-"; }

  void add(const std::string& path) {
    // The same file is the same unit in every round, and no other file ever is.
    const auto [known, added] = ids_.try_emplace(path, UnitId{static_cast<std::uint32_t>(ids_.size())});
    index_[known->second] = files_.size();
    files_.push_back({Unit{known->second, "file:" + path_, file::unit_name(path)}, path});
  }

  Event assigned() const {
    Assigned event;
    for (const File& file : files_) event.units.push_back(file.unit);
    return event;
  }

  // The files of this round. A missing file is an error only in the present dialect, and only if it was named.
  Result<std::vector<std::string>> find() {
    if (!refusal_.empty())
      return fail(Verdict::row, "BO446",
                  fmt::format("The path cannot be read, so there are no payloads: {}: {}", config_.path, refusal_));
    const bool mask = is_mask(path_);
    std::vector<std::string> paths;
    if (mask) {
      BATCHOUT_TRY(paths, matching_files(context_.folder, path_, config_.recursive, kFilesMax));
    } else {
      struct stat status{};
      const bool there = ::stat(resolve_path(context_.folder, path_).c_str(), &status) == 0;
      if (there || (errno != ENOENT && errno != ENOTDIR)) paths.push_back(path_);
    }
    if (!paths.empty()) return paths;
    if (!mask && context_.dialect == Dialect::v1)
      return fail(config_.params.empty() ? Verdict::configuration : Verdict::row, "BO521",
                  fmt::format("The file is not there; correct the path or use a mask: {}", path_));
    if (!warned_) context_.log.warning(fmt::format("No file was found, so there are no payloads: {}", path_));
    warned_ = true;
    return paths;
  }

  // A file whose name another one has now may be there under a name of which nothing is known, or which was that of
  // yet another one: there it is read on. Its inode tells, which new files that begin alike do not have.
  Result<> find_moved(std::span<Position> starts) {
    std::map<std::string, Position> moved;  // By inode.
    std::vector<Position*> others;
    for (Position& start : starts) {
      const auto known = index_.find(start.unit);
      if (known == index_.end()) continue;
      File& file = files_[known->second];
      BATCHOUT_CHECK(identify(file, start));
      const bool begun = start.number > 0;
      if (file.identity.token.empty() || file.identity.same || (begun && start.token.empty())) continue;
      if (begun && !file::inode_in(start.token).empty())
        moved.try_emplace(std::string(file::inode_in(start.token)), start);
      others.push_back(&start);
    }
    for (Position* start : others) {
      const auto kept = moved.find(std::string(file::inode_in(files_[index_.at(start->unit)].identity.token)));
      if (kept == moved.end()) continue;
      BATCHOUT_TRY(const bool same, reads_on(*start, kept->second));
      // Of two names of one file the second is read from its start.
      if (same) moved.erase(kept);
    }
    return {};
  }

  // Takes the position that was kept under another name, if the file still begins as it did and has not become shorter:
  // an inode is given to other files once it is free.
  Result<bool> reads_on(Position& start, const Position& kept) {
    File& file = files_[index_.at(start.unit)];
    const file::Identity before = file.identity;
    BATCHOUT_CHECK(identify(file, kept));
    if (!file.identity.same || is_shorter(file.identity, kept.number)) {
      file.identity = before;
      return false;
    }
    context_.log.info(fmt::format("The file was read under another name before, and is read on: {}", file.unit.name));
    start = {start.unit, kept.number, kept.token};
    return true;
  }

  // Which file it is that has the name now; without a token if it is no regular one.
  Result<> identify(File& file, const Position& start) const {
    const std::string path = resolve_path(context_.folder, file.path);
    struct stat status{};
    file.identity = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    BATCHOUT_TRY(file.identity, file::identity_of(path, file.unit.name, start.number > 0 ? start.token : ""));
    return {};
  }

  // Where reading of a file begins whose position may be kept since another run: there, if it is still the same file.
  Result<> find_start(const File& file, Position& start, std::size_t& unchanged) const {
    const file::Identity& found = file.identity;
    if (found.token.empty()) return {};
    const bool begun = start.number > 0;
    const bool known = begun && !start.token.empty();
    const auto broken = file::broken_in(start.token);
    if (known && !found.same) BATCHOUT_CHECK(check_place(file, start.token));
    if (broken && found.same && broken->size == found.size) {
      ++unchanged;
      return {};
    }
    start.token = found.token;
    if (!begun) return {};
    const bool packed = is_packed(found);
    const auto size = static_cast<std::int64_t>(found.size);
    if (broken && found.same && (packed || broken->begin <= size)) {
      start.number = broken->begin;
      return {};
    }
    const bool shorter = is_shorter(found, start.number);
    const bool whole = split_.form == Split::Form::whole && !packed;
    if ((known && !found.same) || (whole && start.number < size)) {
      context_.log.info(fmt::format("The file is another one than was read before, so it is read from its start: {}",
                                    file.unit.name));
      start.number = 0;
    } else if (shorter && config_.on_truncate == OnTruncate::fail && !whole) {
      return fail(Verdict::configuration, "BO527",
                  fmt::format("The file has become shorter than what was read of it; if it was written anew, set "
                              "on_truncate: restart: {}, {} bytes, read up to {}",
                              file.unit.name, size, start.number));
    } else if (shorter) {
      start.number = 0;
    } else if (!packed && start.number >= size) {
      ++unchanged;
    }
    return {};
  }

  // A file at another place that is there as well: a pipeline in another folder has kept its position under our name.
  // The place of a folder that was moved is empty.
  Result<> check_place(const File& file, std::string_view token) const {
    const auto kept = file::place_in(token);
    const std::string path = path_key({}, resolve_path(context_.folder, file.path));
    if (!kept || *kept == path || ::access(kept->c_str(), F_OK) != 0) return {};
    return fail(
        Verdict::configuration, "BO529",
        fmt::format("Another file is kept under this name, by a pipeline of the same name in another folder; give "
                    "each a name of its own (pipeline: {{name: ...}}), or have its position forgotten by "
                    "`batchout positions reset`: {}, kept is {}",
                    path, *kept));
  }

  // A rest that could not be cut ends behind the end of the file.
  bool is_shorter(const file::Identity& found, std::int64_t read) const {
    return !is_packed(found) && read > static_cast<std::int64_t>(found.size) + 1;
  }

  bool is_packed(const file::Identity& found) const {
    return config_.compression == file::Packing::detect ? found.compression != Compression::none
                                                        : config_.compression != file::Packing::none;
  }

  // Takes chunks of the current file until `out` is full, the file ends, or nothing comes for now.
  Result<Step> fill(Payloads& out, const Budget& budget, Time deadline, const std::stop_token& stop) {
    File& file = files_[current_];
    if (file.released) return Step::finished;
    BATCHOUT_CHECK(open(file));
    if (!source_) return Step::finished;
    while (true) {
      while (const auto chunk = chunker_.peek()) {
        if (!takes(out, budget, *chunk)) return Step::full;
        if (!out.has_notes_of(file.unit.id)) note(file, out);
        append(out, *chunk, file);
        file.offset = chunk->next;
        chunker_.pop();
      }
      if (chunker_.finished()) return Step::finished;
      if (stop.stop_requested()) return Step::waiting;
      BATCHOUT_TRY(const auto count,
                   source_->read(chunker_.room(), Chunker::kBlock, out.empty() ? deadline : Time{}, stop));
      if (!count) return Step::waiting;
      if (*count == 0 && !config_.final) return Step::finished;
      chunker_.filled(*count);
      if (*count == 0) end_of_file();
    }
  }

  void end_of_file() {
    if (source_->fault().empty())
      chunker_.finish();
    else
      chunker_.fail(source_->fault());
  }

  // Standard input has no name, and its positions begin where reading did.
  void note(const File& file, Payloads& out) const {
    out.note_of(file.unit.id, MetaField::offset, source_->start());
    if (!is_standard_input()) out.note_of(file.unit.id, MetaField::file, file.path);
  }

  void append(Payloads& out, const Chunk& chunk, const File& file) const {
    using State = Payloads::State;
    const bool whole = split_.form == Split::Form::whole;
    const std::string too_large =
        !chunk.too_large ? ""
        : whole ? fmt::format("the file is larger than a payload may be, {} MiB; cut it by `split`", payload_max_ >> 20)
                : fmt::format("the payload is larger than {} MiB; have `split` cut smaller ones", payload_max_ >> 20);
    const std::string_view fault = chunk.too_large ? too_large : chunk.fault;
    const State state = chunk.broken ? State::broken : chunk.too_large ? State::too_large : State::usable;
    out.append(chunk.bytes, file.unit.id, chunk.position, chunk.next, state, fault);
    // Should the file be completed, it is read on behind the payload before.
    if (chunk.broken && !file.identity.token.empty())
      out.set_token(file.unit.id, file::with_broken(file.identity, file.offset));
  }

  // The first payload is taken whatever its size: a budget below it must not stop the input for good.
  static bool takes(const Payloads& out, const Budget& budget, const Chunk& chunk) {
    if (out.empty()) return budget.payloads > 0;
    return out.count() < budget.payloads && out.arena().size() + chunk.bytes.size() <= budget.bytes &&
           out.fits(chunk.bytes.size());
  }

  // Makes source_ the open file; a file of a mask that has vanished since it was found is passed over.
  Result<> open(const File& file) {
    if (source_) return {};
    if (is_standard_input()) {
      BATCHOUT_TRY(Source input, Source::standard_input());
      source_.emplace(std::move(input), config_.compression, expansion_max());
    } else {
      const bool named = !is_mask(path_);
      auto opened = Source::open(resolve_path(context_.folder, file.path), file.unit.name, named);
      if (!opened && !named && ::access(resolve_path(context_.folder, file.path).c_str(), F_OK) != 0) {
        context_.log.warning(fmt::format("A file vanished before it was read: {}", file.unit.name));
        return {};
      }
      BATCHOUT_TRY(Source source, std::move(opened));
      source_.emplace(std::move(source), config_.compression, expansion_max());
    }
    BATCHOUT_TRY(const std::int64_t from, restart(file.offset));
    return file.offset > 0 ? source_->seek(from) : Result<>{};
  }

  // Where the source has to be read from for the payloads from `offset` on.
  Result<std::int64_t> restart(std::int64_t offset) {
    BATCHOUT_TRY(const std::size_t size, source_->size());
    const bool expected = split_.form == Split::Form::whole && size != file::Stream::kEndless;
    return chunker_.restart(offset, size, expected ? size : 0);
  }

  std::size_t expansion_max() const { return static_cast<std::size_t>(config_.expansion_max); }

  Result<> go_to(std::size_t index, std::int64_t offset) {
    if (is_standard_input() && source_) {
      BATCHOUT_TRY(const std::int64_t from, restart(offset));
      BATCHOUT_CHECK(source_->seek(from));
    } else if (index == current_) {
      close();
    }
    files_[index].offset = offset;
    if (index < current_) {
      close();
      current_ = index;
    }
    return {};
  }

  // Standard input stays open from round to round: what it has not given yet is still to come.
  void close() {
    if (!is_standard_input()) source_.reset();
  }

  Config config_;
  /// With parameters filled in; if that is not possible, `refusal_` says why.
  std::string path_;
  std::string refusal_;
  Context context_;
  Split split_;
  Chunker chunker_;
  std::size_t payload_max_ = Chunker::kSizeMax;
  std::optional<file::Stream> source_;
  std::vector<File> files_;
  std::size_t current_ = 0;
  std::unordered_map<UnitId, std::size_t> index_;  // Of a unit's file in files_.
  std::unordered_map<std::string, UnitId> ids_;    // By path, of all rounds.
  bool announced_ = false;
  bool paused_ = false;
  bool warned_ = false;
  bool told_ = false;
};

}  // namespace

void add_file(Registry& registry) {
  registry.input<Config, FileInput>();
}

}  // namespace batchout
