// One pass over the first bytes of a file, however many files have been moved.

#include "components/file/moved.h"

#include <utility>

namespace batchout::file {

void MovedFiles::add(const Position& start) {
  const auto sum = sum_in(start.token);
  if (sum && files_[sum->bytes].try_emplace(sum->text, start).second) ++count_;
}

// The longest sum that fits: a file may begin as another one did that was shorter.
Result<std::optional<Position>> MovedFiles::take(const std::string& path, const std::string& shown) {
  BATCHOUT_TRY(const std::string bytes, first_bytes(path, shown));
  std::optional<Position> found;
  std::map<std::string, Position>* owner = nullptr;
  FirstBytes sum;
  for (auto& [length, files] : files_) {
    if (length > bytes.size()) break;
    sum.add(std::string_view(bytes).substr(sum.size(), length - sum.size()));
    const auto file = files.find(sum.token());
    if (file == files.end()) continue;
    found = file->second;
    owner = &files;
  }
  if (!found) return found;
  // Of two files that are alike the second is a copy.
  owner->erase(sum_in(found->token)->text);
  --count_;
  return found;
}

}  // namespace batchout::file
