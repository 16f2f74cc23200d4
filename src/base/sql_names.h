// Names in braces in SQL, and the values that stand there: always one value, whatever it holds.

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace batchout {

enum class SqlSyntax : std::uint8_t {
  postgres,  // Placeholders $1, $2, …
  sqlite     // Placeholders ?1, ?2, …
};

/// A statement, and what is bound to its placeholders, in their order.
struct BoundSql {
  std::string text;
  std::vector<std::string> values;
};

/// `sql` with each `{name}` and `'{name}'` replaced by a placeholder for the value that `value_of` gives, or null if
/// there is none. In a longer text ('%{name}%') and behind a type (date '{name}') the value is quoted in place.
/// Comments stay as they are; `{{name}}` is `{name}`, and braces around anything but a name stand for themselves.
/// Else what is wrong with a name. For PostgreSQL standard_conforming_strings has to be on.
std::expected<BoundSql, std::string> bind_names(std::string_view sql, SqlSyntax syntax,
                                                const std::function<const std::string*(std::string_view)>& value_of);

/// Without blanks and semicolons at the end, so that the statement can be part of another one. Semicolons in a comment
/// at the end stay, and so does the comment: a line end has to follow.
std::string_view without_end(std::string_view sql);

}  // namespace batchout
