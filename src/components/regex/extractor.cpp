// The extractor as configuration and plan see it.

#include "components/regex/extractor.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "components/regex/program.h"
#include "components/regex/searches.h"
#include "registry/registry.h"

namespace batchout {

namespace regex {
namespace {

/// Flags as Python's `re` names them. Without any, patterns are read as with UNICODE.
struct Flag {
  std::string_view name;
  char letter;
  bool Regex::Options::* option;
};
constexpr Flag kFlags[] = {
    {"IGNORECASE", 'I', &Regex::Options::caseless}, {"MULTILINE", 'M', &Regex::Options::multiline},
    {"DOTALL", 'S', &Regex::Options::dot_all},      {"VERBOSE", 'X', &Regex::Options::extended},
    {"ASCII", 'A', &Regex::Options::ascii},         {"UNICODE", 'U', nullptr},
};

const Flag* flag_of(char letter) {
  const auto* found = std::ranges::find(kFlags, letter, &Flag::letter);
  return found == std::end(kFlags) ? nullptr : found;
}

// A setting may hold one name, or letters in a row; none if it has anything else.
std::vector<const Flag*> flags_in(const std::string& setting) {
  if (const auto* named = std::ranges::find(kFlags, setting, &Flag::name); named != std::end(kFlags)) return {named};
  std::vector<const Flag*> flags;
  for (const char letter : setting) {
    if (flag_of(letter) == nullptr) return {};
    flags.push_back(flag_of(letter));
  }
  return flags;
}

bool are_flags(const RegexConfig& config) {
  return std::ranges::none_of(config.flags, [](const std::string& flag) { return flags_in(flag).empty(); });
}

bool has_flag(const RegexConfig& config, char letter) {
  return std::ranges::any_of(config.flags, [letter](const std::string& setting) {
    const auto flags = flags_in(setting);
    return std::ranges::find(flags, letter, &Flag::letter) != flags.end();
  });
}

bool is_group(std::string_view group) {
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  if (group.empty()) return false;
  if (is_digit(static_cast<unsigned char>(group[0]))) return std::ranges::all_of(group, is_digit);
  return std::ranges::all_of(group, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::optional<Encoding> encoding_named(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (c != '-' && c != '_' && c != ' ') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (plain == "utf8") return Encoding::utf8;
  if (plain == "ascii" || plain == "usascii") return Encoding::ascii;
  if (plain == "latin1" || plain == "iso88591") return Encoding::latin1;
  return std::nullopt;
}

}  // namespace

void RegexConfig::describe(Spec<RegexConfig>& spec) {
  spec.named("extractor", "regex", "Finds values in texts by regular expressions.")
      .field("strategy", &RegexConfig::strategy, "Which of several matches of a pattern counts.")
      .field("group", &RegexConfig::group, "The group that is the value: a number, or a name; 0 is the whole match.")
      .check(
          "group", [](const RegexConfig& config) { return is_group(config.group); }, "a group is a number or a name")
      .field("lenient", &RegexConfig::lenient,
             "Patterns may lack the group and find nothing then, as in the older dialects.")
      .field("flags", &RegexConfig::flags,
             "IGNORECASE, MULTILINE, DOTALL, VERBOSE, ASCII and UNICODE, or their letters I, M, S, X, A and U.")
      .check(
          "flags", are_flags,
          "flags are IGNORECASE, MULTILINE, DOTALL, VERBOSE, ASCII and UNICODE, or their letters I, M, S, X, A and U")
      .check(
          "flags", [](const RegexConfig& config) { return !has_flag(config, 'A') || !has_flag(config, 'U'); },
          "ASCII and UNICODE exclude each other")
      .field("encoding", &RegexConfig::encoding, "Encoding of the payloads: utf8, ascii or latin1.")
      .check(
          "encoding", [](const RegexConfig& config) { return encoding_named(config.encoding).has_value(); },
          "the encodings are utf8, ascii and latin1")
      .field("decode_bytes", &RegexConfig::decode_bytes, "Always true: patterns are for texts.")
      .check(
          "decode_bytes", [](const RegexConfig& config) { return config.decode_bytes; },
          "patterns are for texts, so that without decoding nothing would be found");
}

RegexExtractor::RegexExtractor(const RegexConfig& config) : encoding_(*encoding_named(config.encoding)) {
  reading_.group = config.group;
  reading_.may_lack_group = config.lenient;
  for (const std::string& setting : config.flags)
    for (const Flag* flag : flags_in(setting))
      if (flag->option != nullptr) reading_.options.*flag->option = true;
}

std::optional<Extractor::PathProblem> RegexExtractor::check(const Template& path) const {
  return check_pattern(path, reading_);
}

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> RegexExtractor::find(
    const Template& path, std::string_view payload) const {
  if (auto problem = check(path))
    return std::unexpected(FindProblem{std::string(problem->code), std::move(problem->message), problem->column});
  std::string memory;
  const auto text = read_text(payload, encoding_, memory);
  if (!text) return std::unexpected(FindProblem{std::string(text.error().code), text.error().reason});
  const Regex regex = *compile_pattern(path, reading_.options);
  Regex::Matcher matcher(regex);
  matcher.share(steps_for(text->size()));
  std::vector<Found> found;
  auto outcome = matcher.search(*text);
  for (; outcome == Regex::Outcome::match; outcome = matcher.next()) {
    const auto value = matcher.group(number_of(regex, reading_.group));
    Found& match = found.emplace_back();
    match.path = fmt::format("{}:{}", matcher.position(), matcher.position() + matcher.group(0).value_or("").size());
    append_json(value ? Cell{Tag::text, 0, 0, *value} : Cell{}, nullptr, match.value);
  }
  if (outcome == Regex::Outcome::no_match) return found;
  return std::unexpected(FindProblem{std::string(kTooManySteps), "the pattern takes too many steps in this text"});
}

std::optional<Template> RegexExtractor::filled(const Template& path, std::span<const Cell> values) const {
  std::string pattern;
  if (!fill_in(path, values, pattern)) return std::nullopt;
  return Template{path.written, {std::move(pattern)}};
}

bool RegexExtractor::goes_with(const Extractor& other) const {
  const auto* same = dynamic_cast<const RegexExtractor*>(&other);
  return same != nullptr && same->encoding_ == encoding_;
}

std::unique_ptr<Program> RegexExtractor::compile(const Projection& projection) const {
  return std::make_unique<RegexProgram>(projection, reading_, encoding_);
}

std::vector<std::string> RegexExtractor::explain(const Projection& projection) const {
  return explain_searches(projection, searches_of(projection, reading_));
}

}  // namespace regex

void add_regex(Registry& registry) {
  add_extractor<regex::RegexConfig, regex::RegexExtractor>(registry);
}

}  // namespace batchout
