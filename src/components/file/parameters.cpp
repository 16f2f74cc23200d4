// Lexical only: what links on the disk lead to is for whoever made them.

#include "components/file/parameters.h"

#include <filesystem>
#include <system_error>

#include "base/braces.h"
#include "base/files.h"

namespace batchout::file {
namespace {

/// A value as a part of a mask that matches nothing but itself.
std::string literal(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '*' || c == '?' || c == '[')
      out += {'[', c, ']'};
    else
      out += c;
  }
  return out;
}

bool lies_within(const std::filesystem::path& path, const std::filesystem::path& root) {
  const std::filesystem::path below = path.lexically_normal().lexically_relative(root.lexically_normal());
  return !below.empty() && *below.begin() != "..";
}

}  // namespace

std::expected<std::string, std::string> filled_path(const std::string& path,
                                                    const std::map<std::string, std::string>& params,
                                                    std::string_view folder, const std::string& root) {
  bool with_values = false;
  std::string missing;
  const auto filled = fill_braces(path, [&](std::string_view name) -> std::optional<std::string> {
    const auto value = params.find(std::string(name));
    if (value == params.end()) {
      missing = name;
      return std::nullopt;
    }
    with_values = true;
    return literal(value->second);
  });
  if (!filled)
    return std::unexpected(missing.empty() ? "its braces do not come in pairs"
                                           : "there is no value for {" + missing + "}");
  if (filled->contains('\0')) return std::unexpected("a value contains a NUL character");
  if (!with_values) return *filled;
  const std::string before = path.substr(0, path.find('{'));
  const std::string bound = resolve_path(folder, root.empty() ? before.substr(0, before.rfind('/') + 1) : root);
  const std::filesystem::path here(bound.empty() ? "." : bound);
  std::error_code code;
  const auto absolute = [&code](const std::filesystem::path& relative) {
    return std::filesystem::absolute(relative, code);
  };
  if (!lies_within(absolute(resolve_path(folder, *filled)), absolute(here)) || code)
    return std::unexpected("a value leads out of the folder " + here.string());
  return *filled;
}

}  // namespace batchout::file
