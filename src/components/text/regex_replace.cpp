// Replaces what a regular expression matches. The replacement is taken apart once, into literals and groups.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <expected>
#include <string>
#include <variant>
#include <vector>

#include "base/ascii.h"
#include "base/regex.h"
#include "base/unicode.h"
#include "components/text/processors.h"
#include "components/text/values.h"
#include "registry/step_limited.h"

namespace batchout {
namespace text {
namespace {

/// A regular expression that compiles, once it is read.
struct PatternText {
  std::string text;
};

}  // namespace
}  // namespace text

// Refused with the reason. Whether case counts makes no difference to that.
template <>
struct SettingType<text::PatternText> : AnySettingType {
  static std::string name() { return SettingType<std::string>::name(); }
  static std::string print(const text::PatternText& value) { return SettingType<std::string>::print(value.text); }
  static bool read(const Setting& setting, text::PatternText& out) {
    if (!setting.read(out.text)) return false;
    const auto compiled = Regex::compile(out.text);
    if (compiled) return true;
    const std::string_view before = std::string_view(out.text).substr(0, compiled.error().offset);
    return setting.wrong("BO206", fmt::format("not a regular expression: {}, at character {}", compiled.error().message,
                                              1 + count_characters(before)));
  }
};

namespace text {
namespace {

/// What stands for a match: literal texts and numbers of groups, in order.
using Pieces = std::vector<std::variant<std::string, std::size_t>>;

// The pattern is compiled anew by each of these functions, which only reading the configuration and building the
// processor call.
struct Config {
  PatternText pattern;
  std::string replacement;
  // 0: all.
  std::int64_t count = 0;
  bool ignore_case = false;

  std::expected<Regex, Regex::Problem> regex() const { return Regex::compile(pattern.text, {.caseless = ignore_case}); }
  /// None if a group that the replacement names is not in the pattern, or if a backslash says nothing.
  std::optional<Pieces> pieces() const;

  static void describe(Spec<Config>& s) {
    s.named("processor", "regex_replace", "Replaces what a regular expression matches.")
        .field("pattern", &Config::pattern, "What to replace: a regular expression.")
        .required()
        .field("replacement", &Config::replacement,
               "What stands in its place; \\1 or \\g<name> is what a group matched, \\\\ a backslash.")
        .required()
        .check(
            "replacement", [](const Config& c) { return !c.regex() || c.pieces(); },
            "names a group that the pattern does not have, or has a backslash before something else")
        .field("count", &Config::count, "How many matches are replaced, from the left; 0: all.")
        .range(0, 1'000'000'000)
        .field("ignore_case", &Config::ignore_case, "Whether large and small letters are the same.");
  }
};

// Neighbours are merged, so a match appends as few pieces as possible.
void add_literal(std::string_view text, Pieces& pieces) {
  if (pieces.empty() || pieces.back().index() != 0) pieces.emplace_back(std::string());
  std::get<std::string>(pieces.back()) += text;
}

/// The group that is named behind a backslash; `at` stands there, and behind the name afterwards. Without \g one
/// or two digits are read, as in Python: `\10` is group 10.
std::optional<std::size_t> read_group(std::string_view text, const Regex& regex, std::size_t& at) {
  std::string_view name = text.substr(at, 1);
  if (name == "g") {
    const std::size_t end = text.find('>', at);
    if (end == std::string_view::npos || at + 1 >= text.size() || text[at + 1] != '<') return std::nullopt;
    name = text.substr(at + 2, end - at - 2);
    at = end + 1;
    if (const auto named = regex.group_named(name)) return named;
  } else {
    const auto digit_at = [text](std::size_t i) { return i < text.size() && is_digit(text[i]); };
    if (digit_at(at) && digit_at(at + 1)) name = text.substr(at, 2);
    at += name.size();
  }
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size() || number > regex.group_count()) return std::nullopt;
  return number;
}

// The pattern must be good.
std::optional<Pieces> Config::pieces() const {
  const auto compiled = regex();
  Pieces found;
  const std::string_view text = replacement;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t escape = std::min(text.find('\\', at), text.size());
    if (escape > at) add_literal(text.substr(at, escape - at), found);
    at = escape + 1;
    if (escape == text.size()) break;
    if (text.substr(at, 1) == "\\") {
      add_literal("\\", found);
      ++at;
    } else if (const auto group = read_group(text, *compiled, at)) {
      found.emplace_back(*group);
    } else {
      return std::nullopt;
    }
  }
  return found;
}

class RegexReplace final : public TextProcessor<RegexReplace>, public StepLimited {
 public:
  explicit RegexReplace(const Config& config)
      : matcher_(*config.regex()), pieces_(*config.pieces()), count_(config.count) {}

  void start() { given_up_.clear(); }
  const std::vector<std::size_t>& given_up() const override { return given_up_; }

  // A search that meets a limit fails the value, rather than to replace only a part of its matches.
  void change(std::string_view value, Column& out) {
    // Texts should be UTF-8; a subject that is not would lead the engine astray.
    if (find_broken_utf8(value) != std::string_view::npos) return out.append_failed(value.substr(0, kExcerptMax));
    changed_.clear();
    std::size_t copied = 0;  // Bytes of the value that are in `changed_`, replaced or not.
    auto outcome = matcher_.search(value);
    for (std::int64_t done = 0; outcome == Regex::Outcome::match && (count_ == 0 || done < count_); ++done) {
      changed_ += value.substr(copied, matcher_.position() - copied);
      copied = matcher_.position() + matcher_.group(0)->size();
      add_replacement();
      outcome = matcher_.next();
    }
    if (outcome == Regex::Outcome::limit) {
      given_up_.push_back(out.size());
      return out.append_failed(value.substr(0, kExcerptMax));
    }
    changed_ += value.substr(copied);
    out.append_text(Tag::text, changed_);
  }

 private:
  // Bytes.
  static constexpr std::size_t kExcerptMax = 64;

  // A group that took no part is empty, as in Python since 3.5.
  void add_replacement() {
    for (const auto& piece : pieces_) {
      if (const auto* literal = std::get_if<std::string>(&piece))
        changed_ += *literal;
      else
        changed_ += matcher_.group(std::get<std::size_t>(piece)).value_or(std::string_view());
    }
  }

  Regex::Matcher matcher_;
  Pieces pieces_;
  std::int64_t count_;
  // Of the column at hand.
  std::vector<std::size_t> given_up_;
  // Scratch, kept between values.
  std::string changed_;
};

}  // namespace

void add_regex_replace(Registry& registry) {
  registry.processor<Config, RegexReplace>();
}

}  // namespace text
}  // namespace batchout
