// The store of outputs that write rows as lines of one file.

#include "data/file_store.h"

#include "base/failpoint.h"
#include "base/files.h"

namespace batchout {
namespace {

constexpr const char* kLetters = ".rejected.jsonl";

// Programs under another user read what the older dialects write.
const WriteRules& rules_of(Dialect dialect) {
  return dialect == Dialect::v1 ? kGroupReads : kUmaskDecides;
}

}  // namespace

std::string FileConfig::store_key(std::string_view folder) const {
  return "file:" + (path == "-" ? path : path_key(folder, path));
}

Compression FileConfig::file_compression(Dialect dialect) const {
  if (compression || dialect != Dialect::v1) return compression.value_or(Compression::none);
  if (path.ends_with(".gz")) return Compression::gzip;
  return path.ends_with(".zst") ? Compression::zstd : Compression::none;
}

FileStore::FileStore(const FileConfig& config, const Context& context)
    : mode_(config.file_mode()),
      shown_(config.path),
      path_(resolve_path(context.folder, config.path)),
      pipeline_(context.pipeline),
      file_(path_, shown_, mode_, config.file_compression(context.dialect), rules_of(context.dialect)),
      letters_(path_ + kLetters, shown_ + kLetters, FileMode::append),
      journal_(path_, path_ + kLetters, shown_, context.pipeline, context.log, rules_of(context.dialect)),
      reader_({path_ + kLetters, shown_ + kLetters, pipeline_}, context.log) {}

// Of standard output, FIFOs and devices nothing can be taken back, and what is replaced has no rows that came before.
StoreTraits FileStore::traits() const {
  const bool transactional = mode_ != FileMode::append;
  const bool system = path_.starts_with("/dev/") || path_.starts_with("/proc/");
  const bool keeps = !transactional && shown_ != "-" && !system && !is_special(path_);
  return {.transactional = transactional, .keeps_positions = keeps, .keeps_dead_letters = keeps};
}

Result<std::vector<Claim>> FileStore::claim(std::span<const Unit> units) {
  return journal_.claim(units);
}

// The file is opened by the commit, and only if there is something to write.
Result<> FileStore::begin(std::uint64_t) {
  file_.rollback();
  letters_.rollback();
  return {};
}

// Without a claim nobody asks for positions.
Result<Outcome> FileStore::commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) {
  BATCHOUT_CHECK(keep(plain_letters(dead_letters)));
  if (!journal_.in_use()) {
    BATCHOUT_CHECK(file_.commit());
    BATCHOUT_CHECK(letters_.commit());
    return Outcome::committed;
  }
  // A line that could be neither finished nor taken back may say that this very batch is written: a claim reads it.
  if (journal_.is_lost() && !advance.empty()) return Outcome::in_doubt;
  BATCHOUT_CHECK(journal_.check(advance));
  const bool rows = !file_.staged().empty();
  if (rows || !letters_.staged().empty()) BATCHOUT_CHECK(journal_.writing(rows));
  Result<> done = failpoint("positions_first") ? journal_.written(advance) : Result<>{};
  if (done) done = file_.commit();
  if (done) done = letters_.commit();
  if (done) done = journal_.written(advance);
  if (done) return Outcome::committed;
  journal_.undo();
  return std::unexpected(std::move(done).error());
}

Result<> FileStore::keep(std::span<const NewLetter> letters) {
  append_letter_lines(pipeline_, letters, letters_.staged());
  return {};
}

Result<> FileStore::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  return reader_.each(filter, payloads, sink);
}

Result<> FileStore::resolve(std::span<const std::int64_t> ids, std::string_view status) {
  BATCHOUT_CHECK(journal_.hold());
  BATCHOUT_CHECK(reader_.check_new(ids));
  append_resolved_lines(ids, status, letters_.staged());
  return {};
}

Result<> FileStore::note_failure(std::span<const std::int64_t> ids, const Reject& reject) {
  BATCHOUT_CHECK(journal_.hold());
  append_failed_lines(ids, reject, letters_.staged());
  return {};
}

}  // namespace batchout
