// Formats are those of fmt, which are Python's for numbers and texts.

#include "data/slot.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace batchout {
namespace {

// Characters: bounds the width.
constexpr std::size_t kFormatSizeMax = 4;

// Exceptions of the formatter end here. Other values than numbers and texts have no format.
bool append_formatted(const Cell& value, const std::string& format, std::string& out) {
  const std::size_t before = out.size();
  try {
    const std::string pattern = "{:" + format + "}";
    if (value.tag == Tag::integer) {
      fmt::format_to(std::back_inserter(out), fmt::runtime(pattern), value.integer);
    } else if (value.tag == Tag::text) {
      fmt::format_to(std::back_inserter(out), fmt::runtime(pattern), value.text);
    } else {
      return false;
    }
    return true;
  } catch (const fmt::format_error&) {
    out.resize(before);
    return false;
  }
}

// Tried on one number and one text: what suits neither can never be used.
bool is_usable_format(const std::string& format) {
  std::string out;
  return format.size() <= kFormatSizeMax &&
         (append_formatted({.tag = Tag::integer, .integer = 1, .text = {}}, format, out) ||
          append_formatted({.tag = Tag::text, .text = "x"}, format, out));
}

}  // namespace

bool append_slot(const Cell& value, const std::string& format, std::string& out) {
  if (!format.empty()) return append_formatted(value, format, out);
  if (value.empty() || value.tag == Tag::json) return false;
  append_text(value, nullptr, out);
  return true;
}

std::optional<std::string> slot_format_problem(const Template& path) {
  for (const auto& piece : path.pieces) {
    const auto* slot = std::get_if<Template::Slot>(&piece);
    if (slot != nullptr && !slot->format.empty() && !is_usable_format(slot->format))
      return fmt::format("the format of a slot must be short and fit a number or a text, for example 02d: {}",
                         slot->format);
  }
  return std::nullopt;
}

std::string with_slots_as(std::string_view stand_in, const Template& path) {
  std::string text;
  for (const auto& piece : path.pieces) {
    const auto* literal = std::get_if<std::string>(&piece);
    text += literal != nullptr ? std::string_view(*literal) : stand_in;
  }
  return text;
}

int written_column(const Template& path, std::size_t offset) {
  const std::string_view written = path.written;
  std::size_t column = 0;
  for (const auto& piece : path.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      for (std::size_t i = 0; i < literal->size(); ++i, --offset) {
        if (offset == 0) return static_cast<int>(column) + 1;
        const char c = (*literal)[i];
        // A doubled brace stands for one.
        const bool doubled =
            (c == '{' || c == '}') && written.substr(std::min(column + 1, written.size())).starts_with(c);
        column += doubled ? 2 : 1;
      }
    } else {
      if (offset == 0) return static_cast<int>(column) + 1;
      --offset;
      column = std::min(written.find('}', column), written.size()) + 1;
    }
  }
  return static_cast<int>(std::min(column, written.size())) + 1;
}

}  // namespace batchout
