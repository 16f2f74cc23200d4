// The store of outputs that write rows as lines of one file.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/append_file.h"
#include "batchout/component.h"
#include "data/file_journal.h"
#include "data/letter_book.h"
#include "data/letter_file.h"
#include "data/position_book.h"

namespace batchout {

/// `each` has no name: a mask as the path chooses it.
template <>
struct Choices<FileMode> {
  static constexpr std::string_view names[] = {"append", "overwrite"};
};

template <>
struct Choices<Compression> {
  static constexpr std::string_view names[] = {"none", "gzip", "zstd"};
};

/// Settings that such outputs share.
struct FileConfig {
  std::string path;
  FileMode mode = FileMode::append;
  /// None: the end of the path decides in `batchout: 1`; older dialects do not compress.
  std::optional<Compression> compression;

  /// Outputs of the same file share one store, so their rows follow each other.
  std::string store_key(std::string_view folder) const;
  /// What becomes of a file, be it by the mode or by the path.
  FileMode file_mode() const { return FileSeries::is_mask(path) ? FileMode::each : mode; }
  Compression file_compression(Dialect dialect) const;

  template <class Config>
  static void describe_file(Spec<Config>& s) {
    s.field(
         "path", &FileConfig::path,
         "The file, or - for standard output; with {batch} or {time} in its name every batch makes a file of its own.")
        .required();
    s.field("mode", &FileConfig::mode, "append: the file grows; overwrite: every batch with rows replaces it.");
    s.field(
        "compression", &FileConfig::compression,
        "How the file is compressed; by default by the end of its name (.gz, .zst) in `batchout: 1`, else not at all.");
    s.check("path", [](const Config& c) { return !c.path.empty(); }, "is empty; name a file");
    s.check(
        "path", [](const Config& c) { return FileSeries::folder_is_plain(c.path); },
        "may have {batch} and {time} in the name of the file only, not in its folder");
    s.check(
        "mode", [](const Config& c) { return c.mode == FileMode::append || !FileSeries::is_mask(c.path); },
        "cannot be overwrite where {batch} or {time} in the path makes a file of each batch");
  }
};

/// Rows become visible in `commit` only. A file that grows can keep positions in a journal beside it (file_journal.h),
/// which is made by the first claim, and dead letters in JSON lines at its path with ".rejected.jsonl" at its end.
class FileStore final : public Store, public LetterBook, public PositionBook {
 public:
  FileStore(const FileConfig& config, const Context& context);

  StoreTraits traits() const override;
  Result<std::vector<Claim>> claim(std::span<const Unit> units) override;
  Result<> begin(std::uint64_t batch) override;
  Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) override;
  void rollback() override {
    file_.rollback();
    letters_.rollback();
  }
  Result<std::vector<KeptPosition>> kept() override { return journal_.kept(); }
  Result<> change(std::span<const PositionChange> changes) override { return journal_.change(changes); }

  Result<> keep(std::span<const NewLetter> letters) override;
  Result<> each(const LetterFilter& filter, bool payloads, const LetterSink& sink) override;
  /// Takes the journal, as a claim does, so that nobody else adds to the file meanwhile.
  Result<> resolve(std::span<const std::int64_t> ids, std::string_view status) override;
  Result<> note_failure(std::span<const std::int64_t> ids, const Reject& reject) override;

  AppendFile& file() { return file_; }

 private:
  FileMode mode_;
  /// Path in the configuration, and where that is.
  std::string shown_, path_;
  std::string pipeline_;
  AppendFile file_, letters_;
  FileJournal journal_;
  LetterReader reader_;
};

}  // namespace batchout
