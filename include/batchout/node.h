// A configuration as a tree: what YAML, JSON and code have in common, with the place of every node.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchout {

/// A mapping, a list, or a scalar. Mappings keep their order.
class Node {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, real, text, list, mapping };

  struct Mark {
    /// From 1; 0: built in code.
    int line = 0;
    /// From 1.
    int column = 0;
  };

  // A key with its place, and the value.
  struct Entry;

  Node();
  Node(bool value);
  Node(std::int64_t value);
  Node(int value);
  Node(double value);
  Node(std::string value);
  Node(std::string_view value);
  Node(const char* value);
  Node(const Node& other);
  Node(Node&& other) noexcept;
  Node& operator=(const Node& other);
  Node& operator=(Node&& other) noexcept;
  ~Node();

  /// `mapping({{"type", "kafka"}, {"topic", "auth.sessions"}})`
  static Node mapping(std::vector<std::pair<std::string, Node>> entries = {});
  static Node list(std::vector<Node> items = {});

  Type type() const { return type_; }
  bool is_null() const { return type_ == Type::null; }
  bool is_mapping() const { return type_ == Type::mapping; }
  bool is_list() const { return type_ == Type::list; }
  bool is_text() const { return type_ == Type::text; }

  bool boolean() const { return boolean_; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  const std::string& text() const { return text_; }

  const std::vector<Node>& items() const { return items_; }
  const std::vector<Entry>& entries() const { return entries_; }
  /// The value of a key, or null if there is none.
  const Node* find(std::string_view key) const;
  /// Adds a key or replaces its value.
  void set(std::string_view key, Node value);
  void push(Node item);
  /// Adds an entry without looking for an equal key.
  void add(Entry entry);

  Mark mark() const { return mark_; }
  void set_mark(Mark mark) { mark_ = mark; }
  /// A scalar as written in the file, before its type was decided ("010", "yes"); equals the text of a text.
  const std::string& written() const { return written_.empty() ? text_ : written_; }
  void set_written(std::string written) { written_ = std::move(written); }
  /// True if the value came from the environment: its text never appears in messages, and converts to other scalars.
  bool from_environment() const { return from_environment_; }
  void set_from_environment(bool on) { from_environment_ = on; }

 private:
  Type type_ = Type::null;
  bool boolean_ = false;
  bool from_environment_ = false;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string text_;
  std::string written_;
  std::vector<Node> items_;
  std::vector<Entry> entries_;
  Mark mark_;
};

struct Node::Entry {
  std::string key;
  Mark mark{};
  Node value;
  /// From `defaults`: not every component that it reaches needs to know the key.
  bool inherited = false;
};

}  // namespace batchout
