// YAML 1.1 into nodes, from the events of libyaml: the only source that knows that library.
//
// Aliases are replaced by copies, which is why every copy is counted. Of the tags only those of the core types are
// known, so that a configuration cannot ask for objects.

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/unicode.h"
#include "config/draft.h"
#include "config/load.h"
#include "config/scalar.h"
#include "config/wording.h"

namespace batchout {
namespace {

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

// An event of the parser together with the memory that it owns.
struct Event {
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }

  yaml_event_type_t type() const { return raw.type; }
  // libyaml counts lines and characters from 0.
  Node::Mark mark() const {
    return {static_cast<int>(raw.start_mark.line) + 1, static_cast<int>(raw.start_mark.column) + 1};
  }

  yaml_event_t raw{};
};

// Borrowed from the event; null, as libyaml gives for what is absent, is an empty text.
std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// Recursive over events; the depth limit bounds the stack. Every member that can fail reports and returns false.
class YamlReader {
 public:
  // The text is read where it is, so it has to outlive the reader. It is known to be UTF-8; without the hint libyaml
  // would look for a byte order mark of UTF-16.
  YamlReader(std::string_view text, const std::string& file, Problems& problems) : text_(text), draft_(file, problems) {
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() {
    if (ready_) yaml_parser_delete(&parser_);
  }

  // To be called once: the parser is spent afterwards.
  std::optional<Node> document() {
    Node root;
    if (!ready_) {
      draft_.fail("BO101", {}, "not enough memory to read the configuration");
      return std::nullopt;
    }
    if (!stream(root)) return std::nullopt;
    return root;
  }

 private:
  // What an alias of that name stands for; a later anchor of the same name takes its place.
  struct Anchor {
    Node node;
    bool complete = false;  // False while its own value is being read: an alias would be a cycle.
  };

  // `event` must be a fresh one: libyaml would lose what an old one owns. The event lives until its object ends; what
  // it owns is borrowed by the readers below.
  bool next(Event& event) { return yaml_parser_parse(&parser_, &event.raw) != 0 || syntax_error(); }

  // An empty stream is null, at the first character.
  bool stream(Node& root) {
    Event begin;
    Event document;
    if (!next(begin) || !next(document)) return false;
    if (document.type() == YAML_STREAM_END_EVENT) {
      root.set_mark({1, 1});
      return true;
    }
    Event end;
    Event after;
    if (!value(root) || !next(end) || !next(after)) return false;
    if (after.type() == YAML_STREAM_END_EVENT) return true;
    return draft_.fail("BO101", after.mark(), "the configuration has several documents", "remove what begins with ---");
  }

  bool value(Node& out) {
    Event event;
    return next(event) && value(event, out);
  }

  // `event` has been taken already and begins the value.
  bool value(const Event& event, Node& out) {
    switch (event.type()) {
      case YAML_ALIAS_EVENT:
        return alias(event, out);
      case YAML_SCALAR_EVENT:
        return scalar(event, out);
      case YAML_SEQUENCE_START_EVENT:
        return collection(event, event.raw.data.sequence_start.anchor, event.raw.data.sequence_start.tag, "seq", out);
      case YAML_MAPPING_START_EVENT:
        return collection(event, event.raw.data.mapping_start.anchor, event.raw.data.mapping_start.tag, "map", out);
      default:
        return draft_.fail("BO101", event.mark(), "not valid YAML: expected a value");
    }
  }

  // The copy's places are those of the anchor, except for its own: problems inside of it point to where it was written.
  bool alias(const Event& event, Node& out) {
    const std::string name(view(event.raw.data.alias.anchor));
    const auto anchor = anchors_.find(name);
    if (anchor == anchors_.end())
      return draft_.fail("BO101", event.mark(), "alias without an anchor before it: " + in_quotes(name));
    if (!anchor->second.complete)
      return draft_.fail("BO102", event.mark(), "an alias stands inside of what it stands for: " + in_quotes(name));
    if (!draft_.take_copy(anchor->second.node, event.mark())) return false;
    out = anchor->second.node;
    out.set_mark(event.mark());
    return true;
  }

  // plain_implicit: unquoted and untagged, or tagged `!`, which means the same here as for the original's loader.
  bool scalar(const Event& event, Node& out) {
    const auto& raw = event.raw.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(raw.value), raw.length);
    if (!draft_.take(text.size(), event.mark())) return false;
    if (raw.plain_implicit != 0)
      out = plain_scalar(text);
    else if (raw.tag == nullptr)
      out = Node(text);
    else if (!tagged_scalar(event, text, out))
      return false;
    out.set_mark(text_mark(event));
    return raw.anchor == nullptr || remember(raw.anchor, out);
  }

