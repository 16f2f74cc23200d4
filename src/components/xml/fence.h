// What libxml2's parsers do of their own accord, and must not: go on behind an error, and write to standard error.

#pragma once

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

namespace batchout::xml {

/// Has a parser find nothing but the end of its text from here on; may be called from its handlers, those of errors
/// included. libxml2 goes on behind a fatal error otherwise, and has one for each of what follows, with a copy of what
/// came before: quadratic effort. Nothing is freed or moved, unlike by xmlStopParser, since the caller inside the
/// parser holds pointers into the text. Only for parsers without parameter entities (declarations.h): those are texts
/// within texts.
void halt(xmlParserCtxt& parser);

/// Keeps libxml2 from writing to standard error in this thread, as long as it lives. Some of its messages, such as
/// those of declarations that come twice, reach neither the handlers of a parser nor those of an XPath context.
class Quiet {
 public:
  Quiet();
  ~Quiet();
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  xmlGenericErrorFunc generic_;
  void* generic_context_;
  xmlStructuredErrorFunc structured_;
  void* structured_context_;
};

}  // namespace batchout::xml
