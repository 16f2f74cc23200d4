// A payload as a tree of libxml2: the fence around its parsers.
//
// Nothing outside of the payload is ever read: entities that a document declares by a file or address, and parameter
// entities, are not taken over at all, so no loader is asked; references to them are errors.

#pragma once

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "components/xml/fault.h"

namespace batchout::xml {

/// One per lane: parsers of libxml2 must not be shared by threads.
class Tree {
 public:
  explicit Tree(Form form) : form_(form) {}
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  /// Replaces the document by that of `text` (UTF-8); a refused one leaves none. Sections of character data are text.
  std::optional<Fault> parse(std::string_view text);

  /// Null after a refusal.
  xmlDoc* document() const { return document_.get(); }
  /// Of the document, not null.
  xmlNode* root() const { return xmlDocGetRootElement(document_.get()); }

 private:
  struct Free {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
    void operator()(xmlParserCtxt* parser) const { xmlFreeParserCtxt(parser); }
  };

  void make_parser();
  xmlDoc* read(std::string_view text);
  Fault fault() const;
  static void on_error(void* parser, xmlError* error);

  Form form_;
  std::unique_ptr<xmlParserCtxt, Free> parser_;
  std::unique_ptr<xmlDoc, Free> document_;
  // The first error of the document.
  int code_ = 0;
  int line_ = 0;
  int column_ = 0;
  std::string message_;
};

/// Appends the text of a node and of all below it.
void append_text_of(const xmlNode* node, std::string& out);

/// The content of a text, or of an attribute or element that holds one text only, without copying; null for others.
const char* sole_text(const xmlNode* node);

}  // namespace batchout::xml
