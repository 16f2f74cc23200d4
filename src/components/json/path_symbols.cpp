// Walks the pieces of a template beside its written form.

#include "components/json/path_symbols.h"

#include <string>
#include <string_view>
#include <variant>

#include "base/unicode.h"

namespace batchout::json {
namespace {

// Follows the written form of a template to tell where each symbol stood.
class Columns {
 public:
  explicit Columns(std::string_view written) : written_(written) {}

  // The column where `c` begins; moves behind it.
  int literal(char c) {
    const int column = column_;
    // A character that was not written (a prefix added by the dialect) takes no place.
    if (at_ >= written_.size() || written_[at_] != c) return column;
    const bool doubled = (c == '{' || c == '}') && at_ + 1 < written_.size() && written_[at_ + 1] == c;
    skip(doubled ? 2 : 1);
    return column;
  }

  // The written form of a slot ends with the next closing brace, since names and formats have none.
  int slot() {
    const int column = column_;
    const auto end = written_.find('}', at_);
    skip(end == std::string_view::npos ? written_.size() - at_ : end + 1 - at_);
    return column;
  }

 private:
  void skip(std::size_t bytes) {
    for (; bytes > 0; --bytes, ++at_)
      if (!continues_character(written_[at_])) ++column_;
  }

  std::string_view written_;
  std::size_t at_ = 0;
  int column_ = 1;
};

}  // namespace

std::vector<PathSymbol> path_symbols(const Template& path) {
  std::vector<PathSymbol> symbols;
  Columns columns(path.written);
  for (const auto& piece : path.pieces) {
    if (const auto* slot = std::get_if<Template::Slot>(&piece)) {
      symbols.push_back({0, slot, columns.slot()});
      continue;
    }
    for (const char c : std::get<std::string>(piece)) symbols.push_back({c, nullptr, columns.literal(c)});
  }
  symbols.push_back({0, nullptr, columns.slot()});
  return symbols;
}

}  // namespace batchout::json
