// The naive evaluator: every path of a map on its own, entry by entry, from the document down, over values of a plain
// reader. It judges the programs under test and shares no code with them; of src it has the types of data, and casts.

#pragma once

#include <codecvt>
#include <cstdint>
#include <exception>
#include <locale>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/program.h"

namespace batchout::naive {

struct Value {
  enum class Type : std::uint8_t { null, boolean, number, text, list, object };
  Type type = Type::null;
  const Value* parent = nullptr;
  std::string text;                ///< Without escapes; of booleans and numbers as written.
  std::string_view source;         ///< As written, borrowed from the document; empty for a character of a text.
  std::vector<std::string> names;  ///< Of an object's members, each once.
  std::vector<std::unique_ptr<Value>> items;
  mutable std::vector<std::unique_ptr<Value>> characters;  ///< Of a text, once a path has asked for one.
};
using Nodes = std::vector<const Value*>;

/// Null if the document is refused: it is no JSON, no UTF-8, or over a limit. `lenient` takes NaN, Infinity, -Infinity.
std::unique_ptr<Value> read(std::string_view document, const ProjectionLimits& limits = {}, bool lenient = false);

/// What the value is to a column; borrowed from the value.
Cell cell_of(const Value& value);

/// What a path finds in a document, in order; nothing at all if RFC 9535 does not allow it. A path of jsonpath_rw has
/// to be valid. Slots stand for their values, by level.
std::optional<Nodes> find(const Template& path, std::span<const Cell> slots, bool rfc9535, const Value& document);

/// Evaluates a map whose paths are of that language. Its rejects have no reasons.
std::unique_ptr<Program> program_of(const Projection& projection, bool rfc9535, bool lenient = false);

/// Reads the text of a grammar from left to right.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;
  static void expect(bool fits) { return fits ? void() : throw std::exception(); }
  char peek() const { return at < text.size() ? text[at] : '\0'; }
  bool take(std::string_view word) { return text.substr(at).starts_with(word) && (at += word.size(), true); }
  /// After blanks, which are left if the word does not follow.
  bool next(std::string_view word);
  std::string run(std::string_view letters);
  /// What stands behind a backslash in JSON; of quotes only the one around.
  std::string escape(std::string_view quote);
  using Utf8 = std::wstring_convert<std::codecvt_utf8<wchar_t>>;
  static std::string narrow(wchar_t letter) { return Utf8().to_bytes(letter); }
  static std::wstring wide(std::string_view utf8) { return Utf8().from_bytes(utf8.data(), utf8.data() + utf8.size()); }
};

}  // namespace batchout::naive
