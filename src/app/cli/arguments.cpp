// Validators see the text of an argument before CLI11 converts it.

#include "app/cli/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace batchout::cli {
namespace {

// Seconds. As nanoseconds of std::chrono such a time still fits into 64 bits.
constexpr double kHundredYears = 100.0 * 366 * 86'400;

// None unless the text is a number as a whole; a plus is no part of one.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// May be negative or not finite; who asks checks the range.
std::optional<double> seconds_of(std::string_view text) {
  struct Unit {
    std::string_view name;
    double seconds;
  };
  // "s" last: it ends "ms", too.
  static constexpr std::array kUnits = {Unit{"ms", 0.001}, Unit{"m", 60}, Unit{"h", 3'600}, Unit{"d", 86'400},
                                        Unit{"s", 1}};
  const auto unit = std::ranges::find_if(kUnits, [&](const Unit& known) { return text.ends_with(known.name); });
  if (unit != kUnits.end()) text.remove_suffix(unit->name.size());
  const auto number = number_of<double>(text);
  if (!number) return std::nullopt;
  return *number * (unit == kUnits.end() ? 1 : unit->seconds);
}

}  // namespace

// An empty text is what CLI11 takes for "good".
CLI::Validator whole_number(std::int64_t least) {
  return {[least](const std::string& text) -> std::string {
            const auto number = number_of<std::int64_t>(text);
            if (number && *number >= least) return {};
            return number ? fmt::format("must be at least {}, but is {}", least, text)
                          : fmt::format("needs a whole number, but is {}", text);
          },
          "NUMBER"};
}

// A transformer: CLI11 then converts the new text, which is plain seconds.
CLI::Validator seconds(bool zero_too) {
  return {[zero_too](std::string& text) -> std::string {
            const auto found = seconds_of(text);
            if (found == 0 && !zero_too) return "needs a time longer than 0, but is " + text;
            if (!found || !(*found >= 0 && *found <= kHundredYears))
              return fmt::format("needs a time like 30, 1.5, 250ms, 30s, 5m or 1h, but is {}", text);
            text = fmt::format("{}", *found);
            return {};
          },
          "TIME"};
}

// The number replaces the name, since CLI11 reads an enum as its number.
CLI::Validator choice(std::vector<std::string> names) {
  return {[names = std::move(names)](std::string& text) -> std::string {
            const auto found = std::ranges::find(names, text);
            if (found == names.end()) return fmt::format("must be one of {}, but is {}", fmt::join(names, ", "), text);
            text = std::to_string(found - names.begin());
            return {};
          },
          "NAME"};
}

}  // namespace batchout::cli
