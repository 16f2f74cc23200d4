// The store of outputs that write rows as lines of one file.

#include "data/file_store.h"

#include "base/files.h"

namespace batchout {

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
      file_(resolve_path(context.folder, config.path), config.path, mode_, config.file_compression(context.dialect)) {}

// A file keeps no positions, so nobody else can be kept from it.
Result<std::vector<Claim>> FileStore::claim(std::span<const Unit> units) {
  return std::vector<Claim>(units.size());
}

// The file is opened by the commit, and only if there is something to write.
Result<> FileStore::begin(std::uint64_t) {
  file_.rollback();
  return {};
}

Result<Outcome> FileStore::commit(std::span<const Move>, std::span<const DeadLetter>) {
  BATCHOUT_CHECK(file_.commit());
  return Outcome::committed;
}

}  // namespace batchout
