// The markup of an XML document, piece by piece, as far as it has to be known to find where elements begin and end.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "components/file/splitter.h"
#include "components/file/xml_content.h"

namespace batchout::file {

struct XmlToken {
  enum class Kind : std::uint8_t {
    /// A start tag.
    start,
    /// The tag of an empty element.
    empty,
    /// An end tag.
    end,
    instruction,
    comment,
    cdata,
    doctype,
    /// A `<` that begins nothing of these; the token is this one byte.
    unknown,
  };

  Kind kind = Kind::unknown;
  /// A tag that another one begins in; it ends before that.
  bool torn = false;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Looks forward only, and may stop between any two bytes.
class XmlTokens {
 public:
  void restart(std::int64_t position);

  /// The next token that ends within the window; nothing if more bytes are needed. With `content`, texts, names and
  /// comments are looked at: if it has a fault after, that is at seen(). A token is taken with it or without it.
  std::optional<XmlToken> next(const Window& window, XmlContent* content = nullptr);

  /// True if a token has begun and not ended.
  bool inside() const { return mode_ != Mode::text; }
  const XmlToken& token() const { return token_; }
  /// What is before is not needed to go on.
  std::int64_t seen() const { return seen_; }

 private:
  enum class Mode : std::uint8_t {
    text,
    opening,
    name,
    end_tag,
    tag,
    comment,
    cdata,
    instruction,
    doctype,
    doctype_opening,
  };
  using Kind = XmlToken::Kind;

  bool find_opening(const Window& window);
  bool open(const Window& window);
  bool begin(Mode mode, Kind kind, std::int64_t skipped);
  bool pass_text(std::string_view text, bool ends);
  bool pass_name(const Window& window);
  bool pass_end_tag(const Window& window);
  bool pass_tag(const Window& window);
  bool pass_comment(const Window& window);
  bool pass_until(const Window& window, std::string_view terminator);
  bool pass_doctype(const Window& window);
  bool open_in_doctype(const Window& window);
  bool end_at(std::int64_t end);

  Mode mode_ = Mode::text;
  XmlToken token_;
  /// Of the call at hand; null: not wanted.
  XmlContent* content_ = nullptr;
  std::int64_t seen_ = 0;
  /// Of the literal that seen_ is in.
  char quote_ = 0;
  /// The byte before seen_, in a tag.
  char previous_ = 0;
  /// Comments and instructions belong to a document type.
  bool in_doctype_ = false;
  /// Between its square brackets.
  bool in_subset_ = false;
  /// token_ has ended.
  bool complete_ = false;
};

}  // namespace batchout::file
