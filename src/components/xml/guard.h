// What is checked before libxml2 sees a payload: counts for which its effort grows with their square, and how much
// declared entities would add.

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "components/xml/fault.h"

namespace batchout::xml {

/// Finds an element with more attributes than allowed.
std::optional<Fault> check_attributes(std::string_view text, Form form);

/// What a document type declares, as far as it makes a document larger.
class Declared {
 public:
  void add_entity(std::string_view name, std::string_view content) {
    entities_.emplace(name, Entity{std::string(content)});
  }
  void add_default(std::string_view element, std::size_t size) { defaults_[std::string(element)] += size; }

  /// Bytes that references and attributes with default values add to the document; counting stops beyond `most`. More
  /// than `most` means too much, not how much.
  std::size_t added_to(std::string_view document, std::size_t most);

 private:
  enum class State : unsigned char { unknown, open, known };
  struct Entity {
    std::string content;
    // With everything that it refers to.
    std::size_t size = 0;
    State state = State::unknown;
  };

  std::size_t size_of(std::string_view name, int depth);
  std::size_t added_by(std::string_view text, int depth);

  std::map<std::string, Entity, std::less<>> entities_;
  // By element: bytes of its attributes' default values.
  std::map<std::string, std::size_t, std::less<>> defaults_;
  std::size_t most_ = 0;
};

}  // namespace batchout::xml
