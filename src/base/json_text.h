// Whether a text is JSON, and what a JSON string says: for texts that come from elsewhere than a JSON payload.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace batchout {

// Which `\u` escapes a JSON text may have. All are valid by the grammar, but not every one means a character.
enum class JsonEscapes : std::uint8_t {
  any,      // Halves of surrogate pairs, too.
  paired,   // Surrogates stand in pairs only.
  storable  // As `paired`, and no U+0000: what PostgreSQL's jsonb holds.
};

// True for one JSON value with blanks around it, nested at most `depth_max` deep. The text is taken to be UTF-8. The
// bound keeps hostile text from exhausting the stack.
bool is_json(std::string_view text, JsonEscapes escapes, int depth_max);

// Appends what a string of a good JSON text means; `quoted` has its quotes, and its surrogates are paired.
void append_unescaped(std::string_view quoted, std::string& out);

}  // namespace batchout
