// Attributes are counted from every `<` on, as libxml2's parsers read a tag, but without believing the context: what
// looks like a tag in a comment or a script is counted too. HTML may have `<` inside of tags, so that scans overlap;
// their sum is bounded.

#include "components/xml/guard.h"

#include <algorithm>

#include <fmt/format.h>

namespace batchout::xml {
namespace {

// Bytes of ` a=""` without the blank, in XML.
constexpr std::size_t kAttributeSizeMin = 4;
// As in libxml2.
constexpr int kEntityDepthMax = 40;
// Bytes scanned for each byte of the text, before it is refused.
constexpr std::size_t kOverlapsMax = 16;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// A tag from behind its `<`. Reads what any of the parsers might take for attributes, so it counts rather too many than
// too few.
class Tag {
 public:
  explicit Tag(std::string_view text) : text_(text) {}

  // Counts attributes up to one more than allowed.
  std::size_t count() {
    skip_word();
    std::size_t found = 0;
    for (skip_blanks(); !ended() && found <= kAttributesMax; skip_blanks()) {
      ++found;
      attribute();
    }
    return found;
  }
  std::size_t size() const { return at_; }

 private:
  bool ended() const {
    return at_ >= text_.size() || text_[at_] == '>' ||
           (text_[at_] == '/' && at_ + 1 < text_.size() && text_[at_ + 1] == '>');
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_word() {
    while (!ended() && !is_blank(text_[at_]) && text_[at_] != '=') ++at_;
  }
  // Takes one byte at least, so that counting ends.
  void attribute() {
    const std::size_t start = at_;
    skip_word();
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '=') {
      ++at_;
      skip_blanks();
      value();
    }
    if (at_ == start) ++at_;
  }
  void value() {
    if (ended()) return;
    const char quote = text_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t close = text_.find(quote, at_ + 1);
      at_ = close == std::string_view::npos ? text_.size() : close + 1;
    } else {
      while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '>') ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Fault too_many_attributes(std::string_view text, std::size_t at) {
  return {kTooManyAttributes,
          fmt::format("an element has more than {} attributes, {}", kAttributesMax, place_in(text, at))};
}

bool begins_tag(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] != '!' && text[at] != '?' && text[at] != '/' && !is_blank(text[at]);
}

// Adds without overflow: both are at most a little beyond `most`.
void add(std::size_t& sum, std::size_t more, std::size_t most) {
  sum = std::min(sum + more, most + 1);
}

}  // namespace

std::optional<Fault> check_attributes(std::string_view text, Form form) {
  std::size_t effort = 0;
  for (std::size_t at = text.find('<'); at != std::string_view::npos;) {
    const std::size_t next = text.find('<', at + 1);
    const std::size_t end = form == Form::xml && next != std::string_view::npos ? next : text.size();
    // In XML no tag reaches beyond the next `<`, and few have room for so many.
    if (begins_tag(text, at + 1) && (form == Form::html || end - at > kAttributesMax * kAttributeSizeMin)) {
      Tag tag(text.substr(at + 1, end - at - 1));
      if (tag.count() > kAttributesMax) return too_many_attributes(text, at);
      effort += tag.size();
      if (effort > text.size() * kOverlapsMax) return too_many_attributes(text, at);
    }
    at = next;
  }
  return std::nullopt;
}

std::size_t Declared::added_to(std::string_view document, std::size_t most) {
  most_ = most;
  return added_by(document, 0);
}

// Each entity is computed once, however often it is referred to.
std::size_t Declared::size_of(std::string_view name, int depth) {
  const auto found = entities_.find(name);
  if (found == entities_.end()) return 0;
  Entity& entity = found->second;
  // An entity that contains itself is endless.
  if (entity.state == State::open || depth > kEntityDepthMax) return most_ + 1;
  if (entity.state == State::unknown) {
    entity.state = State::open;
    entity.size = std::min(entity.content.size(), most_);
    add(entity.size, added_by(entity.content, depth + 1), most_);
    entity.state = State::known;
  }
  return entity.size;
}

// References in comments count as well: too many is the safe side.
std::size_t Declared::added_by(std::string_view text, int depth) {
  std::size_t added = 0;
  for (std::size_t at = text.find_first_of("<&"); at != std::string_view::npos && added <= most_;
       at = text.find_first_of("<&", at + 1)) {
    if (text[at] == '&') {
      const std::string_view rest = text.substr(at + 1);
      add(added, size_of(rest.substr(0, rest.find(';')), depth), most_);
    } else if (!defaults_.empty()) {
      const std::string_view rest = text.substr(at + 1);
      const auto found = defaults_.find(rest.substr(0, rest.find_first_of(" \t\r\n/>")));
      if (found != defaults_.end()) add(added, found->second, most_);
    }
  }
  return added;
}

}  // namespace batchout::xml