  /// Where the text begins: of a block of lines, that is not where the `|` stands but the first line with a character.
  Node::Mark text_mark(const Event& event) const {
    const auto style = event.raw.data.scalar.style;
    Node::Mark mark = event.mark();
    if (style != YAML_LITERAL_SCALAR_STYLE && style != YAML_FOLDED_SCALAR_STYLE) return mark;
    std::string_view rest = text_;
    for (int line = 0; line < mark.line; ++line) rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
    const std::size_t first = rest.find_first_not_of(" \r\n");
    if (first == std::string_view::npos) return mark;
    const std::size_t line = rest.substr(0, first).rfind('\n') + 1;  // npos + 1 is 0.
    return {mark.line + 1 + static_cast<int>(std::ranges::count(rest.substr(0, first), '\n')),
            static_cast<int>(first - line) + 1};
  }

  // A tag decides the type, quoted or not; the text must be of that type when unquoted.
  bool tagged_scalar(const Event& event, std::string_view text, Node& out) {
    const std::string_view tag = view(event.raw.data.scalar.tag);
    const std::string_view core = tag.starts_with(kCoreTag) ? tag.substr(kCoreTag.size()) : std::string_view();
    const Node plain = plain_scalar(text);
    bool fits = true;
    if (core == "str") {
      out = Node(text);
    } else if (core == "int") {
      out = plain;
      fits = plain.type() == Node::Type::integer;
    } else if (core == "float") {
      const auto real = plain.type() == Node::Type::real ? plain.real() : decimal_real(text);
      fits = real.has_value();
      out = Node(real.value_or(0));
    } else if (core == "bool") {
      out = plain;
      fits = plain.type() == Node::Type::boolean;
    } else if (core == "null") {
      out = Node();
    } else {
      return unknown_tag(event.mark(), tag);
    }
    if (!fits) draft_.fail("BO105", event.mark(), fmt::format("the value does not fit its tag !!{}", core));
    if (!out.is_text()) out.set_written(std::string(text));
    return fits;
  }

  bool unknown_tag(Node::Mark mark, std::string_view tag) {
    return draft_.fail("BO105", mark, "unknown tag: " + in_quotes(tag),
                       "only !!str, !!int, !!float, !!bool, !!null, !!seq and !!map are known");
  }

  // A list or a mapping up to its end. `core` is the one tag it may carry besides `!`.
  bool collection(const Event& event, const yaml_char_t* anchor, const yaml_char_t* tag, std::string_view core,
                  Node& out) {
    const std::string_view name = view(tag);
    if (!name.empty() && name != "!" && name != std::string(kCoreTag) + std::string(core))
      return unknown_tag(event.mark(), name);
    if (!draft_.take(0, event.mark()) || !draft_.enter(event.mark())) return false;
    if (anchor != nullptr) anchors_[std::string(view(anchor))] = {};
    if (!(core == "seq" ? list(out) : mapping(out))) return false;
    draft_.leave();
    out.set_mark(event.mark());
    return anchor == nullptr || remember(anchor, out);
  }

  // The first event has been taken, the last one is taken here.
  bool list(Node& out) {
    out = Node::list();
    while (true) {
      Event event;
      if (!next(event)) return false;
      if (event.type() == YAML_SEQUENCE_END_EVENT) return true;
      Node item;
      draft_.push(out.items().size());
      if (!value(event, item)) return false;
      draft_.pop();
      out.push(std::move(item));
    }
  }

  bool mapping(Node& out) {
    MappingDraft draft(draft_);
    while (true) {
      Event event;
      if (!next(event)) return false;
      if (event.type() == YAML_MAPPING_END_EVENT) break;
      if (!entry(event, draft)) return false;
    }
    out = draft.finish();
    return true;
  }

