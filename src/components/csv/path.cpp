// A path is cut at its first dot; names may have more of them.

#include "components/csv/path.h"

#include <charconv>
#include <utility>

#include "data/slot.h"

namespace batchout::csv {
namespace {

using Pieces = std::vector<Template::Piece>;

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

std::string* literal_at(Pieces& pieces, std::size_t i) {
  return i < pieces.size() ? std::get_if<std::string>(&pieces[i]) : nullptr;
}

// Quotes around a name keep it from being a number.
bool take_quotes(Pieces& pieces) {
  std::string* const first = literal_at(pieces, 0);
  std::string* const last = literal_at(pieces, pieces.size() - 1);
  if (first == nullptr || last == nullptr || first->empty() || (first->front() != '"' && first->front() != '\''))
    return false;
  if (last->back() != first->front() || (first == last && first->size() == 1)) return false;
  first->erase(0, 1);
  last->pop_back();
  return true;
}

Path::Field field_of(Pieces pieces) {
  const bool quoted = take_quotes(pieces);
  const std::string* const literal = literal_at(pieces, 0);
  if (pieces.size() > 1 || literal == nullptr) return pieces;
  const auto number = quoted ? std::nullopt : number_in(*literal);
  return number ? Path::Field(*number) : Path::Field(*literal);
}

class Reader {
 public:
  explicit Reader(const Template& path) : path_(path), rest_(path.pieces) {}

  std::expected<Path, Extractor::PathProblem> run() {
    if (auto problem = slot_format_problem(path_)) return refused(std::move(*problem), 0);
    if (take("$") && (rest_.empty() || !take("."))) {
      if (rest_.empty()) return Path{};
      return refused("a dot is expected behind $", 2);
    }
    if (rest_.empty()) return refused("a path begins with $, a row or the name of a field", 1);
    if (const auto* slot = std::get_if<Template::Slot>(&rest_[0])) return behind_slot(*slot);
    if (const auto row = take_row()) return with_field(Path{*row, {}});
    return Path{0, field_of(rest_)};
  }

 private:
  // Takes the text away if the rest begins with it.
  bool take(std::string_view text) {
    std::string* const literal = literal_at(rest_, 0);
    if (literal == nullptr || !literal->starts_with(text)) return false;
    literal->erase(0, text.size());
    if (literal->empty()) rest_.erase(rest_.begin());
    return true;
  }

  // A number is a row if the path ends behind it, or a dot follows.
  std::optional<std::int64_t> take_row() {
    const std::string begin = std::get<std::string>(rest_[0]);
    const std::size_t dot = begin.find('.');
    const auto row = number_in(std::string_view(begin).substr(0, dot));
    if (!row || (dot == std::string::npos && rest_.size() > 1)) return std::nullopt;
    take(begin.substr(0, dot));
    return row;
  }

  std::expected<Path, Extractor::PathProblem> behind_slot(const Template::Slot& slot) {
    if (!slot.format.empty()) return refused("a row has no format", 1);
    const Path path{slot.level, {}};
    rest_.erase(rest_.begin());
    return with_field(path);
  }

  std::expected<Path, Extractor::PathProblem> with_field(Path path) {
    if (rest_.empty()) return path;
    const int column = written_column(path_, with_slots_as("x", path_).size() - with_slots_as("x", rest()).size());
    if (!take(".")) return refused("a dot is expected between a row and its field", column);
    if (rest_.empty()) return refused("the name or position of a field is expected", column + 1);
    path.field = field_of(rest_);
    return path;
  }

  Template rest() const { return {{}, rest_}; }

  static std::unexpected<Extractor::PathProblem> refused(std::string message, int column) {
    return std::unexpected(Extractor::PathProblem{std::move(message), column});
  }

  const Template& path_;
  Pieces rest_;
};

}  // namespace

std::expected<Path, Extractor::PathProblem> parse_path(const Template& path) {
  return Reader(path).run();
}

}  // namespace batchout::csv
