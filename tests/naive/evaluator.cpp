// Paths are evaluated while they are read: a part of one is read anew at every value that it is applied to. At the end,
// maps: entries level by level, as the map says what belongs to what; then the cells of every entry.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <tuple>

#include "naive.h"

namespace batchout::naive {
namespace {

using Type = Value::Type;
using Number = std::optional<std::int64_t>;
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kSlot = "\xFF";  // Where a slot stands in a path, since it is no UTF-8.

Nodes all_of(const std::vector<std::unique_ptr<Value>>& values) {
  Nodes nodes;
  for (const auto& value : values) nodes.push_back(value.get());
  return nodes;
}
// In jsonpath_rw texts have positions, too,
Nodes characters(const Value& text) {
  if (text.type == Type::text && text.characters.empty())
    for (const wchar_t letter : Cursor::wide(text.text))
      text.characters.push_back(std::make_unique<Value>(Type::text, &text, Cursor::narrow(letter)));
  return all_of(text.characters);
}
// and an object, a text, an integer or a boolean counts as a list of itself.
Nodes elements(const Value& node) {
  const Tag tag = cell_of(node).tag;
  if (node.type == Type::list) return all_of(node.items);
  return tag == Tag::null || tag == Tag::real ? Nodes{} : Nodes{&node};
}
Nodes element(const Nodes& list, std::int64_t number) {
  const std::int64_t i = number < 0 ? number + std::ssize(list) : number;
  return i >= 0 && i < std::ssize(list) ? Nodes{list[static_cast<std::size_t>(i)]} : Nodes{};
}
Nodes slice(const Nodes& list, Number from, Number to, std::int64_t stride) {
  const std::int64_t count = std::ssize(list), least = stride < 0 ? -1 : 0;
  const auto bound = [&](Number number, std::int64_t otherwise) {
    return number ? std::clamp(*number < 0 ? *number + count : *number, least, count + least) : otherwise;
  };
  const auto first = bound(from, stride < 0 ? count - 1 : 0), last = bound(to, stride < 0 ? -1 : count);
  Nodes all;
  for (auto i = first; stride < 0 ? i > last : stride > 0 && i < last; i += stride)
    all.push_back(list[static_cast<std::size_t>(i)]);
  return all;
}
Nodes member(const Value& node, const std::string& name) {
  const auto found = std::ranges::find(node.names, name) - node.names.begin();
  return found < std::ssize(node.names) ? element(all_of(node.items), found) : Nodes{};
}
// Sorts like the number: its sign, then exponent and digits as in 0.DIGITS times a power of ten, without zeros around
// them; of a negative number both are turned round. NaN has no place, Infinity is behind all.
std::tuple<int, double, std::string> sort_key(const std::string& number) {
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const int sign = number.starts_with('-') ? -1 : 1;
  if (number.find_first_of("NI") != std::string::npos) return {sign, std::atof(number.c_str()), ""};
  double exponent = std::atof(number.c_str() + std::min(mark + 1, number.size()));
  std::string digits = number.substr(sign < 0 ? 1 : 0, mark - (sign < 0 ? 1 : 0));
  exponent += static_cast<double>(std::min(digits.find('.'), digits.size()));
  std::erase(digits, '.');
  for (; digits.starts_with('0'); --exponent) digits.erase(0, 1);
  while (digits.ends_with('0')) digits.pop_back();
  if (digits.empty()) return {0, 0, ""};
  for (char& c : digits) c = sign > 0 ? c : static_cast<char>('0' + '9' - c);
  return {sign, sign * exponent, sign > 0 ? digits : digits + ':'};
}
// Null is Nothing.
bool is_equal(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  if (a->type != b->type || a->items.size() != b->items.size()) return false;
  if (a->type == Type::number) return sort_key(a->text) == sort_key(b->text);
  for (std::size_t i = 0; i < a->items.size(); ++i) {
    const Nodes other = a->names.empty() ? Nodes{b->items[i].get()} : member(*b, a->names[i]);
    if (other.empty() || !is_equal(a->items[i].get(), other[0])) return false;
  }
  return a->text == b->text;
}
bool is_less(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr || a->type != b->type) return false;
  return a->type == Type::number ? sort_key(a->text) < sort_key(b->text) : a->type == Type::text && a->text < b->text;
}
// Those of random paths mean the same in ECMAScript, which lacks categories and allows more. It does not explode here.
bool matches(const Value* subject, const Value* pattern, bool whole) try {
  const auto letters = [](const Value* value) {
    Cursor::expect(value != nullptr && value->type == Type::text);
    std::wstring text = Cursor::wide(value->text);
    for (wchar_t& letter : text) letter += letter >> 1 == 0x1014 ? 0xF0000 : 0;  // Those that its dot does not take.
    return text;
  };
  const std::wregex regex(letters(pattern), std::wregex::ECMAScript | std::regex_constants::__polynomial);
  return whole ? std::regex_match(letters(subject), regex) : std::regex_search(letters(subject), regex);
} catch (const std::exception&) {
  return false;
}
// A value where a slot stands. Only integers and texts have formats.
std::optional<std::string> written(const Cell& cell, const std::string& format) try {
  const std::string pattern = "{:" + format + "}";
  if (cell.tag == Tag::integer) return fmt::format(fmt::runtime(pattern), cell.integer);
  if (cell.tag == Tag::text) return fmt::format(fmt::runtime(pattern), cell.text);
  if (cell.empty() || cell.tag == Tag::json || !format.empty()) return std::nullopt;
  if (cell.tag == Tag::decimal) return std::string(cell.text);
  const std::string text = cell.tag == Tag::real ? fmt::format("{}", cell.real) : cell.integer != 0 ? "true" : "false";
  return text + (text.find_first_not_of("-0123456789") == std::string::npos ? ".0" : "");
} catch (const fmt::format_error&) {
  return std::nullopt;
}
struct Word {  // A name, a text or a number in a path.
  std::string text;
  bool quoted = false, known = true, filled = false;  // By slots: all of them have texts; one is no integer.
  const Template::Slot* slot = nullptr;               // The last one.
  Number number() const {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const bool digits = text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
    return known && !quoted && digits ? Number(std::atoll(text.c_str())) : std::nullopt;
  }
};
struct Reader : Cursor {
  std::span<const Cell> cells;
  const bool strict;  // RFC 9535.
  std::vector<const Template::Slot*> slots = {};
  std::vector<std::unique_ptr<Value>> values = {};  // Made for conditions.
  bool singular = true;                             // The last query: it can find no more than one node.
  static void add(Nodes& to, const Nodes& more) { to.insert(to.end(), more.begin(), more.end()); }
  static const Value& root(const Value& node) { return node.parent != nullptr ? root(*node.parent) : node; }
  auto closed(auto inside, std::string_view mark) { return expect(next(mark)), inside; }
  Word word() {
    constexpr std::string_view kMarks = " \t\r\n.,:()[]|&$*`?!=<>";
    const std::string_view quote = take("'") ? "'" : take("\"") ? "\"" : "";
    Word word{{}, !quote.empty()};
    while (word.quoted ? !take(quote) : at < text.size() && !kMarks.contains(peek())) {
      expect(at < text.size() && (!strict || static_cast<unsigned char>(peek()) >= 0x20));
      if (take(kSlot)) {
        word.slot = slots[static_cast<std::size_t>(std::ranges::count(text.substr(0, at - 1), kSlot[0]))];
        const Cell& cell = cells[word.slot->level];
        word.filled = word.filled || cell.tag != Tag::integer || !word.slot->format.empty();
        const auto value = written(cell, word.slot->format);
        word.known = word.known && value, word.text += value.value_or("");
      } else {
        const bool escaped = word.quoted && take("\\");
        word.text += escaped && strict ? escape(quote) : std::string(text.substr(at++, 1));
      }
    }
    return word;
  }
  // In RFC 9535 a number is an integer of I-JSON.
  Word bound() {
    const Word read = (next(""), word());
    const std::int64_t number = read.number().value_or(0);
    const bool plain = std::to_string(number) == read.text && number / (std::int64_t{1} << 53) == 0;
    return expect(!strict || read.quoted || read.slot != nullptr || read.text.empty() || plain), read;
  }
  Nodes members(const Value& node) const { return strict || node.type == Type::object ? all_of(node.items) : Nodes{}; }
  // In jsonpath_rw a star, even in quotes, is every member.
  Nodes named(const Value& node, const Word& name) const {
    if (!strict && !name.filled && name.text == "*") return members(node);
    return name.known ? member(node, name.text) : Nodes{};
  }
  Nodes name(const Value& node) {
    if (!strict) next("");
    if (take("*")) return singular = false, members(node);
    const std::size_t start = at;
    const Word name = word();
    expect(!strict || (!name.quoted && at > start && !std::string_view("0123456789").contains(text[start])));
    return named(node, name);
  }
  // What the next part of the path finds at each of the nodes. It is read even if there are none.
  Nodes each(const Nodes& nodes, auto part) {
    const std::size_t start = at;
    Nodes all;
    for (const Value* node : nodes) at = start, add(all, part(*node));
    if (nodes.empty()) part(Value());
    return all;
  }
  Nodes several(Nodes (Reader::*one)(const Value&), const Value& node) {
    Nodes all = (this->*one)(node);
    while (next(",")) add(all, (this->*one)(node)), singular = false;
    return all;
  }
  Nodes brackets(const Value& node) {
    const char first = peek();  // Blanks are not for queries that are values.
    const Nodes found = closed(several(&Reader::selector, node), "]");
    return singular = singular && !kBlanks.contains(first) && !kBlanks.contains(text[at - 2]), found;
  }
  Nodes selector(const Value& node) {
    if (next("*")) return singular = false, strict ? members(node) : elements(node);
    if (strict && next("?")) {
      const Nodes found = each(members(node), [&](const Value& item) { return any(item) ? Nodes{&item} : Nodes{}; });
      return singular = false, found;
    }
    const bool is_list = node.type == Type::list;
    const Word first = bound();
    if (!first.quoted && next(":")) {
      const Word to = bound(), stride = next(":") ? bound() : Word();
      const Nodes list = !strict ? elements(node) : is_list ? members(node) : Nodes{};
      return singular = false, slice(list, first.number(), to.number(), stride.number().value_or(1));
    }
    // The text of a number is a position, in jsonpath_rw, if a slot has filled it in, a name before that.
    const Number number = strict && first.filled ? std::nullopt : first.number();
    expect(!strict || number || first.quoted || first.slot != nullptr);
    Nodes found = !number || first.filled ? named(node, first) : Nodes{};
    const Nodes list = is_list ? all_of(node.items) : strict ? Nodes{} : characters(node);
    return add(found, number ? element(list, *number) : Nodes{}), found;
  }
  static Nodes descendants(const Nodes& nodes) {
    Nodes all;
    for (const Value* node : nodes) all.push_back(node), add(all, descendants(all_of(node->items)));
    return all;
  }
  // From the loosest to the tightest: brackets and `..`, `.`, and, of jsonpath_rw alone, `|`, `where`.
  Nodes steps(Nodes left, const Value& node, int tightness) {
    for (std::size_t before = at;; before = at) {
      if (tightness > 1 && next("..")) return at = before, left;
      if (tightness <= 1 && next("["))
        left = each(left, [&](const Value& value) { return brackets(value); });
      else if (next(".."))
        singular = false, left = each(descendants(left), [&](const Value& value) { return right(value, 2); });
      else if (tightness <= 2 && next("."))
        left = each(left, [&](const Value& value) { return right(value, 3); });
      else if (!strict && tightness <= 3 && next("|"))
        add(left, right(node, 4));
      else if (!strict && tightness <= 5 && next("where"))
        left = each(left, [&](const Value& value) { return right(value, 6).empty() ? Nodes{} : Nodes{&value}; });
      else
        return left;
    }
  }
  Nodes right(const Value& node, int least) {
    if (strict) return least == 2 && take("[") ? brackets(node) : name(node);
    return steps(atom(node), node, least);
  }
  Nodes atom(const Value& node) {
    if (next("(")) return closed(steps(atom(node), node, 1), ")");
    if (next("[")) return brackets(node);
    if (next("$")) return {&root(node)};
    if (next("`parent`")) return node.parent != nullptr ? Nodes{node.parent} : Nodes{};
    return next("`this`") ? Nodes{&node} : several(&Reader::name, node);
  }
  // All of a condition is read, even if its first part decides.
  bool any(const Value& node) {
    const bool holds = every(node);
    return next("||") ? any(node) || holds : holds;
  }
  bool every(const Value& node) {
    const bool holds = basic(node);
    return next("&&") ? every(node) && holds : holds;
  }
  bool basic(const Value& node) {
    const bool negated = next("!"), is_match = next("match("), is_search = next("search(");
    if (is_match || is_search) {
      const Value* const subject = closed(value(node), ",");
      return closed(matches(subject, value(node), is_match), ")") != negated;
    }
    if (next("(")) return closed(any(node), ")") != negated;
    const std::size_t start = at;
    if (next("@") || next("$")) {
      at = start;
      const bool found = !query(node).empty();
      if (next(""), negated || !std::string_view("=!<>").contains(peek())) return found != negated;
      at = start;
    }
    const Value* const left = value(node);
    const std::string mark = (expect(!negated), next(""), run("=!<>"));
    const Value* const right = value(node);
    if (mark == "==" || mark == "!=") return is_equal(left, right) == (mark == "==");
    expect(mark == "<" || mark == "<=" || mark == ">" || mark == ">=");
    return (mark.size() == 2 && is_equal(left, right)) ||
           (mark[0] == '<' ? is_less(left, right) : is_less(right, left));
  }
  Nodes query(const Value& node) {
    singular = true;
    return next("@") ? steps({&node}, node, 1) : (expect(next("$")), steps({&root(node)}, node, 1));
  }
  const Value* value(const Value& node) {
    const auto only = [](const Nodes& nodes) { return nodes.size() == 1 ? nodes[0] : nullptr; };
    const auto size = [this](std::size_t number) { return made(Type::number, std::to_string(number)); };
    next("");
    if (take("count(")) return size(closed(query(node), ")").size());
    if (take("value(")) return only(closed(query(node), ")"));
    if (take("length(")) {
      const Value* const of = closed(value(node), ")");
      if (of == nullptr || of->type < Type::text) return nullptr;
      return size(of->type == Type::text ? wide(of->text).size() : of->items.size());
    }
    if (std::string_view("@$").contains(peek())) {
      const Nodes found = query(node);
      return expect(singular), only(found);
    }
    if (std::string_view("'\"\xFF").contains(peek())) return value_of(word());
    const auto literal = naive::read(run("aeflnrstuE0123456789+-."));
    return expect(literal != nullptr), made(literal->type, literal->text);
  }
  // A slot without a format has a type. A list or an object is equal only to itself: no other has a text.
  const Value* value_of(const Word& word) {
    const Cell* const cell = word.quoted || !word.slot->format.empty() ? nullptr : &cells[word.slot->level];
    if (cell == nullptr || cell->tag == Tag::text) return word.known ? made(Type::text, word.text) : nullptr;
    const Type scalar = cell->tag == Tag::null ? Type::null : cell->tag == Tag::boolean ? Type::boolean : Type::number;
    return made(cell->tag == Tag::json ? Type::list : scalar, cell->text.empty() ? word.text : std::string(cell->text));
  }
  const Value* made(Type type, const std::string& written) {
    return values.emplace_back(std::make_unique<Value>(type, nullptr, written)).get();
  }
};
// What the strategy picks: one, none, or all.
Nodes picked(Nodes found, Strategy strategy) {
  const bool last = strategy == Strategy::take_last || strategy == Strategy::take_last_not_null;
  if (strategy == Strategy::take_first_not_null || strategy == Strategy::take_last_not_null)
    std::erase_if(found, [](const Value* value) { return value->type == Type::null; });
  return strategy == Strategy::take_all || found.empty() ? found : Nodes{last ? found.back() : found.front()};
}
// What stands in a slot for each element of what an index has found.
std::vector<Cell> values_of(const ProjectionLevel& index, const Nodes& found) {
  const bool whole = index.strategy == Strategy::take_all, wants_list = index.kind != IndexKind::for_object;
  std::vector<Cell> values;
  for (const Value* value : found) {
    if (whole && wants_list) values.push_back(cell_of(*value));
    for (const auto& item : value->items)
      if (!whole && wants_list && value->type == Type::list) values.push_back(cell_of(*item));
    for (const auto& name : value->names)
      if (!whole && (!wants_list || index.counts_objects)) values.push_back({Tag::text, 0, 0, name});
  }
  for (std::size_t i = 0; i < values.size() && index.kind == IndexKind::for_list; ++i)
    values[i] = {Tag::integer, static_cast<std::int64_t>(i), 0, {}};
  return values;
}
// A value as an element of a list that take_all makes.
std::string json_of(const Value& value) {
  const bool special = value.type == Type::number && value.source.find_first_of("NI") != std::string_view::npos;
  if (!value.source.empty()) return special ? "null" : std::string(value.source);
  if (static_cast<unsigned char>(value.text[0]) < 0x20) return fmt::format("\"\\u{:04x}\"", value.text[0]);
  return (value.text == "\"" || value.text == "\\" ? "\"\\" : "\"") + value.text + '"';
}
struct NaiveProgram final : Program {
  const Projection projection;
  const bool rfc9535, lenient;
  NaiveProgram(const Projection& map, bool strict, bool more) : projection(map), rfc9535(strict), lenient(more) {}
  void run(const Payloads& payloads, Extraction& out) override {
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      const auto& entry = payloads.entry(payload);
      if (entry.state == Payloads::State::broken) continue;
      const auto document = read(payloads.bytes(payload), projection.limits, lenient);
      if (document == nullptr || entry.state != Payloads::State::usable)
        out.rejects.emplace_back().position = entry.position;
      else
        extract(*document, out), out.payloads.push_back(static_cast<std::uint32_t>(payload)),
            out.values->units.push_back(entry.unit), out.values->positions.push_back(entry.position);
    }
  }
  void extract(const Value& document, Extraction& out) const {
    std::vector<std::vector<std::vector<Cell>>> entries(projection.levels.size());
    entries[kPayloadLevel].emplace_back(entries.size());
    ++out.levels[kPayloadLevel].count;
    for (LevelId level = 1; level < entries.size(); ++level) {
      const ProjectionLevel& index = projection.levels[level];
      for (const std::vector<Cell>& around : entries[index.parent]) {
        for (const Cell& value : values_of(index, found(document, index, around))) {
          entries[level].emplace_back(around)[level] = value;
          if (index.keeps_values) out.levels[level].values.append(value);
          ++out.levels[level].count;
        }
        out.levels[level].begin.push_back(out.levels[level].count);
      }
    }
    for (std::size_t i = 0; i < projection.columns.size(); ++i)
      for (const std::vector<Cell>& slots : entries[projection.columns[i].level]) {
        const ProjectionColumn& column = projection.columns[i];
        const Nodes values = found(document, column, slots);
        std::string list;
        for (const Value* value : values) list += (list.empty() ? "[" : ",") + json_of(*value);
        Cell cell = values.empty() ? Cell{} : cell_of(*values[0]);
        if (column.strategy == Strategy::take_all && !values.empty()) cell = {Tag::json, 0, 0, list += "]"};
        append_cast(column.cast, cell, out.values->columns[i], out.failures[i]);
      }
  }
  Nodes found(const Value& document, const auto& part, const std::vector<Cell>& slots) const {  // By index or column.
    return picked(find(part.path, slots, rfc9535, document).value(), part.strategy);
  }
};

}  // namespace

std::optional<Nodes> find(const Template& path, std::span<const Cell> slots, bool rfc9535, const Value& document) try {
  std::string text;
  std::vector<const Template::Slot*> places;
  for (const auto& piece : path.pieces) {
    const auto* const slot = std::get_if<Template::Slot>(&piece);
    if (slot != nullptr) places.push_back(slot);
    text += slot != nullptr ? kSlot : std::get<std::string>(piece);
  }
  Reader reader{{text}, slots, rfc9535, places};
  const Nodes start = !rfc9535 ? reader.atom(document) : reader.take("$") ? Nodes{&document} : reader.name(document);
  const Nodes found = reader.steps(start, document, 1);
  return (rfc9535 || reader.next("")) && reader.at == text.size() ? std::optional(found) : std::nullopt;
} catch (const std::exception&) {
  return std::nullopt;
}

std::unique_ptr<Program> program_of(const Projection& projection, bool rfc9535, bool lenient) {
  return std::make_unique<NaiveProgram>(projection, rfc9535, lenient);
}

}  // namespace batchout::naive
