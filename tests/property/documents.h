// Random JSON, mostly valid and mostly such that the paths of a map find something in it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "choices.h"
#include "data/projection.h"

namespace batchout::property {

/// What a step of a path hopes to find.
struct Hope {
  enum class Kind : std::uint8_t { member, any_member, element, any_element };

  Kind kind = Kind::member;
  std::string name;
  std::size_t position = 0;
};

using Trail = std::vector<Hope>;

/// A document in the neighbourhood of what is allowed: one in four or so has to be refused. Duplicate names, other
/// types than hoped for, and members that no trail leads to are frequent.
std::string document_of(Choices& choices, const std::vector<Trail>& trails, const ProjectionLimits& limits);

}  // namespace batchout::property
