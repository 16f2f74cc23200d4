// libxml2 itself reads the declarations: the reading ends where the first element begins.

#include "components/xml/declarations.h"

#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "components/xml/fence.h"
#include "components/xml/guard.h"

namespace batchout::xml {
namespace {

// Attributes, entities and notations. For attributes libxml2's effort grows with the square: 2.9.14 looks through the
// earlier ones of an element for each new one.
constexpr std::size_t kDeclarationsMax = 4096;

// Choices of attributes whose values are enumerated: libxml2 looks through the earlier ones of an attribute for each
// new one. Those of an attribute that has few are not counted.
constexpr std::size_t kFewChoices = 64;
constexpr std::size_t kChoicesMax = 4096;

std::size_t behind(std::string_view text, std::string_view mark, std::size_t from) {
  const std::size_t found = text.find(mark, from);
  return found == std::string_view::npos ? text.size() : found + mark.size();
}

// Counted before libxml2 sees the text, in the declarations of attributes, up to the root element. Comments,
// instructions and literals are passed over in the way of libxml2; where the text is so wrong that this is another one,
// libxml2 has given up before.
bool has_too_many_choices(std::string_view text) {
  std::size_t all = 0;
  bool is_attributes = false;
  std::size_t at = 0;
  while ((at = text.find_first_of("<('\"", at)) != std::string_view::npos) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("<!--")) {
      at = behind(text, "-->", at + 4);
    } else if (rest.starts_with("<?")) {
      at = behind(text, "?>", at + 2);
    } else if (rest.starts_with("<!")) {
      is_attributes = rest.starts_with("<!ATTLIST");
      at += 2;
    } else if (rest.starts_with('<')) {
      return false;
    } else if (rest.starts_with('(')) {
      const std::size_t end = std::min(text.find_first_of("()<>'\"", at + 1), text.size());
      const auto choices = 1 + static_cast<std::size_t>(std::ranges::count(text.substr(at, end - at), '|'));
      if (is_attributes && choices > kFewChoices) all += choices;
      if (all > kChoicesMax) return true;
      at = end;
    } else {
      at = behind(text, rest.substr(0, 1), at + 1);
    }
  }
  return false;
}

std::string_view text_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// What the handlers share; reached through the parser's private pointer.
struct Reading {
  Declared declared;
  std::optional<Fault> fault;
  std::size_t declarations = 0;
  bool adds = false;  // Some declaration makes the document larger.
};

Reading& reading_of(void* parser) {
  return *static_cast<Reading*>(static_cast<xmlParserCtxt*>(parser)->_private);
}

// Only the first fault counts. The parser comes to its end at once.
void refuse(void* parser, Fault fault) {
  auto& found = reading_of(parser).fault;
  if (!found) found = std::move(fault);
  xmlStopParser(static_cast<xmlParserCtxt*>(parser));
}

// Entities whose content stands in the document itself.
bool is_inside(int type) {
  return type == XML_INTERNAL_GENERAL_ENTITY || type == XML_INTERNAL_PREDEFINED_ENTITY;
}

void keep_inside_entity(void* parser, const xmlChar* name, int type, const xmlChar* public_id, const xmlChar* system_id,
                        xmlChar* content) {
  if (is_inside(type)) xmlSAX2EntityDecl(parser, name, type, public_id, system_id, content);
}

void count_declaration(void* parser) {
  if (++reading_of(parser).declarations > kDeclarationsMax)
    refuse(parser, {kEntities, fmt::format("the document type has more than {} declarations", kDeclarationsMax)});
}

