// Around records, tags are kept in memory until they end, so that what they say can be repeated around each record.
// Everything else is passed by, byte for byte; of what is outside of records as much is checked as needs no memory.

#include "components/file/xml_splitter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "components/file/bytes.h"
#include "components/file/text_start.h"

namespace batchout::file {
namespace {

// Names of encodings, by their beginnings, in which a byte of markup may be part of another character, or not be there.
constexpr std::string_view kUncuttable[] = {"UTF-16",  "UTF-32", "UTF-7",    "UCS-",      "ISO-10646",
                                            "UNICODE", "HZ",     "ISO-2022", "CSISO2022", "EBCDIC"};

constexpr std::string_view kTorn = "a tag around the records is not closed";
constexpr std::string_view kNoXml = "the markup around the records is no XML";
constexpr std::string_view kFrameTooLarge = "the tags around the records have more than 64 KiB";
static_assert(XmlFrame::kSizeMax == 64 * 1024);

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t\r\n<>&\"'/=[](){}@,;!?|+$#%^~`\\*") == std::string_view::npos &&
         !(name[0] >= '0' && name[0] <= '9') && name[0] != '-' && name[0] != '.' &&
         name.find("::") == std::string_view::npos;
}

std::string_view declared_encoding(std::string_view declaration) {
  const std::size_t found = declaration.find("encoding");
  if (found == std::string_view::npos) return {};
  const std::size_t open = declaration.find_first_of("\"'", found);
  if (open == std::string_view::npos) return {};
  return declaration.substr(open + 1, declaration.find(declaration[open], open + 1) - open - 1);
}

bool is_cuttable(std::string_view encoding) {
  return std::ranges::none_of(kUncuttable, [&](std::string_view name) {
    return encoding.size() >= name.size() && equal_ignoring_case(encoding.substr(0, name.size()), name);
  });
}

// Names come from files: of any length, and with any bytes.
std::string shown(std::string_view name) {
  constexpr std::size_t kShownMax = 60;
  std::string text(name.substr(0, kShownMax));
  std::ranges::replace_if(text, [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
  return text;
}

}  // namespace

std::optional<std::vector<std::string>> element_names(std::string_view path) {
  std::vector<std::string> names;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    if (name != "*" && !is_name(name)) return std::nullopt;
    names.emplace_back(name);
    path.remove_prefix(name.size());
  }
  if (names.empty() || !path.empty()) return std::nullopt;
  return names;
}

std::int64_t XmlSplitter::restart(std::int64_t position) {
  start_at(0);
  tokens_.restart(0);
  frame_.clear();
  content_.clear();
  from_ = position;
  frames_size_ = element_begin_ = 0;
  depth_ = 0;
  started_ = checks_ = skipping_ = is_record_ = any_token_ = root_seen_ = false;
  return 0;
}

// False if more bytes are needed, or fault() is set.
bool XmlSplitter::start(const Window& window) {
  const auto start = start_of_text(window, true);
  if (!start) return false;
  started_ = true;
  if (start->mark_size > 0) frame_.add_declaration(kByteOrderMark);
  begin_of_text_ = static_cast<std::int64_t>(start->mark_size);
  tokens_.restart(begin_of_text_);
  if (!start->fault.empty()) found_broken(0, std::string(start->fault));
  return start->fault.empty();
}

Splitter::Found XmlSplitter::find(const Window& window) {
  if (!started_ && !start(window)) return fault().empty() ? Found::nothing : Found::broken;
  while (true) {
    if (skipping_) {
      if (const Found found = pass_element(window); found != Found::nothing || skipping_) return found;
    }
    if (outside() && !tokens_.inside()) {
      const char* at = skip_blanks(window.at(tokens_.seen()), window.at(window.end()));
      tokens_.restart(window.position_of(at));
      if (tokens_.seen() < window.end() && *at != '<')
        return found_broken(tokens_.seen(), root_seen_ ? "something follows the end of the document"
                                                       : "the file is no XML: it does not begin with a tag");
    }
    if (!tokens_.inside()) checks_ = tokens_.seen() >= from_;
    const auto token = tokens_.next(window, checks_ ? &content_ : nullptr);
    if (!token) return missing(window);
    const Found found = take(*token, window);
    if (found != Found::nothing) return found;
    any_token_ = true;
    if (!skipping_ && frame_.too_large()) return found_broken(token->begin, std::string(kFrameTooLarge));
  }
}

