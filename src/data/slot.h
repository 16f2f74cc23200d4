// Slots of paths: how the value of an index is written where one stands, and how paths with slots are checked.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "batchout/block.h"
#include "data/projection.h"

namespace batchout {

/// Appends an index's value as it stands in a path: as text, or under a format such as "02d". False, with `out`
/// unchanged, if there is no value, if it is an object or a list, or if the format does not fit it.
bool append_slot(const Cell& value, const std::string& format, std::string& out);

/// What is wrong with the formats in a path's slots, as a sentence; none if each fits numbers or texts. Formats are
/// kept short, which bounds the text that they can make.
std::optional<std::string> slot_format_problem(const Template& path);

/// The text of a path in which something else stands for each slot.
std::string with_slots_as(std::string_view stand_in, const Template& path);

/// The column in `path.written`, from 1 and in bytes, of an offset in its text where every slot is one character.
int written_column(const Template& path, std::size_t offset);

}  // namespace batchout
