// Each `pass` and `open` goes on at seen_ in its mode, and returns false if it needs more bytes. A tag ends at its `>`
// outside of quotes, or before the next `<`, which no tag may contain: so a quote that is not closed spoils one tag
// only.

#include "components/file/xml_tokens.h"

#include <algorithm>
#include <string_view>

#include "components/file/bytes.h"

namespace batchout::file {
namespace {

// All but the characters of ASCII that cannot begin a name.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}

enum class Match : std::uint8_t { no, yes, open };

// Whether `bytes` begin with `text`; open if they are too few to know.
Match match(std::string_view bytes, std::string_view text) {
  if (bytes.starts_with(text)) return Match::yes;
  return text.starts_with(bytes) ? Match::open : Match::no;
}

}  // namespace

void XmlTokens::restart(std::int64_t position) {
  *this = {};
  seen_ = position;
}

std::optional<XmlToken> XmlTokens::next(const Window& window, XmlContent* content) {
  content_ = content;
  bool goes_on = true;
  while (goes_on && !complete_) {
    switch (mode_) {
      case Mode::text:
        goes_on = find_opening(window);
        break;
      case Mode::opening:
        goes_on = open(window);
        break;
      case Mode::name:
        goes_on = pass_name(window);
        break;
      case Mode::end_tag:
        goes_on = pass_end_tag(window);
        break;
      case Mode::tag:
        goes_on = pass_tag(window);
        break;
      case Mode::comment:
        goes_on = content_ != nullptr && !in_doctype_ ? pass_comment(window) : pass_until(window, "-->");
        break;
      case Mode::cdata:
        goes_on = pass_until(window, "]]>");
        break;
      case Mode::instruction:
        goes_on = pass_until(window, "?>");
        break;
      case Mode::doctype:
        goes_on = pass_doctype(window);
        break;
      case Mode::doctype_opening:
        goes_on = open_in_doctype(window);
        break;
    }
  }
  if (!complete_) return std::nullopt;
  complete_ = false;
  return token_;
}

bool XmlTokens::find_opening(const Window& window) {
  const char* const end = window.at(window.end());
  const char* const at = find_any(window.at(seen_), end, '<');
  if (content_ != nullptr && !pass_text({window.at(seen_), at}, at < end)) return false;
  seen_ = window.position_of(at);
  if (at == end) return false;
  token_ = {Kind::unknown, false, seen_, seen_};
  mode_ = Mode::opening;
  return true;
}

// False at the byte with which the text is wrong.
bool XmlTokens::pass_text(std::string_view text, bool ends) {
  const std::size_t good = content_->take_text(text);
  seen_ += static_cast<std::int64_t>(good);
  return good == text.size() && (!ends || content_->end_text());
}

// At `<`. Without more bytes at the end of the stream it stays open, which is as it should be.
bool XmlTokens::open(const Window& window) {
  const std::string_view bytes = window.between(seen_, window.end());
  if (bytes.size() < 2) return false;
  const bool named = content_ != nullptr;
  if (begins_name(bytes[1])) return begin(named ? Mode::name : Mode::tag, Kind::start, 1);
  if (bytes[1] == '/') return begin(named ? Mode::name : Mode::tag, Kind::end, 2);
  if (bytes[1] == '?') return begin(named ? Mode::name : Mode::instruction, Kind::instruction, 2);
  struct Form {
    std::string_view text;
    Mode mode;
    Kind kind;
  };
  for (const Form& form : {Form{"<!--", Mode::comment, Kind::comment}, Form{"<![CDATA[", Mode::cdata, Kind::cdata},
                           Form{"<!DOCTYPE", Mode::doctype, Kind::doctype}}) {
    const Match found = match(bytes, form.text);
    if (found == Match::open) return false;
    if (found == Match::yes) return begin(form.mode, form.kind, static_cast<std::int64_t>(form.text.size()));
  }
  return end_at(seen_ + 1);
}

bool XmlTokens::begin(Mode mode, Kind kind, std::int64_t skipped) {
  mode_ = mode;
  token_.kind = kind;
  seen_ += skipped;
  quote_ = previous_ = 0;
  in_doctype_ = kind == Kind::doctype;
  in_subset_ = false;
  if (mode == Mode::name) content_->start_name();
  return true;
}

bool XmlTokens::pass_name(const Window& window) {
  const std::string_view bytes = window.between(seen_, window.end());
  const std::size_t size = bytes.find_first_of(" \t\r\n/>?<=\"'");
  content_->add_to_name(bytes.substr(0, size));
  seen_ += static_cast<std::int64_t>(std::min(size, bytes.size()));
  if (size == std::string_view::npos) return false;
  mode_ = token_.kind == Kind::instruction ? Mode::instruction : token_.kind == Kind::end ? Mode::end_tag : Mode::tag;
  return true;
}

// Behind the name. A tag that another one begins in is torn.
bool XmlTokens::pass_end_tag(const Window& window) {
  seen_ = window.position_of(skip_blanks(window.at(seen_), window.at(window.end())));
  if (seen_ == window.end()) return false;
  const char c = *window.at(seen_);
  if (c == '>') return end_at(seen_ + 1);
  if (c != '<') return content_->refuse("an end tag around the records has more than a name");
  token_.torn = true;
  return end_at(seen_);
}

bool XmlTokens::pass_tag(const Window& window) {
  const char* at = window.at(seen_);
  const char* const start = at;
  const char* const end = window.at(window.end());
  while (true) {
    at = quote_ != 0 ? find_any(at, end, quote_, '<') : find_any(at, end, '>', '"', '\'', '<');
    if (at == end) break;
    const char mark = *at;
    if (mark == '<') {
      token_.torn = true;
      return end_at(window.position_of(at));
    }
    if (mark == '>' && quote_ == 0) {
      const char before = at > start ? at[-1] : previous_;
      if (before == '/' && token_.kind == Kind::start) token_.kind = Kind::empty;
      return end_at(window.position_of(at) + 1);
    }
    quote_ = quote_ == 0 ? mark : '\0';
    ++at;
  }
  if (end > start) previous_ = end[-1];
  seen_ = window.end();
  return false;
}

// Two hyphens end a comment, with the bracket behind them.
bool XmlTokens::pass_comment(const Window& window) {
  const std::string_view bytes = window.between(seen_, window.end());
  const std::size_t found = bytes.find("--");
  if (found == std::string_view::npos || found + 2 == bytes.size()) {
    seen_ = std::max(seen_, window.end() - 2);
    return false;
  }
  seen_ += static_cast<std::int64_t>(found);
  if (bytes[found + 2] != '>') return content_->refuse("a comment between the records has two hyphens inside");
  return end_at(seen_ + 3);
}

// Behind the next terminator. As many bytes as may begin one stay unseen.
bool XmlTokens::pass_until(const Window& window, std::string_view terminator) {
  const auto size = static_cast<std::int64_t>(terminator.size());
  const std::size_t found = window.between(seen_, window.end()).find(terminator);
  if (found == std::string_view::npos) {
    seen_ = std::max(seen_, window.end() - size + 1);
    return false;
  }
  seen_ += static_cast<std::int64_t>(found) + size;
  if (!in_doctype_) return end_at(seen_);
  mode_ = Mode::doctype;
  return true;
}

bool XmlTokens::pass_doctype(const Window& window) {
  for (; seen_ < window.end(); ++seen_) {
    const char c = *window.at(seen_);
    if (quote_ != 0) {
      if (c == quote_) quote_ = 0;
    } else if (c == '"' || c == '\'') {
      quote_ = c;
    } else if (c == '[' || c == ']') {
      in_subset_ = c == '[';
    } else if (c == '>' && !in_subset_) {
      in_doctype_ = false;
      return end_at(seen_ + 1);
    } else if (c == '<') {
      mode_ = Mode::doctype_opening;
      return true;
    }
  }
  return false;
}

// At `<` in a document type: comments and instructions may contain quotes and brackets, declarations only in quotes.
bool XmlTokens::open_in_doctype(const Window& window) {
  const std::string_view bytes = window.between(seen_, window.end());
  const Match comment = match(bytes, "<!--");
  const Match instruction = match(bytes, "<?");
  if (comment == Match::open || instruction == Match::open) return false;
  mode_ = comment == Match::yes ? Mode::comment : instruction == Match::yes ? Mode::instruction : Mode::doctype;
  seen_ += comment == Match::yes ? 4 : instruction == Match::yes ? 2 : 1;
  return true;
}

bool XmlTokens::end_at(std::int64_t end) {
  token_.end = seen_ = end;
  mode_ = Mode::text;
  complete_ = true;
  return true;
}

}  // namespace batchout::file
