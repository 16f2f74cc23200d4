// Paths of inputs into their own payloads: extractors as an input sees them.

#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "batchout/component.h"
#include "data/finder.h"
#include "data/program.h"

namespace batchout {

using Finders = std::vector<std::shared_ptr<const Finder>>;

/// A finder of `path`, or what is wrong with the path.
std::expected<std::shared_ptr<const Finder>, Extractor::PathProblem> make_finder(
    std::shared_ptr<const Extractor> extractor, const std::string& path);

/// `make` with the context that has these finders.
Make<Input> with_finders(Make<Input> make, Finders finders);

}  // namespace batchout
