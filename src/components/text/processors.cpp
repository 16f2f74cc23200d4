// Adds all processors, in the order in which messages list them.

#include "components/text/processors.h"

namespace batchout {

void add_text(Registry& registry) {
  text::add_replace(registry);
  text::add_regex_replace(registry);
  text::add_strip(registry);
  text::add_letters(registry);
  text::add_truncate(registry);
  text::add_split(registry);
  text::add_map(registry);
  text::add_default(registry);
  text::add_hash(registry);
  text::add_parse_json(registry);
}

}  // namespace batchout
