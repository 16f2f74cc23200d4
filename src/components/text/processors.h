// The processors of this folder, each added by the source that has its name.

#pragma once

#include "batchout/component.h"

namespace batchout::text {

void add_default(Registry& registry);
void add_hash(Registry& registry);
void add_letters(Registry& registry);
void add_map(Registry& registry);
void add_parse_json(Registry& registry);
void add_regex_replace(Registry& registry);
void add_replace(Registry& registry);
void add_split(Registry& registry);
void add_strip(Registry& registry);
void add_truncate(Registry& registry);

}  // namespace batchout::text