  // Keys are text as written: what YAML reads as a number or a truth value names a setting or a column here.
  bool entry(const Event& event, MappingDraft& draft) {
    Node key;
    const bool merges = is_merge(event);
    if (!value(event, key)) return false;
    if (key.is_list() || key.is_mapping())
      return draft_.fail("BO101", event.mark(), "a key is a list or a mapping", "write the key as text");
    draft_.push(key.written());
    Node value_node;
    if (!value(value_node)) return false;
    const bool good = !merges || merge(value_node, draft);
    draft_.pop();
    if (!merges) draft.add({key.written(), event.mark(), std::move(value_node)});
    return good;
  }

  // Only unquoted; "<<" in quotes is a key like any other. A tag would make plain_implicit false, so `!!str <<` is a
  // key as well.
  static bool is_merge(const Event& event) {
    return event.type() == YAML_SCALAR_EVENT && event.raw.data.scalar.plain_implicit != 0 &&
           view(event.raw.data.scalar.value) == "<<";
  }

  // Of several mappings the earlier ones win.
  bool merge(const Node& value, MappingDraft& draft) {
    if (value.is_mapping()) {
      draft.merge(value);
      return true;
    }
    bool good = value.is_list();
    for (const Node& item : value.items()) {
      good = good && item.is_mapping();
      draft.merge(item);
    }
    return good || draft_.fail("BO101", value.mark(), "<< needs a mapping or a list of mappings");
  }

  // The copy counts like any other, since anchors inside anchors multiply. An anchor of a scalar is complete at once,
  // that of a collection once its end has come.
  bool remember(const yaml_char_t* anchor, const Node& node) {
    if (!draft_.take_copy(node, node.mark())) return false;
    anchors_[std::string(view(anchor))] = {node, true};
    return true;
  }

  // Always false. Texts of libyaml name tokens and grammar only, never a value of the document, so they are safe to
  // show.
  bool syntax_error() {
    if (parser_.error == YAML_READER_ERROR)
      return draft_.fail("BO103", mark_of(parser_.problem_offset), "the configuration contains a control character",
                         "write it as an escape inside double quotes");
    // What is never closed is found at the end of the file; it is its beginning that helps.
    const bool open = parser_.context != nullptr && problem().contains("end of stream");
    const yaml_mark_t& place = open ? parser_.context_mark : parser_.problem_mark;
    const Node::Mark mark{static_cast<int>(place.line) + 1, static_cast<int>(place.column) + 1};
    std::string message = "not valid YAML: ";
    if (parser_.context != nullptr) message += std::string(parser_.context) + ", ";
    message += parser_.problem != nullptr ? problem() : "cannot be read";
    return draft_.fail("BO101", mark, std::move(message), hint_at(parser_.problem_mark.index));
  }

  // What mostly causes the error: libyaml says what it could not read, not why. Matches words of libyaml 0.2.5; a later
  // wording only loses the hint.
  std::string hint_at(std::size_t character) const {
    if (problem().contains("cannot start any token") && byte_of(character) == '\t')
      return "indent with spaces, not tabs";
    if (problem().contains("found a tab")) return "indent with spaces, not tabs";
    if (problem().contains("cannot start any token")) return "put the text in quotes";
    if (problem().contains("mapping values are not allowed"))
      return "check the indentation, or quote a text with a colon";
    if (problem().contains("end of stream")) return "close the quote or bracket that is opened here";
    if (problem().contains("did not find expected ','")) return "close the bracket, or put a comma between the items";
    return "check the indentation, and whether quotes and brackets before it are closed";
  }

  std::string_view problem() const { return parser_.problem == nullptr ? "" : parser_.problem; }

  // The first byte of a character given by its number. From the beginning, since libyaml counts characters; errors are
  // rare enough.
  char byte_of(std::size_t character) const {
    for (const char byte : text_)
      if (!continues_character(byte) && character-- == 0) return byte;
    return '\0';
  }

  // Errors of libyaml's reader know their byte offset only.
  Node::Mark mark_of(std::size_t offset) const {
    Node::Mark mark{1, 1};
    for (const char byte : text_.substr(0, offset)) {
      if (byte == '\n')
        mark = {mark.line + 1, 1};
      else if (!continues_character(byte))
        ++mark.column;
    }
    return mark;
  }

  std::string_view text_;
  Draft draft_;
  bool ready_ = false;
  yaml_parser_t parser_{};
  std::unordered_map<std::string, Anchor> anchors_;
};

}  // namespace

std::optional<Node> load_yaml(std::string_view text, const std::string& file, Problems& problems) {
  return YamlReader(text, file, problems).document();
}

}  // namespace batchout
