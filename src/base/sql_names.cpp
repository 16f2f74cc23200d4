// Follows the lexical rules of the two dialects as far as they say where a text, a name or a comment ends.

#include "base/sql_names.h"

#include <algorithm>
#include <optional>

namespace batchout {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

/// The name in the braces that `text` begins with; empty if they hold something else.
std::string_view name_in_braces(std::string_view text) {
  if (text.size() < 3 || text[0] != '{' || !is_letter(text[1])) return {};
  std::size_t end = 1;
  while (end < text.size() && is_word(text[end])) ++end;
  return end < text.size() && text[end] == '}' ? text.substr(1, end - 1) : std::string_view();
}

class Binder {
 public:
  Binder(std::string_view sql, SqlSyntax syntax, const std::function<const std::string*(std::string_view)>& value_of)
      : rest_(sql), syntax_(syntax), value_of_(value_of) {}

  std::expected<BoundSql, std::string> run() {
    while (!rest_.empty() && fault_.empty()) step();
    if (!fault_.empty()) return std::unexpected(std::move(fault_));
    return std::move(bound_);
  }

 private:
  bool postgres() const { return syntax_ == SqlSyntax::postgres; }

  void step() {
    const char c = rest_.front();
    if (c == '\'') return text();
    if (c == '"' || (!postgres() && c == '`')) return closed(c, "a quoted name");
    if (!postgres() && c == '[') return closed(']', "a quoted name");
    if (rest_.starts_with("--")) return copy(std::min(rest_.find('\n'), rest_.size()));
    if (rest_.starts_with("/*")) return copy(comment());
    if (postgres() && c == '$' && !is_word(last_) && last_ != '$')
      if (const std::size_t mark = dollar_mark(); mark > 0) return dollars(mark);
    if (c == '{') return braces();
    note(c);
    copy(1);
  }

  void copy(std::size_t size) {
    bound_.text += rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  /// Remembers what stands before a text: blanks are nothing, but end a word that could be its prefix.
  void note(char c) {
    last_ = c;
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') before_ = c;
  }

  std::size_t comment() const {
    std::size_t at = 2;
    for (int depth = 1; depth > 0 && at < rest_.size();) {
      const std::string_view pair = rest_.substr(at, 2);
      if (pair == "*/")
        --depth;
      else if (pair == "/*" && postgres())
        ++depth;
      at += pair == "*/" || (pair == "/*" && postgres()) ? 2 : 1;
    }
    return std::min(at, rest_.size());
  }

  /// Size of the mark that opens a text such as $$ or $body$; 0 if there is none.
  std::size_t dollar_mark() const {
    std::size_t end = 1;
    while (end < rest_.size() && (end == 1 ? is_letter(rest_[end]) : is_word(rest_[end]))) ++end;
    return end < rest_.size() && rest_[end] == '$' ? end + 1 : 0;
  }

  void dollars(std::size_t mark) {
    const std::size_t close = rest_.find(rest_.substr(0, mark), mark);
    const std::size_t size = close == std::string_view::npos ? rest_.size() : close + mark;
    refuse_names(rest_.substr(0, size), "a text in dollars");
    copy(size);
    note('\'');
  }

  void closed(char end, std::string_view where) {
    std::size_t size = std::min(rest_.find(end, 1), rest_.size() - 1) + 1;
    while (end != ']' && size < rest_.size() && rest_[size] == end)
      size = std::min(rest_.find(end, size + 1), rest_.size() - 1) + 1;
    refuse_names(rest_.substr(0, size), where);
    copy(size);
    note('"');
  }

  void refuse_names(std::string_view text, std::string_view where) {
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1))
      if (const std::string_view name = name_in_braces(text.substr(at)); !name.empty() && value_of_(name) != nullptr)
        fault_ = "{" + std::string(name) + "} stands inside " + std::string(where) + ", where no value can be";
  }

  /// A name in braces outside of texts.
  void braces() {
    if (const auto name = next_name()) {
      if (const std::string* value = value_for(*name)) placeholder(*value);
      return;
    }
    note('{');
    copy(1);
  }

