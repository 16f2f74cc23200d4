// The parsers are kept, because making one costs more than a small payload; they are made anew when the names that
// they remember become many.

#include "components/xml/tree.h"

#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/dict.h>

#include <fmt/format.h>

#include <limits>

#include "components/xml/declarations.h"
#include "components/xml/fence.h"
#include "components/xml/guard.h"

namespace batchout::xml {
namespace {

// A parser's dictionary only grows: names of hostile documents would stay for the life of the program.
constexpr int kRememberedNamesMax = 100'000;
// Bytes of a message of libxml2.
constexpr std::size_t kMessageMax = 200;

// No network, entities replaced, sections as text; the encoding is UTF-8 whatever the declaration says.
constexpr int kXmlOptions = XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOCDATA | XML_PARSE_COMPACT |
                            XML_PARSE_IGNORE_ENC | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
constexpr int kHtmlOptions =
    HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_COMPACT | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING;

const char* chars(const xmlChar* text) {
  return reinterpret_cast<const char*>(text);
}

// What a document type has declared twice or against each other, and addresses that nobody follows, make a document
// invalid, not malformed. libxml2 tells them although it does not validate, some of them even without its option to.
bool is_only_invalid(const xmlError& error) {
  if (error.level == XML_ERR_FATAL) return false;
  return error.domain == XML_FROM_DTD || error.domain == XML_FROM_VALID || error.code == XML_ERR_INVALID_URI;
}

}  // namespace

// The first error that counts says what is wrong, and nothing is read behind it. Within an entity the parser is one of
// its own, and the one around it fails after it.
void Tree::on_error(void* parser, xmlError* error) {
  if (error->level < XML_ERR_ERROR || is_only_invalid(*error)) return;
  auto& context = *static_cast<xmlParserCtxt*>(parser);
  Tree& self = *static_cast<Tree*>(context._private);
  if (self.form_ == Form::xml) halt(context);
  if (self.code_ != 0) return;
  self.code_ = error->code;
  self.line_ = error->line;
  self.column_ = error->int2;
  self.message_.assign(error->message != nullptr ? error->message : "");
  if (const auto end = self.message_.find('\n'); end != std::string::npos) self.message_.resize(end);
  if (self.message_.size() > kMessageMax) self.message_.resize(kMessageMax);
}

void Tree::make_parser() {
  if (parser_ && xmlDictSize(parser_->dict) < kRememberedNamesMax) return;
  parser_.reset(form_ == Form::html ? htmlNewParserCtxt() : xmlNewParserCtxt());
  if (!parser_) return;
  parser_->_private = this;
  if (form_ == Form::html) return;
  parser_->sax->serror = [](void* parser, xmlError* error) { on_error(parser, error); };
  stay_inside(*parser_->sax);
}

// Null if there is nothing to own; an XML document with errors is null as well, since recovery is off.
xmlDoc* Tree::read(std::string_view text) {
  make_parser();
  if (!parser_) return nullptr;
  const int size = static_cast<int>(text.size());
  if (form_ == Form::html) {
    xmlDoc* const read = htmlCtxtReadMemory(parser_.get(), text.data(), size, nullptr, "UTF-8", kHtmlOptions);
    // HTML forgives everything but what would exhaust us; after that error nothing more is read.
    if (parser_->lastError.code == XML_ERR_INTERNAL_ERROR) on_error(parser_.get(), &parser_->lastError);
    return read;
  }
  return xmlCtxtReadMemory(parser_.get(), text.data(), size, nullptr, nullptr, kXmlOptions);
}

// What makes libxml2 slow or large is looked for before it sees the text. Its sizes are ints.
std::optional<Fault> Tree::parse(std::string_view text) {
  const Quiet quiet;
  document_.reset();
  if (form_ == Form::xml ? text.find_first_not_of(" \t\r\n") == std::string_view::npos : text.empty())
    return Fault{kEmpty, "the payload is empty"};
  if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) / 2)
    return Fault{kTooLarge, "the payload is too large for the extractor"};
  if (form_ == Form::xml && text.contains('\0'))
    return Fault{kMalformed, fmt::format("the payload is not well-formed: a NUL, {}", place_in(text, text.find('\0')))};
  if (auto found = check_attributes(text, form_)) return found;
  if (form_ == Form::xml && text.contains("<!DOCTYPE"))
    if (auto found = check_declarations(text)) return found;
  code_ = 0;
  message_.clear();
  document_.reset(read(text));
  if (code_ == 0 && document_ && xmlDocGetRootElement(document_.get()) != nullptr) return std::nullopt;
  document_.reset();
  return fault();
}

// libxml2 has no code of its own for the depth, only a message.
Fault Tree::fault() const {
  if (message_.starts_with("Excessive depth"))
    return {kTooDeep, "the document is nested more than 256 deep below its root"};
  const std::string place = fmt::format("at line {}, column {}", line_, column_);
  switch (code_) {
    case XML_ERR_UNDECLARED_ENTITY:
    case XML_WAR_UNDECLARED_ENTITY:
      return {kEntities, fmt::format("the document refers to an entity that it does not declare itself, {}", place)};
    case XML_ERR_ENTITY_LOOP:
      return {kEntities, fmt::format("an entity contains itself or too much, {}", place)};
    case 0:
      return {kMalformed, form_ == Form::html ? "the payload has no element" : "the payload is not well-formed XML"};
    default:
      return {kMalformed, fmt::format("the payload is not well-formed: {}, {}", message_, place)};
  }
}

// Recursive; the parser has bounded the depth, 256 below the root. Entities are replaced, so no reference nodes are
// left.
void append_text_of(const xmlNode* node, std::string& out) {
  switch (node->type) {
    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
    case XML_COMMENT_NODE:
    case XML_PI_NODE:
      if (node->content != nullptr) out += chars(node->content);
      return;
    case XML_NAMESPACE_DECL:
      if (const auto* space = reinterpret_cast<const xmlNs*>(node); space->href != nullptr) out += chars(space->href);
      return;
    default:
      break;
  }
  for (const xmlNode* child = node->children; child != nullptr; child = child->next)
    if (child->type != XML_COMMENT_NODE && child->type != XML_PI_NODE && child->type != XML_DTD_NODE)
      append_text_of(child, out);
}

// Saves the copy for nearly all values. Borrowed until the document is replaced.
const char* sole_text(const xmlNode* node) {
  if (node->type == XML_ELEMENT_NODE || node->type == XML_ATTRIBUTE_NODE) {
    node = node->children;
    if (node == nullptr) return "";
    if (node->next != nullptr) return nullptr;
  }
  if (node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE) return nullptr;
  return node->content != nullptr ? chars(node->content) : "";
}

}  // namespace batchout::xml
