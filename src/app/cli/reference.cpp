// One place for the words in which types, bounds and defaults are told.

#include "app/cli/reference.h"

#include <algorithm>
#include <limits>
#include <vector>

#include <fmt/format.h>

namespace batchout::cli {
namespace {

std::string size_text(double bytes) {
  static constexpr std::string_view kUnits[] = {"", " KiB", " MiB", " GiB", " TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && bytes == static_cast<double>(static_cast<std::uint64_t>(bytes) / 1024 * 1024) && unit < 4) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

// Of a bound, in the unit that the field has.
std::string bound_text(double bound, const FieldInfo& field) {
  if (field.type.ends_with("size")) return size_text(bound);
  if (field.type.ends_with("time")) return fmt::format("{} s", bound);
  return fmt::format("{}", bound);
}

// A bound at the edge of 64 bits says nothing.
std::string range_text(const FieldInfo& field) {
  const bool has_max = field.max && *field.max < static_cast<double>(std::numeric_limits<std::int64_t>::max());
  if (field.min && has_max)
    return fmt::format(", {} to {}", bound_text(*field.min, field), bound_text(*field.max, field));
  if (field.min) return fmt::format(", at least {}", bound_text(*field.min, field));
  return has_max ? fmt::format(", at most {}", bound_text(*field.max, field)) : "";
}

// A bar would end the cell of a table, a star begin emphasis.
std::string in_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("|*", at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string doc_of(const FieldInfo& field) {
  std::string doc = field.doc;
  for (const std::string& alias : field.aliases) doc += fmt::format(" Also `{}`.", alias);
  return doc;
}

std::string default_cell(const FieldInfo& field) {
  if (field.required) return "*required*";
  return field.default_text.empty() ? "" : fmt::format("`{}`", field.default_text);
}

void append_table(const SpecInfo& info, std::string_view under, std::string& out) {
  if (!under.empty()) out += fmt::format("\nKeys of `{}`:\n\n", under);
  out += "| key | type | default | |\n|---|---|---|---|\n";
  for (const FieldInfo& field : info.fields)
    out += fmt::format("| `{}` | {} |{}{} | {} |\n", field.key, in_cell(type_text(field, "`")),
                       default_cell(field).empty() ? "" : " ", default_cell(field), in_cell(doc_of(field)));
  for (const FieldInfo& field : info.fields)
    if (field.inside != nullptr)
      append_table(*field.inside, under.empty() ? field.key : fmt::format("{}.{}", under, field.key), out);
}

void append_keys(const SpecInfo& info, std::size_t indent, std::string& out) {
  for (const FieldInfo& field : info.fields) {
    std::string facts = type_text(field, "");
    if (field.required) facts += ", required";
    if (!field.default_text.empty()) facts += ", default " + field.default_text;
    out += fmt::format("{:{}}{}: {}\n{:{}}{}\n", "", indent, field.key, facts, "", indent + 4, doc_of(field));
    if (field.inside != nullptr) append_keys(*field.inside, indent + 4, out);
  }
}

}  // namespace

std::string type_text(const FieldInfo& field, std::string_view mark) {
  if (field.choices.empty()) return field.type + range_text(field);
  std::string text;
  for (const std::string& choice : field.choices)
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", mark, choice, mark);
  if (field.inside != nullptr) text += " or mapping";
  if (field.type.starts_with("list of ")) text = "list of " + text;
  return text;
}

std::string markdown_table(const SpecInfo& info) {
  std::string out;
  append_table(info, "", out);
  return out;
}

std::string page_text(const SpecInfo& info) {
  std::string out = fmt::format("{} {}", info.role, info.type);
  for (const std::string& alias : info.aliases) out += ", " + alias;
  out += fmt::format("\n  {}\n", info.doc);
  if (!info.fields.empty()) out += '\n';
  append_keys(info, 2, out);
  return out;
}

}  // namespace batchout::cli
