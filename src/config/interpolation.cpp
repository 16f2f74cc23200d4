// Works on the tree, after its types are decided: whatever a value contains stays one text.

#include "config/interpolation.h"

#include <cctype>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/files.h"
#include "config/load.h"
#include "config/wording.h"

namespace batchout {
namespace {

// Bytes of one text with everything put in; also of a file.
constexpr std::size_t kTextMax = 1 << 20;
// Bytes of all texts together: a small configuration may name one large value many times.
constexpr std::size_t kAllTextsMax = 16 << 20;
// Defaults inside of defaults.
constexpr int kDepthMax = 8;
constexpr std::string_view kFile = "file:";

bool is_variable(std::string_view name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front()))) return false;
  for (const char c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_') return false;
  return true;
}

// The end of a secret's file is mostly a line end that the editor put there.
void drop_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

class Interpolator {
 public:
  Interpolator(const Interpolation& from, Problems& problems) : from_(from), problems_(problems) {}

  Node node(const Node& node, const std::string& path) {
    if (node.is_text()) return text(node, path);
    if (!node.is_list() && !node.is_mapping()) return node;
    Node out = node.is_list() ? Node::list() : Node::mapping();
    out.set_mark(node.mark());
    for (std::size_t i = 0; i < node.items().size(); ++i) out.push(this->node(node.items()[i], join_path(path, i)));
    for (const Node::Entry& entry : node.entries())
      out.add({entry.key, entry.mark, this->node(entry.value, join_path(path, entry.key)), entry.inherited});
    return out;
  }

 private:
  /// What is wrong with a text; the first mistake ends it.
  struct Mistake {
    std::string_view code;
    std::string message;
    std::string hint;
  };

  Node text(const Node& node, const std::string& path) {
    if (!node.text().contains("${")) return node;
    mistake_.reset();
    foreign_ = false;
    std::string_view rest = node.text();
    std::string value = filled(rest, false, 0);
    all_texts_ += value.size();
    if (!mistake_ && (value.size() > kTextMax || all_texts_ > kAllTextsMax))
      mistake_ = {"BO102", fmt::format("the text is too long with its values; limit {} bytes", kTextMax), {}};
    Node out;
    if (mistake_)
      problems_.push_back({Problem::Severity::error, std::string(mistake_->code), from_.file, node.mark().line,
                           node.mark().column, path, std::move(mistake_->message), std::move(mistake_->hint)});
    else
      out = Node(std::move(value));
    out.set_from_environment(foreign_ && !mistake_);
    out.set_mark(node.mark());
    return out;
  }

  /// Takes `rest` up to its end or, inside of an expression, to the closing brace, which stays.
  std::string filled(std::string_view& rest, bool inside, int depth) {
    std::string out;
    while (!rest.empty() && !mistake_ && !(inside && rest.front() == '}')) {
      if (rest.starts_with("$${")) {
        out += "${";
        rest.remove_prefix(3);
      } else if (rest.starts_with("${")) {
        rest.remove_prefix(2);
        out += expression(rest, depth + 1);
      } else {
        out += rest.front();
        rest.remove_prefix(1);
      }
      if (out.size() > kTextMax) return out;
    }
    return out;
  }

  // Behind `${`; takes the closing brace.
  std::string expression(std::string_view& rest, int depth) {
    const std::size_t end = rest.find_first_of(":}");
    std::string name(rest.substr(0, end));
    if (end == std::string_view::npos || depth > kDepthMax)
      return wrong("BO210", end == std::string_view::npos ? "${ without a closing brace" : "${ inside of ${ too deeply",
                   "write $${ for the characters themselves");
    foreign_ = true;
    if (rest.starts_with(kFile)) return file(rest);
    if (!is_variable(name))
      return wrong("BO210", fmt::format("{} is not the name of a variable", in_quotes(name)),
                   "write ${NAME}, ${NAME:-default} or ${file:path}, and $${ for the characters themselves");
    rest.remove_prefix(end);
    std::optional<std::string> instead;
    if (rest.starts_with(":-")) {
      rest.remove_prefix(2);
      instead = default_of(name, rest, depth);
    }
    if (mistake_) return {};
    if (!rest.starts_with('}'))
      return wrong("BO210", rest.empty() ? "${ without a closing brace" : "only :- may follow the name of a variable",
                   "write ${NAME}, ${NAME:-default} or ${file:path}");
    rest.remove_prefix(1);
    auto value = from_.environment(name);
    if (instead && (!value || value->empty())) return *std::move(instead);
    if (!value)
      return wrong("BO207", fmt::format("the environment variable {} is not set", in_quotes(name)),
                   fmt::format("set it, or give it a default: ${{{}:-…}}", name));
    return checked(*std::move(value), "variable");
  }

  /// Evaluated only where it counts: a default may name a variable that is set nowhere.
  std::string default_of(const std::string& name, std::string_view& rest, int depth) {
    const auto value = from_.environment(name);
    if (!value || value->empty()) return filled(rest, true, depth);
    for (int open = 0; !rest.empty(); rest.remove_prefix(1)) {
      if (rest.front() == '}' && open-- == 0) break;
      if (rest.starts_with("$${"))
        rest.remove_prefix(2);
      else if (rest.starts_with("${"))
        ++open;
    }
    return {};
  }

  std::string file(std::string_view& rest) {
    rest.remove_prefix(kFile.size());
    const std::size_t end = rest.find('}');
    const std::string path(rest.substr(0, end));
    if (end == std::string_view::npos || path.empty())
      return wrong("BO210", "${file: without a path and a closing brace", "write ${file:path}");
    rest.remove_prefix(end + 1);
    const std::filesystem::path place = std::filesystem::path(from_.folder) / path;
    // A FIFO or a device might never end.
    std::error_code error;
    const auto type = std::filesystem::status(place, error).type();
    if (type != std::filesystem::file_type::regular && type != std::filesystem::file_type::not_found)
      return wrong("BO211", fmt::format("{} is no regular file", in_quotes(path)), {});
    errno = 0;
    std::ifstream stream(place, std::ios::binary);
    std::string text(kTextMax + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!stream.is_open() || stream.bad())
      return wrong("BO211", fmt::format("the file {} cannot be read: {}", in_quotes(path), errno_text(errno)),
                   "relative paths begin at the folder of the configuration");
    text.resize(static_cast<std::size_t>(stream.gcount()));
    drop_line_end(text);
    return checked(std::move(text), "file");
  }

  /// Settings are text: what is none would be noticed late, or never.
  std::string checked(std::string text, std::string_view what) {
    if (text.size() > kTextMax)
      return wrong("BO102", fmt::format("the {}'s text is too long; limit {} bytes", what, kTextMax), {});
    if (is_text(text)) return text;
    return wrong("BO211", fmt::format("the {}'s value is no text: it is not UTF-8 or has a NUL character", what), {});
  }

  std::string wrong(std::string_view code, std::string message, std::string hint) {
    mistake_ = {code, std::move(message), std::move(hint)};
    return {};
  }

  const Interpolation& from_;
  Problems& problems_;
  std::size_t all_texts_ = 0;
  // Of the text at hand.
  std::optional<Mistake> mistake_;
  /// A value was put in.
  bool foreign_ = false;
};

}  // namespace

Node interpolated(const Node& root, const Interpolation& from, Problems& problems) {
  return Interpolator(from, problems).node(root, {});
}

}  // namespace batchout
