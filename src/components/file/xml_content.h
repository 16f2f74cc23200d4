// What a strict parser would refuse between the records of an XML document, as far as it can be told while passing by.

#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace batchout::file {

/// Takes texts and names in pieces of any size. Bytes beyond ASCII are not looked at: they may be of any encoding.
class XmlContent {
 public:
  /// Elements open at a time in one that is passed over.
  static constexpr std::size_t kDepthMax = 1024;
  /// Bytes of a name or reference that are looked at.
  static constexpr std::size_t kNameMax = 256;

  void clear() { *this = {}; }

  /// The document type as it is written. Where it has another file declare entities, any may be declared.
  void declare(std::string_view type);

  /// Bytes of a text, up to the first with which it is wrong: then fault() is set.
  std::size_t take_text(std::string_view bytes);
  /// The text is at its end: false if that is inside of a reference.
  bool end_text();

  void start_name() { name_.clear(); }
  void add_to_name(std::string_view bytes) { name_.append(bytes.substr(0, kNameMax - name_.size())); }
  const std::string& name() const { return name_; }

  /// Opens and closes elements by the name that was taken last: false if that is wrong.
  bool open();
  bool close();

  /// Why something is wrong; else empty.
  std::string_view fault() const { return fault_; }
  bool refuse(std::string_view fault) {
    fault_ = fault;
    return false;
  }

 private:
  bool take_byte(char c);
  bool take_in_reference(char c);
  bool is_declared() const;

  std::string_view fault_;
  std::set<std::string, std::less<>> entities_;
  bool any_entity_ = false;
  /// Of a reference, without the ampersand.
  std::string reference_;
  bool in_reference_ = false;
  /// Closing brackets right before, at most two.
  int brackets_ = 0;
  std::string name_;
  /// Of the elements open, one behind the other, and where each begins.
  std::string open_names_;
  std::vector<std::size_t> open_;
};

}  // namespace batchout::file