  /// Takes a name in braces, or resolves doubled ones into the text.
  std::optional<std::string_view> next_name() {
    if (rest_.starts_with("{{")) {
      const std::string_view name = name_in_braces(rest_.substr(1));
      if (name.empty() || !rest_.substr(name.size() + 3).starts_with("}")) return std::nullopt;
      bound_.text += rest_.substr(1, name.size() + 2);
      rest_.remove_prefix(name.size() + 4);
      return "";
    }
    const std::string_view name = name_in_braces(rest_);
    if (name.empty()) return std::nullopt;
    rest_.remove_prefix(name.size() + 2);
    return name;
  }

  /// Null for a name without a value, which is reported, and for none.
  const std::string* value_for(std::string_view name) {
    if (name.empty()) return nullptr;
    const std::string* found = value_of_(name);
    if (found == nullptr) fault_ = "{" + std::string(name) + "} has no value";
    return found;
  }

  void placeholder(const std::string& value) {
    bound_.values.push_back(value);
    bound_.text += (postgres() ? " $" : " ?") + std::to_string(bound_.values.size()) + " ";
    note('\'');
  }

  /// A text in single quotes.
  void text() {
    const char prefix = prefix_of_text();
    const bool escapes = postgres() && prefix == 'e';
    std::size_t end = 1;
    while (end < rest_.size() && (rest_[end] != '\'' || rest_.substr(end + 1).starts_with('\'')))
      end += rest_[end] == '\'' || (escapes && rest_[end] == '\\') ? 2 : 1;
    end = std::min(end, rest_.size());
    const std::string_view content = rest_.substr(1, end - 1);
    const std::string_view behind = rest_.substr(std::min(end + 1, rest_.size()));
    const std::string_view name = name_in_braces(content);
    // Behind a word or a closing bracket the text may belong to a type, and then only a text can stand there.
    const bool alone = !name.empty() && name.size() + 2 == content.size() && !is_word(before_) && before_ != ')' &&
                       before_ != ']' && before_ != '"' && before_ != '\'' && before_ != '&';
    if (alone) {
      if (const std::string* found = value_for(name)) placeholder(*found);
    } else if (prefix == 'b' || prefix == 'x' || prefix == '&') {
      refuse_names(content, "a text with a prefix");
      copy(std::min(end + 1, rest_.size()));
    } else {
      copy(1);
      fill(content.size(), escapes);
      copy(std::min<std::size_t>(1, rest_.size()));
    }
    rest_ = behind;
    note('\'');
  }

  /// The small letter right before a quote if it stands for itself, the & of U&, or a blank.
  char prefix_of_text() const {
    if (last_ == '&') return '&';
    const std::string& text = bound_.text;
    const bool letter = is_letter(last_) && (text.size() < 2 || !is_word(text[text.size() - 2]));
    return letter ? static_cast<char>(last_ | 0x20) : ' ';
  }

  /// Copies the inside of a text with the values of its names, quoted.
  void fill(std::size_t size, bool escapes) {
    const std::size_t left = rest_.size() - size;
    while (rest_.size() > left && fault_.empty()) {
      const auto name = rest_.front() == '{' ? next_name() : std::nullopt;
      if (!name) {
        // What follows a backslash is no brace.
        copy(std::min<std::size_t>(escapes && rest_.front() == '\\' ? 2 : 1, rest_.size() - left));
      } else if (const std::string* found = value_for(*name)) {
        for (const char c : *found) bound_.text.append(c == '\'' || (escapes && c == '\\') ? 2 : 1, c);
      }
    }
  }

  std::string_view rest_;
  SqlSyntax syntax_;
  const std::function<const std::string*(std::string_view)>& value_of_;
  BoundSql bound_;
  std::string fault_;
  /// The character before, and the last one that is no blank; of whole texts their last quote.
  char last_ = ' ';
  char before_ = ' ';
};

}  // namespace

std::expected<BoundSql, std::string> bind_names(std::string_view sql, SqlSyntax syntax,
                                                const std::function<const std::string*(std::string_view)>& value_of) {
  return Binder(sql, syntax, value_of).run();
}

std::string_view without_end(std::string_view sql) {
  while (!sql.empty() && std::string_view("; \t\r\n").contains(sql.back())) sql.remove_suffix(1);
  return sql;
}

}  // namespace batchout
