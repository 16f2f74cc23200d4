// What both languages of paths share.

#include "components/json/path.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "components/json/jsonpath_rw.h"
#include "components/json/rfc9535.h"
#include "data/slot.h"

namespace batchout::json {
namespace {

// Beyond any list; sums of two such numbers stay within 64 bits.
constexpr std::int64_t kPositionMax = std::int64_t{1} << 40;

}  // namespace

const Template::Slot* Words::sole_slot() const {
  if (pieces.size() != 1) return nullptr;
  const auto* slot = std::get_if<Template::Slot>(&pieces[0]);
  return slot != nullptr && slot->format.empty() ? slot : nullptr;
}

// Neighbouring characters make one literal, so `literal` and `text` need to look at one piece only.
void Words::add(char c) {
  if (pieces.empty() || pieces.back().index() != 0) pieces.emplace_back(std::string{});
  std::get<std::string>(pieces.back()) += c;
}

bool operator==(const Words& a, const Words& b) {
  return std::ranges::equal(a.pieces, b.pieces, [](const Template::Piece& x, const Template::Piece& y) {
    if (x.index() != y.index()) return false;
    if (x.index() == 0) return std::get<0>(x) == std::get<0>(y);
    return std::get<1>(x).level == std::get<1>(y).level && std::get<1>(x).format == std::get<1>(y).format;
  });
}

bool operator==(const Step& a, const Step& b) {
  return a.kind == b.kind && a.strict == b.strict && a.names == b.names && a.number == b.number &&
         a.selector == b.selector && a.from == b.from && a.to == b.to && a.stride == b.stride && a.inner == b.inner &&
         a.conditions == b.conditions;
}

// Real numbers are compared by what is written: 1.0 and 1.00 are two paths, which only costs an evaluation.
bool operator==(const Operand& a, const Operand& b) {
  return a.kind == b.kind && a.tag == b.tag && a.integer == b.integer && a.words == b.words &&
         a.absolute == b.absolute && a.path == b.path && a.arguments == b.arguments;
}

bool operator==(const Condition& a, const Condition& b) {
  return a.kind == b.kind && a.comparator == b.comparator && a.parts == b.parts && a.operands == b.operands;
}

// No plus and no blanks; leading zeros are allowed.
std::optional<std::int64_t> position_of(std::string_view text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() == sign) return std::nullopt;
  for (const char c : text.substr(sign))
    if (c < '0' || c > '9') return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) number = sign != 0 ? -kPositionMax : kPositionMax;
  return std::clamp(number, -kPositionMax, kPositionMax);
}

// Slot formats are checked here, since they are the same for both languages.
std::expected<Path, Extractor::PathProblem> compile_path(const Template& path, Syntax syntax) {
  if (auto problem = slot_format_problem(path)) return std::unexpected(Extractor::PathProblem{std::move(*problem), 0});
  auto compiled = syntax == Syntax::rfc9535 ? compile_rfc9535(path) : compile_jsonpath_rw(path);
  // The document is where every path begins.
  if (compiled && !compiled->steps.empty() && compiled->steps[0].kind == Step::Kind::root)
    compiled->steps.erase(compiled->steps.begin());
  return compiled;
}

}  // namespace batchout::json
