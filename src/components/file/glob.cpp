// File masks: *, ?, [] within a name, and ** for any depth of folders.

#include "components/file/glob.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <system_error>

#include "base/files.h"

namespace batchout {
namespace {

namespace fs = std::filesystem;

// Walks the folders that the parts of a mask lead to. `found_` may hold a file twice ("**" beside "**"), until the end.
class Walk {
 public:
  Walk(std::string_view folder, bool recursive, std::size_t count_max)
      : folder_(folder), recursive_(recursive), count_max_(count_max) {}

  // Matches the parts from `part` on below `base`, which is empty or ends with a slash.
  void expand(const std::string& base, std::span<const std::string> parts) {
    if (full()) return;
    const std::string& part = parts.front();
    const bool last = parts.size() == 1;
    if (recursive_ && part == "**") {
      any_depth(base, parts);
    } else if (!is_mask(part)) {
      if (last) take(base + part);
      if (!last && fs::is_directory(resolved(base + part), ignored_)) expand(base + part + '/', parts.subspan(1));
    } else {
      for (const std::string& name : names(base)) {
        if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) != 0) continue;
        if (last) take(base + name);
        if (!last && fs::is_directory(resolved(base + name), ignored_)) expand(base + name + '/', parts.subspan(1));
      }
    }
  }

  bool full() const { return found_.size() > count_max_; }
  std::vector<std::string> take_found() { return std::move(found_); }

 private:
  // "**" at the end means all files below; elsewhere the rest of the mask is tried in every folder below.
  void any_depth(const std::string& base, std::span<const std::string> parts) {
    const bool last = parts.size() == 1;
    if (!last) expand(base, parts.subspan(1));
    for (const std::string& name : names(base)) {
      if (full()) return;
      if (name.starts_with('.')) continue;
      const fs::file_status status = fs::symlink_status(resolved(base + name), ignored_);
      if (fs::is_directory(status)) {
        any_depth(base + name + '/', parts);
      } else if (last) {
        take(base + name);
      }
    }
  }

  void take(std::string path) {
    if (!full() && fs::is_regular_file(resolved(path), ignored_)) found_.push_back(std::move(path));
  }

  std::vector<std::string> names(const std::string& base) {
    std::vector<std::string> names;
    const std::string path = resolved(base.empty() ? "." : base);
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error))
      names.push_back(entry->path().filename().native());
    std::ranges::sort(names);
    return names;
  }

  std::string resolved(const std::string& path) const { return resolve_path(folder_, path); }

  std::string folder_;
  bool recursive_;
  std::size_t count_max_;
  std::error_code ignored_;
  std::vector<std::string> found_;
};

std::vector<std::string> parts_of(std::string_view mask) {
  std::vector<std::string> parts;
  while (!mask.empty()) {
    const std::size_t slash = mask.find('/');
    if (slash != 0) parts.emplace_back(mask.substr(0, slash));
    mask.remove_prefix(slash == std::string_view::npos ? mask.size() : slash + 1);
  }
  return parts;
}

}  // namespace

bool is_mask(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

Result<std::vector<std::string>> matching_files(std::string_view folder, std::string_view mask, bool recursive,
                                                std::size_t count_max) {
  Walk walk(folder, recursive, count_max);
  const std::vector<std::string> parts = parts_of(mask);
  if (!parts.empty()) walk.expand(mask.starts_with('/') ? "/" : "", parts);
  if (walk.full())
    return fail(Verdict::configuration, "BO523",
                fmt::format("The mask matches too many files; make it narrower: {} (at most {})", mask, count_max));
  std::vector<std::string> found = walk.take_found();
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

}  // namespace batchout
