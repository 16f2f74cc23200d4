// What stores and inputs can do for people who look at kept positions, and change them by hand.

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"

namespace batchout {

/// What is kept of one unit.
struct KeptPosition {
  std::string source, unit;
  /// None: the unit has been claimed, or its position forgotten.
  std::optional<std::int64_t> number;
  /// As Position::token.
  std::string token;
  std::int64_t epoch = 0;
  /// Who has claimed the unit, and when it was last changed (UTC, as 2026-11-27T06:20:00Z). Empty: not kept.
  std::string owner, changed_at;
};

struct PositionChange {
  std::string source, unit;
  /// None: the position is forgotten.
  std::optional<std::int64_t> number;
  std::string token;
};

/// A store whose positions can be looked at and changed, those of its pipeline alone.
class PositionBook {
 public:
  virtual ~PositionBook() = default;

  /// In the order of source and unit. Claims nothing, and makes nothing that is not there.
  virtual Result<std::vector<KeptPosition>> kept() = 0;

  /// All of them, or none if it fails. Raises the epoch of each unit in the same transaction: whoever has claimed it
  /// before moves nothing any more. The verdict `fenced` says that another process is in the way, and holds on.
  virtual Result<> change(std::span<const PositionChange> changes) = 0;
};

/// An input whose units have names that people can write. Nothing here connects.
class NamedUnits {
 public:
  virtual ~NamedUnits() = default;

  /// The unit of this input that `text` means; none if it cannot have such a one. Its id has no meaning.
  virtual std::optional<Unit> unit_named(std::string_view text) const = 0;

  /// True if units of this source are read, whether or not there are any now.
  virtual bool reads_source(std::string_view source) const = 0;

  /// The token to be kept beside `number`, from 0. `given` by people, who mostly give none; `kept` beside the position
  /// before. Else a sentence that says why reading cannot begin there.
  virtual std::expected<std::string, std::string> token_at(const Unit& unit, std::int64_t number,
                                                           const std::optional<std::string>& given,
                                                           const std::string& kept) const = 0;

  /// Where a unit begins of which nothing is kept, for people: "at the start of the file".
  virtual std::string first_start() const = 0;
};

}  // namespace batchout
