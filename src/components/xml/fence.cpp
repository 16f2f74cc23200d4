// libxml2's handlers of messages without a parser are those of the thread; who embeds us may have set them.

#include "components/xml/fence.h"

#include <libxml/globals.h>

#include <cstddef>
#include <cstring>

#if LIBXML_VERSION >= 21400
#error "this libxml2 may borrow the text of the caller, in whose bytes halt() must not write"
#endif

namespace batchout::xml {
namespace {

void drop_text(void*, const char*, ...) {}
void drop_error(void*, xmlError*) {}

// The text is libxml2's own copy, if it has a buffer. What the caller has looked at and will pass over lies within it.
void blank_out_rest(const xmlParserInput& input) {
  if (input.buf == nullptr || *input.cur == 0) return;
  std::memset(const_cast<xmlChar*>(input.cur), 0, static_cast<std::size_t>(input.end - input.cur));
}

}  // namespace

// The state silences further errors; but some functions of the parser set it anew on their way out, so the text has to
// end, too.
void halt(xmlParserCtxt& parser) {
  parser.instate = XML_PARSER_EOF;
  parser.disableSAX = 1;
  for (int i = 0; i < parser.inputNr; ++i) blank_out_rest(*parser.inputTab[i]);
}

Quiet::Quiet()
    : generic_(xmlGenericError),
      generic_context_(xmlGenericErrorContext),
      structured_(xmlStructuredError),
      structured_context_(xmlStructuredErrorContext) {
  xmlSetGenericErrorFunc(nullptr, drop_text);
  xmlSetStructuredErrorFunc(nullptr, drop_error);
}

Quiet::~Quiet() {
  xmlSetGenericErrorFunc(generic_context_, generic_);
  xmlSetStructuredErrorFunc(structured_context_, structured_);
}

}  // namespace batchout::xml
