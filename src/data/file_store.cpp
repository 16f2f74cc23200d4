// The store of outputs that write rows as lines of one file.

#include "data/file_store.h"

#include <iterator>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/failpoint.h"
#include "base/files.h"
#include "base/unicode.h"
#include "data/dead_letters.h"
#include "data/render.h"

namespace batchout {
namespace {

constexpr const char* kLetters = ".rejected.jsonl";

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
      file_(path_, shown_, mode_, config.file_compression(context.dialect)),
      letters_(path_ + kLetters, shown_ + kLetters, FileMode::append),
      journal_(path_, path_ + kLetters, shown_, context.pipeline, context.log) {}

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
  stage(dead_letters);
  if (!journal_.in_use()) {
    BATCHOUT_CHECK(file_.commit());
    BATCHOUT_CHECK(letters_.commit());
    return Outcome::committed;
  }
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

// Keys are the columns of the tables in databases. A payload that is no text is written in Base64.
void FileStore::stage(std::span<const DeadLetter> dead_letters) {
  std::string& lines = letters_.staged();
  const auto put = [&](std::string_view key, std::string_view text) {
    fmt::format_to(std::back_inserter(lines), ",\"{}\":", key);
    append_json_string(text, lines);
  };
  for (const DeadLetterRecord& record : records_of(dead_letters)) {
    lines += "{\"pipeline\":";
    append_json_string(pipeline_, lines);
    put("source", record.source);
    put("unit", record.unit);
    fmt::format_to(std::back_inserter(lines), ",\"pos\":{}", record.position);
    put("stage", record.stage);
    put("place", record.place);
    fmt::format_to(std::back_inserter(lines), ",\"number\":{}", record.number);
    put("code", record.code);
    put("column_name", record.column);
    put("error", record.error);
    put("excerpt", record.excerpt);
    const bool text = find_broken_utf8(record.payload) >= record.payload.size();
    put(text ? "payload" : "payload_base64", text ? std::string(record.payload) : base64(record.payload));
    fmt::format_to(std::back_inserter(lines), ",\"payload_size\":{}}}\n", record.size);
  }
}

}  // namespace batchout
