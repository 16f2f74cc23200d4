// A pattern with slots is checked with a number in each of them, then with a letter: one of both must compile.

#include "components/regex/pattern.h"

#include <charconv>

#include <fmt/format.h>

#include "config/wording.h"
#include "data/slot.h"

namespace batchout::regex {
namespace {

using Compiled = std::expected<Regex, Regex::Problem>;

Compiled compiled(const Template& path, const Regex::Options& options) {
  Compiled with_number = Regex::compile(with_slots_as("1", path), options);
  if (with_number) return with_number;
  Compiled with_letter = Regex::compile(with_slots_as("x", path), options);
  return with_letter ? with_letter : with_number;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::optional<Extractor::PathProblem> check_pattern(const Template& path, const Reading& reading) {
  if (auto problem = slot_format_problem(path)) return Extractor::PathProblem{std::move(*problem), 0};
  const Compiled regex = compiled(path, reading.options);
  if (!regex) return Extractor::PathProblem{regex.error().message, written_column(path, regex.error().offset)};
  if (reading.may_lack_group || number_of(*regex, reading.group) != kNoGroup) return std::nullopt;
  return Extractor::PathProblem{fmt::format("there is no group {}", in_quotes(reading.group)), 0, "BO304", true};
}

std::optional<Regex> compile_pattern(const Template& path, const Regex::Options& options) {
  Compiled regex = compiled(path, options);
  if (!regex) return std::nullopt;
  return std::move(*regex);
}

std::size_t number_of(const Regex& regex, std::string_view group) {
  std::size_t number = 0;
  const char* const end = group.data() + group.size();
  const auto [stop, error] = std::from_chars(group.data(), end, number);
  if (stop != end) return regex.group_named(group).value_or(kNoGroup);
  return error == std::errc{} && number <= regex.group_count() ? number : kNoGroup;
}

bool fill_in(const Template& path, std::span<const Cell> values, std::string& out) {
  out.clear();
  for (const auto& piece : path.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      out += *literal;
      continue;
    }
    const auto& slot = std::get<Template::Slot>(piece);
    const std::size_t begin = out.size();
    if (!append_slot(values[slot.level], slot.format, out)) return false;
    // Any other ASCII character may mean something; behind a backslash it is itself.
    for (std::size_t at = begin; at < out.size(); ++at)
      if (static_cast<unsigned char>(out[at]) < 0x80 && !is_letter_or_digit(out[at])) out.insert(at++, 1, '\\');
  }
  return true;
}

}  // namespace batchout::regex
