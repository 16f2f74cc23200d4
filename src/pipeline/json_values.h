// Values as JSON texts: what a configuration says in YAML, what a row holds, and whether the two are the same.

#pragma once

#include <string>
#include <string_view>

#include "batchout/node.h"

namespace batchout {

/// On one line. Numbers keep their digits as written where JSON can have them; those that are infinite are null.
std::string json_of(const Node& node);
std::string json_of(std::string_view text);

/// Whether two JSON texts mean the same: numbers by their value, whatever their form, exactly; members of objects in
/// any order. A text is never the same as a number.
bool same_json(std::string_view a, std::string_view b);

/// Whether a JSON text is the value that a field of a CSV file stands for: texts without their quotes, null as nothing.
bool same_field(std::string_view json, std::string_view field);

/// One text for all forms of a number; any other JSON text as it is.
std::string one_form_of(std::string_view json);

/// What the field of a CSV file has for a JSON text.
std::string field_of(std::string_view json);

}  // namespace batchout
