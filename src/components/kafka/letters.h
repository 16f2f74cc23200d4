// Dead letters as messages.

#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "components/kafka/output_store.h"
#include "data/letter_book.h"

namespace batchout::kafka {

/// Stages a message for each payload: its bytes as the value, its key, and headers with what is told of its first
/// letter. `batchout-id` is the same for the same payload, should it come twice. Of a payload that does not fit into
/// `size_max`, the most bytes of a message, the end is cut off; a key or metadata of more than a quarter of it are
/// left out.
/// `refused`: brokers do not take the message that was staged last. Then it goes without payload and metadata, and if
/// that is not taken either, not at all: how many have not is returned.
std::size_t stage_letters(const std::string& pipeline, std::span<const NewLetter> letters, const std::string& topic,
                          std::size_t size_max, StagedMessages& staged, const std::function<bool()>& refused);

}  // namespace batchout::kafka
