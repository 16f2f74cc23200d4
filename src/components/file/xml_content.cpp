// Faults are found at the byte that makes them certain, so that they have the same place however the stream is cut.

#include "components/file/xml_content.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>

#include "components/file/bytes.h"

namespace batchout::file {
namespace {

constexpr std::string_view kPredefined[] = {"amp", "lt", "gt", "quot", "apos"};
constexpr std::string_view kNoReference = "an ampersand between the records begins no reference";

// A character that XML may have, by number.
bool is_character(std::string_view digits, int base) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  if (value < 0x20) return value == 0x9 || value == 0xA || value == 0xD;
  return value < 0xD800 || (value > 0xDFFF && value < 0xFFFE) || (value > 0xFFFF && value <= 0x10FFFF);
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_:.-").contains(c) || static_cast<unsigned char>(c) >= 0x80;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_name_byte) && !(text[0] >= '0' && text[0] <= '9') &&
         text[0] != '-' && text[0] != '.';
}

}  // namespace

// Comments that look like declarations only make more entities good.
void XmlContent::declare(std::string_view type) {
  constexpr std::string_view kEntity = "<!ENTITY";
  const std::string_view head = type.substr(0, type.find('['));
  any_entity_ = head.contains("SYSTEM") || head.contains("PUBLIC");
  for (std::size_t at = type.find(kEntity); at != std::string_view::npos; at = type.find(kEntity, at + 1)) {
    const char* const end = type.data() + type.size();
    const char* const name = skip_blanks(type.data() + at + kEntity.size(), end);
    if (name < end && *name == '%') any_entity_ = true;
    entities_.emplace(name, std::find_if_not(name, end, is_name_byte));
  }
}

std::size_t XmlContent::take_text(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (!(in_reference_ ? take_in_reference(bytes[i]) : take_byte(bytes[i]))) return i;
  return bytes.size();
}

bool XmlContent::take_byte(char c) {
  if (static_cast<unsigned char>(c) < 0x20 && !is_blank(c))
    return refuse("a control character stands between the records");
  if (c == '>' && brackets_ == 2) return refuse("]]> stands between the records, where no CDATA is open");
  brackets_ = c == ']' ? std::min(brackets_ + 1, 2) : 0;
  if (c == '&') {
    in_reference_ = true;
    reference_.clear();
  }
  return true;
}

bool XmlContent::take_in_reference(char c) {
  if (c == ';') {
    in_reference_ = false;
    return is_declared() || refuse("a reference between the records is to nothing that is declared");
  }
  if (reference_.size() == kNameMax || !(is_name_byte(c) || (c == '#' && reference_.empty())))
    return refuse(kNoReference);
  reference_ += c;
  return true;
}

bool XmlContent::is_declared() const {
  const std::string_view name = reference_;
  if (name.starts_with("#x")) return is_character(name.substr(2), 16);
  if (name.starts_with('#')) return is_character(name.substr(1), 10);
  if (!is_name(name)) return false;
  return any_entity_ || entities_.contains(name) || std::ranges::find(kPredefined, name) != std::end(kPredefined);
}

bool XmlContent::end_text() {
  brackets_ = 0;
  return !in_reference_ || refuse(kNoReference);
}

bool XmlContent::open() {
  if (open_.size() == kDepthMax) return refuse("elements between the records are nested too deeply");
  open_.push_back(open_names_.size());
  open_names_ += name_;
  return true;
}

bool XmlContent::close() {
  if (open_.empty() || std::string_view(open_names_).substr(open_.back()) != name_)
    return refuse("an element between the records is closed by the end tag of another one");
  open_names_.resize(open_.back());
  open_.pop_back();
  return true;
}

}  // namespace batchout::file
