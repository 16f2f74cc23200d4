// The list of component types; nothing is built here.

#include "registry/registry.h"

#include <utility>

namespace batchout {

Registry::Registry() : types_(std::make_unique<Types>()) {}
Registry::~Registry() = default;
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;

// Names are not compared: the first type of a name wins, and built-in ones come first.
void Registry::add_input(SpecInfo spec, InputDecoder decoder) {
  types_->inputs.push_back({std::move(spec), std::move(decoder)});
}

void Registry::add_processor(SpecInfo spec, ProcessorDecoder decoder) {
  types_->processors.push_back({std::move(spec), std::move(decoder)});
}

void Registry::add_output(SpecInfo spec, OutputDecoder decoder) {
  types_->outputs.push_back({std::move(spec), std::move(decoder)});
}

}  // namespace batchout
