// One path on one payload, for people who try paths out.

#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "components/json/compiled.h"
#include "data/program.h"

namespace batchout::json {

/// As Extractor::find. Where a match is comes as a normalised path of RFC 9535, in both languages.
std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> look_up(const Template& path,
                                                                             std::string_view payload,
                                                                             const Options& options);

}  // namespace batchout::json