// Counts tags until the element ends: then skipping_ is false, and the record found, if it is one that is wanted.
Splitter::Found XmlSplitter::pass_element(const Window& window) {
  const bool looks = !is_record_ && checks_;
  while (const auto token = tokens_.next(window, looks ? &content_ : nullptr)) {
    if (looks)
      if (const Found found = pass_in_element(*token); found != Found::nothing) return found;
    if (token->kind == Kind::start) ++depth_;
    if (token->kind != Kind::end || --depth_ > 0) continue;
    skipping_ = false;
    return is_record_ ? record_ended(token->end) : Found::nothing;
  }
  return missing(window);
}

// Of an element in which no record is. What it begins with may not be in memory any more, but its last byte is.
Splitter::Found XmlSplitter::pass_in_element(const XmlToken& token) {
  if (token.torn) return found_broken(token.end, std::string(kTorn));
  switch (token.kind) {
    case Kind::start:
      return content_.open() ? Found::nothing : found_broken(token.end - 1, std::string(content_.fault()));
    case Kind::end:
      return content_.close() ? Found::nothing : found_broken(token.end - 1, std::string(content_.fault()));
    case Kind::instruction:
      return take_instruction(token);
    case Kind::unknown:
    case Kind::doctype:
      return found_broken(token.end - 1, std::string(kNoXml));
    default:
      return Found::nothing;
  }
}

Splitter::Found XmlSplitter::take(const XmlToken& token, const Window& window) {
  switch (token.kind) {
    case Kind::start:
    case Kind::empty:
      return take_start(token, window);
    case Kind::end:
      return take_end(token, window);
    case Kind::instruction:
      return any_token_ ? take_instruction(token) : take_declaration(token, window);
    case Kind::doctype:
      return take_doctype(token, window);
    case Kind::comment:
      return Found::nothing;
    case Kind::cdata:
      if (!outside()) return Found::nothing;
      [[fallthrough]];
    case Kind::unknown:
      break;
  }
  return found_broken(token.begin, std::string(kNoXml));
}

Splitter::Found XmlSplitter::take_instruction(const XmlToken& token) {
  if (!checks_) return Found::nothing;
  const std::string_view name = content_.name();
  if (!name.empty() && !equal_ignoring_case(name, "xml")) return Found::nothing;
  return found_broken(token.end - 1, name.empty() ? "a processing instruction has no name"
                                                  : "an XML declaration stands behind the beginning of the document");
}

// An XML declaration is one only at the very beginning: blanks before it are a mistake.
Splitter::Found XmlSplitter::take_declaration(const XmlToken& token, const Window& window) {
  const std::string_view text = window.between(token.begin, token.end);
  if (token.begin != begin_of_text_ || !text.starts_with("<?xml") || !is_blank(text[5])) return take_instruction(token);
  const std::string_view encoding = declared_encoding(text);
  if (!is_cuttable(encoding))
    return found_broken(
        token.begin,
        fmt::format("the file is in an encoding that cannot be cut; convert it to UTF-8: {}", shown(encoding)));
  frame_.add_declaration(text);
  return Found::nothing;
}

// Only what it declares itself can matter to a record: nothing else is ever loaded.
Splitter::Found XmlSplitter::take_doctype(const XmlToken& token, const Window& window) {
  if (root_seen_) return found_broken(token.begin, "a document type stands behind the beginning of the root element");
  const std::string_view text = window.between(token.begin, token.end);
  content_.declare(text);
  if (text.contains('[')) frame_.add_declaration(text);
  return Found::nothing;
}

