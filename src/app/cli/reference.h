// Declarations of components as text for people.

#pragma once

#include <string>

#include "batchout/spec.h"

namespace batchout::cli {

/// What may be the value, for example `size, 1 to 512 MiB` or the choices; names and choices between `mark`s.
std::string type_text(const FieldInfo& field, std::string_view mark);

/// The keys as a table of Markdown; keys of inner mappings have a table of their own behind it.
std::string markdown_table(const SpecInfo& info);

/// All about a type, for a terminal.
std::string page_text(const SpecInfo& info);

}  // namespace batchout::cli