// Parameter entities are refused as a whole, since they can build declarations out of pieces.
void on_entity(void* parser, const xmlChar* name, int type, const xmlChar* public_id, const xmlChar* system_id,
               xmlChar* content) {
  count_declaration(parser);
  if (type == XML_INTERNAL_PARAMETER_ENTITY || type == XML_EXTERNAL_PARAMETER_ENTITY)
    return refuse(parser, {kEntities, fmt::format("the document type has a parameter entity: {}", text_of(name))});
  if (type == XML_INTERNAL_GENERAL_ENTITY) {
    reading_of(parser).adds = true;
    reading_of(parser).declared.add_entity(text_of(name), text_of(content));
    if (check_attributes(text_of(content), Form::xml))
      return refuse(parser, {kTooManyAttributes,
                             fmt::format("an element in an entity has more than {} attributes", kAttributesMax)});
  }
  keep_inside_entity(parser, name, type, public_id, system_id, content);
}

void on_unparsed_entity(void* parser, const xmlChar* name, const xmlChar* public_id, const xmlChar* system_id,
                        const xmlChar* notation) {
  count_declaration(parser);
  xmlSAX2UnparsedEntityDecl(parser, name, public_id, system_id, notation);
}

void on_notation(void* parser, const xmlChar* name, const xmlChar* public_id, const xmlChar* system_id) {
  count_declaration(parser);
  xmlSAX2NotationDecl(parser, name, public_id, system_id);
}

// Enumerations belong to the callee, which frees or keeps them.
void on_attribute(void* parser, const xmlChar* element, const xmlChar* name, int type, int kind,
                  const xmlChar* default_value, xmlEnumeration* choices) {
  count_declaration(parser);
  if (default_value != nullptr) {
    reading_of(parser).adds = true;
    reading_of(parser).declared.add_default(text_of(element), text_of(name).size() + text_of(default_value).size());
  }
  xmlSAX2AttributeDecl(parser, element, name, type, kind, default_value, choices);
}

// The document type ends where the root element begins.
void on_element(void* parser, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int, int,
                const xmlChar**) {
  xmlStopParser(static_cast<xmlParserCtxt*>(parser));
}

// A parser that was stopped still owns the document that it had begun.
struct FreeParser {
  void operator()(xmlParserCtxt* parser) const {
    xmlFreeDoc(parser->myDoc);
    parser->myDoc = nullptr;
    xmlFreeParserCtxt(parser);
  }
};

}  // namespace

// Replaces handlers of libxml2's SAX2 table, so it goes before the first parse.
void stay_inside(xmlSAXHandler& handler) {
  handler.entityDecl = keep_inside_entity;
  handler.resolveEntity = [](void*, const xmlChar*, const xmlChar*) -> xmlParserInput* { return nullptr; };
  handler.externalSubset = [](void*, const xmlChar*, const xmlChar*, const xmlChar*) {};
}

// The entities of the text must be in place for attribute defaults that refer to them, so libxml2's own handlers run,
// too.
std::optional<Fault> check_declarations(std::string_view text) {
  if (has_too_many_choices(text))
    return Fault{kEntities,
                 fmt::format("the document type has enumerated attributes with more than {} choices", kChoicesMax)};
  const std::unique_ptr<xmlParserCtxt, FreeParser> parser(
      xmlCreateMemoryParserCtxt(text.data(), static_cast<int>(text.size())));
  if (!parser) return std::nullopt;  // The parser proper will tell.
  Reading reading;
  xmlCtxtUseOptions(parser.get(), XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
  parser->_private = &reading;
  stay_inside(*parser->sax);
  parser->sax->serror = [](void* failed, xmlError* error) {
    if (error->level == XML_ERR_FATAL) halt(*static_cast<xmlParserCtxt*>(failed));
  };
  parser->sax->entityDecl = on_entity;
  parser->sax->unparsedEntityDecl = on_unparsed_entity;
  parser->sax->notationDecl = on_notation;
  parser->sax->attributeDecl = on_attribute;
  parser->sax->startElementNs = on_element;
  xmlParseDocument(parser.get());
  if (reading.fault || !reading.adds) return reading.fault;
  const std::size_t most = text.size() * kAmplificationMax;
  if (reading.declared.added_to(text, most) <= most) return std::nullopt;
  return Fault{kEntities,
               fmt::format("entities and default values make more than {} times of the document", kAmplificationMax)};
}

}  // namespace batchout::xml
