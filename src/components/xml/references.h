// References in texts and the normalisation of line ends and blanks, for the walk without a tree.

#pragma once

#include <string_view>

#include "batchout/block.h"

namespace batchout::xml {

/// Appends what `raw` means: references replaced, line ends as LF, and in attributes blanks as spaces. False, with
/// something appended, for anything but the five named entities and references to characters of XML. `out` must not
/// hold `raw`.
bool append_meaning(std::string_view raw, bool in_attribute, Buffer<char>& out);

/// Appends with line ends as LF, and nothing else changed.
void append_lines(std::string_view raw, Buffer<char>& out);

}  // namespace batchout::xml
