// What an XML record is handed over between: the declarations of its document and the tags around it.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace batchout::file {

class XmlFrame {
 public:
  /// Bytes of it all.
  static constexpr std::size_t kSizeMax = 64 * 1024;
  /// Of one element, as where records are read.
  static constexpr std::size_t kAttributesMax = 256;

  void clear();

  /// Byte order mark, XML declaration, document type; before any element.
  void add_declaration(std::string_view text);
  /// An element that is open where the records are, by its start tag as it is written. Returns what is wrong with it,
  /// or nothing.
  std::string_view open(std::string_view tag);
  void close();

  /// Elements open.
  std::size_t depth() const { return elements_.size(); }
  /// The name of the innermost element open; there is one.
  std::string_view name() const { return elements_.back().name; }
  bool too_large() const { return before_.size() > kSizeMax; }

  const std::string& before() const { return before_; }
  const std::string& after() const { return after_; }

 private:
  struct Element {
    std::string name;
    /// Of its tag in before_.
    std::size_t offset = 0;
  };

  std::string before_;
  std::string after_;
  std::vector<Element> elements_;
};

/// The name in a tag as it is written: `</a:b >` has "a:b".
std::string_view name_in_tag(std::string_view tag);

}  // namespace batchout::file
