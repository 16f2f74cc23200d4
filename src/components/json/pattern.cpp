// Patterns are I-Regexps in translation.

#include "components/json/pattern.h"

#include "components/json/i_regexp.h"

namespace batchout::json {

class Pattern {};
struct Patterns::Scratch {};

std::shared_ptr<const Pattern> compile_pattern(std::string_view) {
  return std::make_shared<const Pattern>();
}
Patterns::Patterns() = default;
Patterns::~Patterns() = default;
void Patterns::start() {
  exhausted_ = false;
}
bool Patterns::matches(const Pattern&, std::string_view, bool) {
  return false;
}
bool Patterns::matches(std::string_view, std::string_view, bool) {
  return false;
}

}  // namespace batchout::json
