// Payloads that are the elements of one JSON list.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "components/file/splitter.h"

namespace batchout::file {

/// Finds where elements end: texts, escapes and the number of open brackets is all that is looked at. Whether an
/// element is valid, its brackets included, is for whoever reads it to say.
class JsonArraySplitter final : public Splitter {
 public:
  std::int64_t restart(std::int64_t position) override;
  Found find(const Window& window) override;

 private:
  /// What comes next.
  enum class Part : std::uint8_t {
    /// The byte order mark.
    mark,
    /// The bracket that opens the list.
    opening,
    /// An element, or the end of an empty list.
    first,
    /// An element.
    element,
    /// The rest of a text, list or object.
    nested,
    /// The rest of a number or word.
    scalar,
    /// A comma, or the end of the list.
    behind,
    /// The end of the file.
    closed,
  };

  Found skim(const Window& window);
  Found ended();
  std::string_view take(char c);
  std::string_view open_element(char c);
  std::size_t end_in_block(const char* at);
  std::size_t size_until_closed(std::uint32_t opening, std::uint32_t closing) const;
  bool ends_at(char c);

  Part part_ = Part::mark;
  /// Brackets open in the element; 0: it is a text.
  std::size_t depth_ = 0;
  /// The next byte belongs to a text.
  bool in_text_ = false;
  /// The next byte is escaped.
  bool escaped_ = false;
};

}  // namespace batchout::file
