// Finds the tokens of JSON text by simdjson's first stage: the offset of every bracket, comma, colon, opening quote and
// first byte of any other scalar. Blanks are all that can be between the end of a token and the next one.
//
// The first stage also refuses bad UTF-8, control characters in texts, and a text that is not closed; everything else
// is left to whoever walks the tokens.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace batchout::json {

enum class ScanFault : std::uint8_t { none, empty, bad_utf8, bad_text, too_large };

/// One run of text with its tokens. Behind the last token there is one more, at the end of the text.
struct Tokens {
  const char* base = nullptr;
  /// The next token: offset from `base`.
  const std::uint32_t* at = nullptr;

  char peek() const { return base[*at]; }
  const char* here() const { return base + *at; }
};

/// True if the whole text is UTF-8.
bool is_utf8(std::string_view text);

class Scanner {
 public:
  Scanner();
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;

  /// Finds the tokens of `text`, which must be followed by a readable line end. Valid until the next
  /// call.
  ScanFault scan(std::string_view text);
  Tokens tokens() const;
  std::size_t token_count() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::string_view text_;
};

}  // namespace batchout::json
