// Configurations from text: what holds for YAML and JSON alike.
//
// Size, encoding and NUL bytes are checked first, so that the grammars see nothing but UTF-8 text of bounded length.

#include "config/load.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/files.h"
#include "base/sha256.h"
#include "base/unicode.h"
#include "config/draft.h"

namespace batchout {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Bytes of the character at the front of `text`, 0 if it is not UTF-8: overlong forms, surrogates and characters beyond
// U+10FFFF are not. The ranges of the second byte are those of table 3-7 of the Unicode standard.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return i < text.size() && continues_character(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
  if ((lead & 0xF0) == 0xE0) {
    const bool overlong = lead == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = lead == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool outside = (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
    return follows(1) && follows(2) && follows(3) && !outside ? 4 : 0;
  }
  return 0;
}

// Refuses bytes that are no text at all, before a parser sees them. NUL is UTF-8, but the reader of JSON takes it for
// the end of the text.
bool check_encoding(std::string_view text, Draft& draft) {
  Node::Mark mark{1, 1};
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return draft.fail("BO103", mark, "the configuration is not UTF-8", "save it as UTF-8");
    if (text.front() == '\0') return draft.fail("BO103", mark, "the configuration contains a NUL byte");
    mark = text.front() == '\n' ? Node::Mark{mark.line + 1, 1} : Node::Mark{mark.line, mark.column + 1};
    text.remove_prefix(size);
  }
  return true;
}

enum class Grammar : std::uint8_t { yaml, maybe_json, likely_json, json };

// A brace may begin YAML as well; a brace and a quote are most probably meant as JSON. A file's name settles it: what
// only YAML understands would surprise every other reader of a .json file. The first two characters that are no blanks
// decide, so the check costs nothing on large texts.
Grammar grammar_of(std::string_view text, std::string_view file) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return Grammar::yaml;
  if (file.ends_with(".json")) return Grammar::json;
  if (text[first] != '{' && text[first] != '[') return Grammar::yaml;
  const std::size_t second = text.find_first_not_of(kBlanks, first + 1);
  return second != std::string_view::npos && text[second] == '"' ? Grammar::likely_json : Grammar::maybe_json;
}

// Problems of the grammar that was given up stay out: they would blame the other one's file for its form.
void append(Problems& to, Problems from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// JSON has a parser of its own: YAML 1.1 knows neither its escapes for characters beyond 16 bits nor its exponents.
// What is not JSON may still be YAML; if it is neither, the likelier grammar explains why.
std::optional<Node> load_either(std::string_view text, const std::string& file, Problems& problems) {
  const Grammar grammar = grammar_of(text, file);
  Problems json_problems;
  if (grammar != Grammar::yaml) {
    auto root = load_json(text, file, json_problems);
    if (root || grammar == Grammar::json) {
      append(problems, std::move(json_problems));
      return root;
    }
  }
  Problems yaml_problems;
  auto root = load_yaml(text, file, yaml_problems);
  append(problems, !root && grammar == Grammar::likely_json ? std::move(json_problems) : std::move(yaml_problems));
  return root;
}

// One byte more than allowed is enough to refuse the text; an endless file is not read to its end. None with errno set
// as the system left it, or 0 where a stream failed for reasons of its own.
std::optional<std::string> read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text(DocumentLimits::kSizeMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.fail() && !stream.eof())) return std::nullopt;
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace

// From the cheapest check to the dearest, so that hostile text costs no more than it has to.
std::optional<Node> load_text(std::string_view text, const std::string& file, Problems& problems) {
  Draft draft(file, problems);
  if (text.size() > DocumentLimits::kSizeMax) {
    draft.fail("BO102", {}, fmt::format("the configuration is too large: limit {} bytes", DocumentLimits::kSizeMax));
    return std::nullopt;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!check_encoding(text, draft)) return std::nullopt;
  auto root = load_either(text, file, problems);
  if (root && !root->is_mapping()) {
    draft.fail("BO106", root->mark(),
               root->is_null() ? "the configuration is empty" : "the configuration is not a mapping",
               "begin with sections like inputs: and outputs:");
    return std::nullopt;
  }
  return root;
}

std::optional<Node> load_file(const std::filesystem::path& file, Problems& problems, std::string* hash) {
  errno = 0;
  const auto text = read_file(file);
  if (text && hash != nullptr) *hash = sha256(*text);
  if (text) return load_text(*text, file.string(), problems);
  Draft(file.string(), problems)
      .fail("BO107", {},
            errno == 0 ? "the configuration cannot be read" : "the configuration cannot be read: " + errno_text(errno));
  return std::nullopt;
}

bool is_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0 || text.front() == '\0') return false;
    text.remove_prefix(size);
  }
  return true;
}

void refuse_duplicates(Problems& problems) {
  for (Problem& problem : problems)
    if (problem.code == "BO104") problem.severity = Problem::Severity::error;
}

}  // namespace batchout
