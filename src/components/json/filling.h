// Paths with values in their slots, as paths without slots.

#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/block.h"
#include "components/json/path_parts.h"
#include "data/projection.h"

namespace batchout::json {

/// Values are data, whatever characters they have: none of them can be read as part of the language.
class Filling final : public PathFiller {
 public:
  /// As Extractor::filler has it. `own` is the extractor that reads the path; levels of others tell nothing. Nothing is
  /// borrowed.
  Filling(const Template& path, Syntax syntax, std::span<const ProjectionLevel> levels = {},
          const Extractor* own = nullptr);

  /// False for values without text, for such as cannot stand where the slot does, and in jsonpath_rw for a member that
  /// is called `*`, which with and without quotes means all members.
  bool fill(std::span<const Cell> values, std::string& out) override;

 private:
  /// What digits in brackets of jsonpath_rw stand for: of an object the member of that name, else the position.
  enum class Meaning : std::uint8_t { unknown, member, position };

  struct Part {
    PathPart path;
    Meaning digits = Meaning::unknown;
    /// Where it begins in the path that is being written.
    std::size_t begin = 0;
  };

  Meaning meaning_of(const PathPart& part, std::span<const ProjectionLevel> levels, const Extractor* own) const;
  bool is_plain_name() const;
  bool append(const Part& part, std::span<const Cell> values, std::string& out);
  bool append_inside(const PathPart& part, std::span<const Cell> values, std::string& out);
  bool append_name(const PathPart& part, std::string& out) const;
  bool append_selector(const Part& part, std::span<const Cell> values, std::string& out) const;
  bool append_member_or_position(const Part& part, std::string& out) const;
  bool append_operand(const PathPart& part, std::span<const Cell> values, std::string& out);
  bool append_quoted(std::string& out) const;
  bool append_escaped(std::string_view text, char quote, std::string& out) const;

  Syntax syntax_;
  std::vector<Part> parts_;
  // Of the part at hand, with its values.
  std::string text_;
};

/// As Extractor::filled.
std::optional<Template> filled_in(const Template& path, std::span<const Cell> values, Syntax syntax);

}  // namespace batchout::json
