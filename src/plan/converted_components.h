// Components of old dialects as our own would have them: the settings of one mapping, not what they mean together.

#pragma once

#include <string>
#include <vector>

#include "batchout/node.h"
#include "batchout/spec.h"
#include "plan/path_template.h"

namespace batchout {

/// The settings that `spec` knows, each as the kind of value that a strict reading wants, without those that are
/// defaults. Keys that are unknown go to `left_out`, as key paths below `path`. Lists of processors stay.
Node strict_settings(const Node& component, const SpecInfo& spec, const std::string& path,
                     std::vector<std::string>& left_out);

/// Adds what the old dialects mean without a word, and dialect 1 does not, to an input of type `spec`; what differs and
/// has no setting goes to `notes`. `path` is its key path. `oldest`: of 0.0.1.
void spell_out_input(const SpecInfo& spec, bool oldest, const std::string& path, Node& input,
                     std::vector<std::string>& notes);
void spell_out_output(const SpecInfo& spec, const std::string& path, Node& output, std::vector<std::string>& notes);

/// True if both languages of JSON paths read a path alike: members by simple names, positions, and slots of
/// `positions`, which are indexes with positions for values.
bool same_in_both_languages(const NamedPieces& path, const std::vector<std::string>& positions);

/// The shortest way to write an index or a column whose type would be `type` if it were left out.
Node shortened(const Node& component, std::string_view type);

/// Every text with `${` as it has to be written where that begins a value from outside.
Node without_interpolation(const Node& node);

}  // namespace batchout
