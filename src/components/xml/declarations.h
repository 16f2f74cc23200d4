// Document types: what they may declare, read before the document is.

#pragma once

#include <libxml/parser.h>

#include <optional>
#include <string_view>

#include "components/xml/fault.h"

namespace batchout::xml {

/// Keeps a parser from taking over what it would have to load: external and parameter entities, and external subsets.
void stay_inside(xmlSAXHandler& handler);

/// Reads the document type alone, and refuses parameter entities, too many declarations, too many choices of enumerated
/// attributes, and entities or default values that would make the document many times as large (kAmplificationMax).
/// Mistakes of syntax are no business of this: the parser proper tells them. `text` is UTF-8 and has a document type.
std::optional<Fault> check_declarations(std::string_view text);

}  // namespace batchout::xml
