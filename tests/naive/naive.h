// The naive evaluator: every path of a map on its own, entry by entry, each from the document down, over values read by
// a plain reader. It judges the programs under test and shares no code with them.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/program.h"

namespace batchout::naive {

struct Value {
  enum class Type : std::uint8_t { null, boolean, number, text, list, object };

  Type type = Type::null;
  const Value* parent = nullptr;
  std::string_view source;         ///< As written, borrowed from the document; empty for a character of a text.
  std::string text;                ///< Of a text, without escapes.
  std::vector<std::string> names;  ///< Of an object's members, each once.
  std::vector<std::unique_ptr<Value>> items;
  mutable std::vector<std::unique_ptr<Value>> characters;  ///< Of a text, once a path has asked for one.
};

/// The document, or null if it is refused: it is no JSON, no UTF-8, or over a limit. `lenient` lets NaN, Infinity and
/// -Infinity be numbers.
std::unique_ptr<Value> read(std::string_view document, const ProjectionLimits& limits = {}, bool lenient = false);

/// What the value is to a column; borrowed from the value.
Cell cell_of(const Value& value);

/// What a path finds from a value on, handed over in order.
using Sink = std::function<void(const Value&)>;
using Path = std::function<void(const Value&, const Sink&)>;
std::vector<const Value*> all_of(const Path& path, const Value& value);

/// A path is read anew for each set of slot values, by level, which stand in it as names, texts and numbers. It must be
/// a valid one of jsonpath_rw, or of RFC 9535 without filters.
Path path_of(const Template& path, std::span<const Cell> slots, bool rfc9535);

/// Evaluates a map whose paths are of that language. Its rejects have no reasons.
std::unique_ptr<Program> program_of(const Projection& projection, bool rfc9535, bool lenient = false);

}  // namespace batchout::naive