Splitter::Found XmlSplitter::take_start(const XmlToken& token, const Window& window) {
  const std::string_view tag = window.between(token.begin, token.end);
  const std::string_view name = name_in_tag(tag);
  const std::size_t depth = frame_.depth();
  if (depth == 0 && root_seen_) return found_broken(token.begin, "something follows the end of the document");
  root_seen_ = true;
  const bool on_path = names_[depth] == "*" || names_[depth] == name;
  if (depth == 0 && !on_path)
    return found_broken(token.begin, fmt::format("the root element is not the first one of split: {}", shown(name)));
  is_record_ = on_path && depth + 1 == names_.size();
  if (token.kind == Kind::empty && !is_record_) return Found::nothing;
  if (on_path && !is_record_) return open(token, tag);
  element_begin_ = token.begin;
  if (token.kind == Kind::empty) return record_ended(token.end);
  skipping_ = true;
  depth_ = 1;
  return is_record_ || !checks_ ? Found::nothing : pass_in_element(token);
}

Splitter::Found XmlSplitter::open(const XmlToken& token, std::string_view tag) {
  if (token.torn) return found_broken(token.begin, std::string(kTorn));
  const std::string_view fault = frame_.open(tag);
  return fault.empty() ? Found::nothing : found_broken(token.begin, std::string(fault));
}

Splitter::Found XmlSplitter::take_end(const XmlToken& token, const Window& window) {
  if (token.torn) return found_broken(token.begin, std::string(kTorn));
  const std::string_view name = name_in_tag(window.between(token.begin, token.end));
  if (frame_.depth() == 0)
    return found_broken(token.begin, fmt::format("nothing is open that could end: {}", shown(name)));
  if (name != frame_.name())
    return found_broken(token.begin, fmt::format("{} is open, but what ends is {}", shown(frame_.name()), shown(name)));
  frame_.close();
  return Found::nothing;
}

// A small record may stand between many tags; however hostile the file, the work stays in proportion to its size.
Splitter::Found XmlSplitter::record_ended(std::int64_t end) {
  frames_size_ += static_cast<std::int64_t>(before().size() + after().size());
  if (element_begin_ < from_) return Found::nothing;
  begin_ = element_begin_;
  seen_ = end;
  if (frames_size_ > kAmplificationFrom && frames_size_ > end * kAmplificationMax)
    return found_broken(
        begin_, fmt::format("the tags around the records make more than {} times of the document", kAmplificationMax));
  return found_payload(end, end);
}

// The record that is passed and has to stay in memory, or nothing.
bool XmlSplitter::keeps_record() const {
  return skipping_ && is_record_ && element_begin_ >= from_;
}

// Whether the token that has begun has to stay in memory until it ends.
bool XmlSplitter::keeps_token() const {
  if (skipping_ || !tokens_.inside()) return false;
  switch (tokens_.token().kind) {
    case Kind::comment:
      return false;
    case Kind::cdata:
      return outside();
    case Kind::instruction:
      return !any_token_;
    default:
      return true;
  }
}

// There is no whole token.
Splitter::Found XmlSplitter::missing(const Window& window) {
  if (!content_.fault().empty()) return found_broken(tokens_.seen(), std::string(content_.fault()));
  return window.last ? ended(window) : wait(window);
}

Splitter::Found XmlSplitter::wait(const Window& window) {
  seen_ = tokens_.seen();
  inside_ = keeps_record();
  begin_ = inside_ ? element_begin_ : keeps_token() ? tokens_.token().begin : seen_;
  if (inside_ || window.end() - begin_ <= static_cast<std::int64_t>(XmlFrame::kSizeMax)) return Found::nothing;
  return found_broken(begin_, std::string(kFrameTooLarge));
}

Splitter::Found XmlSplitter::ended(const Window& window) {
  begin_ = seen_ = window.end();
  if (keeps_record()) return found_broken(element_begin_, "the document ends inside of a record");
  if (keeps_token()) return found_broken(tokens_.token().begin, "the document ends inside of a tag");
  if (tokens_.inside()) return found_broken(begin_, "the document ends inside of a tag or comment");
  if (frame_.depth() > 0)
    return found_broken(begin_, fmt::format("the document ends, but an element is open: {}", shown(frame_.name())));
  if (!root_seen_ && any_token_) return found_broken(begin_, "the document has no root element");
  return Found::nothing;
}

}  // namespace batchout::file
