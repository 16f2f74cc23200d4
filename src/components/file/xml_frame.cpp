// Start tags are kept as they are written, so that attributes and namespaces hold; end tags are made from their names.

#include "components/file/xml_frame.h"

#include <algorithm>

namespace batchout::file {
namespace {

std::size_t literals_in(std::string_view tag) {
  std::size_t count = 0;
  for (std::size_t at = tag.find_first_of("\"'"); at != std::string_view::npos; at = tag.find_first_of("\"'", at + 1)) {
    at = tag.find(tag[at], at + 1);
    ++count;
    if (at == std::string_view::npos) break;
  }
  return count;
}

}  // namespace

std::string_view name_in_tag(std::string_view tag) {
  tag.remove_prefix(tag.starts_with("</") ? 2 : 1);
  return tag.substr(0, tag.find_first_of(" \t\r\n/>"));
}

void XmlFrame::clear() {
  before_.clear();
  after_.clear();
  elements_.clear();
}

void XmlFrame::add_declaration(std::string_view text) {
  before_ += text;
}

std::string_view XmlFrame::open(std::string_view tag) {
  if (literals_in(tag) > kAttributesMax) return "an element around the records has more than 256 attributes";
  const std::string_view name = name_in_tag(tag);
  elements_.push_back({std::string(name), before_.size()});
  before_ += tag;
  after_.insert(0, "</" + elements_.back().name + ">");
  return {};
}

void XmlFrame::close() {
  before_.resize(elements_.back().offset);
  after_.erase(0, elements_.back().name.size() + 3);
  elements_.pop_back();
}

}  // namespace batchout::file
