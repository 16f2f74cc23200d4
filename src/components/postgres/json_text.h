// Whether the server will take a text as JSON.

#pragma once

#include <string_view>

namespace batchout::postgres {

/// True for one JSON value with blanks around it, at most 1,000 levels deep. `jsonb` also cannot hold the character
/// U+0000 and halves of surrogate pairs; with `as_jsonb` they are refused.
bool valid_json(std::string_view text, bool as_jsonb);

}  // namespace batchout::postgres
