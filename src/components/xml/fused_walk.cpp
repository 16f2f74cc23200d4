// The walk: one function a kind of markup. The open elements are a stack of our own, so that nothing recurses.

#include "components/xml/fused_walk.h"

#include <libxml/uri.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "components/xml/markup.h"
#include "components/xml/references.h"
#include "data/cast.h"

namespace batchout::xml {
namespace {

// Remembered at a time.
constexpr std::size_t kGoodUrisMax = 64;
// Bytes copied at a time; arenas and columns have that much to spare.
constexpr std::size_t kCopySize = 32;

// May read and write up to kCopySize bytes more than `size`. A copy of fixed size needs no call for the short texts
// that most values are.
void copy_text(char* to, const char* from, std::size_t size) {
  std::memcpy(to, from, kCopySize);
  for (std::size_t at = kCopySize; at < size; at += kCopySize) std::memcpy(to + at, from + at, kCopySize);
}

// Where the colon of a name with a prefix is; 0: none. False unless each part begins like a name, with one colon at
// most.
bool split(std::string_view name, std::size_t& colon) {
  colon = name.find(':');
  if (colon == std::string_view::npos) {
    colon = 0;
    return true;
  }
  const std::string_view local = name.substr(colon + 1);
  return colon > 0 && !local.empty() && is(local.front(), kNameStart) && !local.contains(':');
}

// xml:id is left to the tree: libxml2 checks its value and notes it.
bool is_plain_xml_attribute(std::string_view local) {
  return local == "lang" || local == "space" || local == "base";
}

}  // namespace

// Everything that depends on the paths alone is prepared here.
FusedWalk::FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton)
    : compiled_(std::move(compiled)),
      automaton_(std::move(automaton)),
      level_plans_(compiled_->levels.size()),
      string_size_max_(compiled_->projection.limits.string_size_max),
      saved_counts_(compiled_->levels.size()),
      saved_failures_(compiled_->columns.size()) {
  const auto& levels = compiled_->projection.levels;
  for (LevelId level = 1; level < levels.size(); ++level) level_plans_[levels[level].parent].children.push_back(level);
  for (const auto& paths : {&compiled_->levels, &compiled_->columns})
    for (const Anchored& path : *paths)
      if (path.base != kPayloadLevel && !path.always) level_plans_[path.base].one_parent = true;
  for (const auto& column : compiled_->projection.columns) {
    ColumnPlan plan;
    plan.cast = &column.cast;
    plan.level = column.level;
    plan.takes_last = column.strategy == Strategy::take_last || column.strategy == Strategy::take_last_not_null;
    plan.is_text = column.cast.kind == Kind::text;
    plans_.push_back(plan);
  }
}

// Control characters are a mistake, which the tree puts into words.
bool FusedWalk::extract(std::string_view text, const Scanned& scanned, Extraction& out) {
  if (scanned.has_controls || text.empty()) return false;
  end_ = text.data() + text.size();
  has_carriage_returns_ = scanned.has_carriage_returns;
  depth_ = 0;
  elements_ = 0;
  open_values_ = 0;
  run_size_ = 0;
  run_pending_ = false;
  scopes_.clear();
  run_.clear();
  values_.clear();
  columns_ = out.values->columns.data();
  levels_ = out.levels.data();
  failures_ = out.failures.data();
  save(out);
  ++levels_[kPayloadLevel].count;
  for (const LevelId child : level_plans_[kPayloadLevel].children) level_plans_[child].container = 0;
  if (!walk_document(text.data())) {
    restore(out);
    return false;
  }
  close_level(kPayloadLevel);
  for (std::size_t column = 0; column < plans_.size(); ++column)
    columns_[column].fill(out.levels[plans_[column].level].count);
  return true;
}

// What `restore` needs to take a document back: sizes, since everything is only appended.
void FusedWalk::save(const Extraction& out) {
  for (std::size_t level = 0; level < saved_counts_.size(); ++level) saved_counts_[level] = out.levels[level].count;
  for (std::size_t column = 0; column < saved_failures_.size(); ++column)
    saved_failures_[column] = out.failures[column].count;
}

// Values of texts are forgotten with their cells.
void FusedWalk::restore(Extraction& out) {
  for (LevelId level = 0; level < saved_counts_.size(); ++level) {
    out.levels[level].count = saved_counts_[level];
    const ProjectionLevel& index = compiled_->projection.levels[level];
    if (level != kPayloadLevel) out.levels[level].begin.resize(saved_counts_[index.parent] + 1);
  }
  for (std::size_t column = 0; column < saved_failures_.size(); ++column) {
    columns_[column].truncate(saved_counts_[plans_[column].level]);
    failures_[column].count = saved_failures_[column];
    if (failures_[column].count == 0) failures_[column].sample.clear();
  }
}

// ------------------------------------------------------------------------------------------------------- document

bool FusedWalk::walk_document(At at) {
  at = behind_prolog(at, end_);
  if (at == nullptr || at >= end_) return false;
  at = start_tag(at + 1);
  if (at != nullptr && depth_ > 0) at = content(at);
  if (at == nullptr || at > end_) return false;
  return behind_outer_markup(at, end_) == end_;
}

// Up to behind the end tag of the root element.
FusedWalk::At FusedWalk::content(At at) {
  while (depth_ > 0) {
    const Run run = find_markup(at, end_);
    if (run.end == end_) return nullptr;
    if (run.end != at && !characters({at, run.end}, run)) return nullptr;
    at = markup(run.end + 1);
    if (at == nullptr) return nullptr;
  }
  return at;
}

// What is behind a `<` inside of an element.
FusedWalk::At FusedWalk::markup(At at) {
  if (*at == '!' && at[1] == '[') return section(at);
  run_size_ = 0;
  if (run_pending_ && !flush()) return nullptr;
  switch (*at) {
    case '/':
      return end_tag(at + 1);
    case '!':
      return behind_comment(at + 1, end_);
    case '?':
      return behind_instruction(at + 1, end_);
    default:
      return start_tag(at);
  }
}

// `at` is at the exclamation mark. Text and sections beside each other make one text node, as XML_PARSE_NOCDATA has it
// in the tree.
FusedWalk::At FusedWalk::section(At at) {
  constexpr std::string_view kOpening = "![CDATA[";
  const std::string_view rest(at, end_);
  if (!rest.starts_with(kOpening)) return nullptr;
  const std::size_t close = rest.find("]]>", kOpening.size());
  // An empty one makes an empty text node.
  if (close == std::string_view::npos || close == kOpening.size()) return nullptr;
  const std::string_view inside = rest.substr(kOpening.size(), close - kOpening.size());
  run_size_ += inside.size();
  if (run_size_ > kRunMax) return nullptr;
  if (frames_[depth_ - 1].takes_text) {
    append_lines(inside, run_);
    run_pending_ = true;
  }
  return at + close + 3;
}

// ----------------------------------------------------------------------------------------------------------- tags

// Names without a colon under no declaration, nearly all of them, skip the work on namespaces.
FusedWalk::At FusedWalk::start_tag(At at) {
  if (!is(*at, kNameStart)) return nullptr;
  const At after = name_end(at);
  const std::string_view name(at, after);
  any_prefix_ = !scopes_.empty();
  attribute_count_ = 0;
  bool empty = false;
  At end = after;
  if (*end == '>') {
    ++end;
  } else {
    end = attributes(after, empty);
    if (end == nullptr) return nullptr;
  }
  if (end > end_ || name.size() > kNameMax || depth_ == kDepthMax) return nullptr;
  if (attribute_count_ > 1 && has_duplicates()) return nullptr;
  const std::size_t scopes = scopes_.size();
  std::size_t colon = 0;
  SpaceId space = kNoSpace;
  if (!split(name, colon)) return nullptr;
  if (any_prefix_ || colon > 0) {
    if (!declare_spaces() || !resolve_attributes() || !find_space(name.substr(0, colon), space)) return nullptr;
  }
  if (!open_element(state_of(name.substr(colon > 0 ? colon + 1 : 0), space), name, scopes)) return nullptr;
  if (empty && !close_element()) return nullptr;
  return end;
}

// From behind the element's name to behind the tag; `empty` tells whether it ends with />.
FusedWalk::At FusedWalk::attributes(At at, bool& empty) {
  for (;;) {
    if (*at == '>') return at + 1;
    if (*at == '/') {
      empty = true;
      return at[1] == '>' ? at + 2 : nullptr;
    }
    const At next = skip_blanks(at);
    if (next == at || next >= end_) return nullptr;
    at = next;
    if (*at == '>' || *at == '/') continue;
    if (attribute_count_ == kAttributesMax) return nullptr;
    at = attribute(at);
    if (at == nullptr) return nullptr;
  }
}

// Fills the next of `attributes_`; its texts are borrowed from the document.
FusedWalk::At FusedWalk::attribute(At at) {
  if (!is(*at, kNameStart)) return nullptr;
  Attribute& found = attributes_[attribute_count_++];
  found.name = at;
  at = name_end(at);
  found.name_size = static_cast<std::uint32_t>(at - found.name);
  std::size_t colon = 0;
  if (found.name_size > kNameMax || !split(found.full_name(), colon)) return nullptr;
  found.prefix_size = static_cast<std::uint32_t>(colon > 0 ? colon + 1 : 0);
  found.space = kNoSpace;
  any_prefix_ |= colon > 0 || found.full_name() == "xmlns";
  if (*at != '=') {
    at = skip_blanks(at);
    if (*at != '=') return nullptr;
  }
  ++at;
  if (*at != '"' && *at != '\'') {
    at = skip_blanks(at);
    if (*at != '"' && *at != '\'') return nullptr;
  }
  const char quote = *at++;
  if (at >= end_) return nullptr;
  const Quoted value = find_quote(at, quote, end_);
  if (value.end == nullptr) return nullptr;
  found.value = at;
  found.value_size = static_cast<std::size_t>(value.end - at);
  found.special = value.special;
  return found.value_size > kRunMax ? nullptr : value.end + 1;
}

// Compares the name with that of the start tag, prefix included, so no name is looked up.
FusedWalk::At FusedWalk::end_tag(At at) {
  const Frame& frame = frames_[depth_ - 1];
  if (static_cast<std::size_t>(end_ - at) <= frame.name_size) return nullptr;
  if (std::memcmp(at, frame.name, frame.name_size) != 0) return nullptr;
  at += frame.name_size;
  if (*at != '>') {
    at = skip_blanks(at);
    if (*at != '>' || at >= end_) return nullptr;
  }
  return close_element() ? at + 1 : nullptr;
}

// ----------------------------------------------------------------------------------------------------- namespaces

// Two attributes of one local name are taken for duplicates: they may be, by different prefixes for one namespace.
// Quadratic, but at most kAttributesMax.
bool FusedWalk::has_duplicates() const {
  for (std::size_t i = 1; i < attribute_count_; ++i) {
    const std::string_view name = attributes_[i].local_name();
    for (std::size_t j = 0; j < i; ++j)
      if (attributes_[j].local_name() == name) return true;
  }
  return false;
}

// All declarations of a tag come before its names are resolved: they hold for the tag itself, too.
bool FusedWalk::declare_spaces() {
  for (std::size_t i = 0; i < attribute_count_; ++i) {
    const Attribute& attribute = attributes_[i];
    if (attribute.full_name().starts_with("xmlns") && !declare(attribute)) return false;
  }
  return true;
}

// A prefix cannot be undeclared in XML 1.0, only the default can.
bool FusedWalk::declare(const Attribute& attribute) {
  const std::string_view uri = attribute.raw_value();
  const bool is_default = attribute.full_name() == "xmlns";
  if (!is_default && attribute.full_name().substr(0, attribute.prefix_size) != "xmlns:") return true;  // xmlnsomething
  const std::string_view prefix = is_default ? "" : attribute.local_name();
  if (prefix == "xml" || prefix == "xmlns" || attribute.special) return false;
  if (uri.empty()) {
    if (!is_default) return false;
    scopes_.push_back({prefix, kNoSpace});
    return true;
  }
  if (uri == kXmlNamespace || uri == "http://www.w3.org/2000/xmlns/" || !is_good_uri(uri)) return false;
  const auto known = std::ranges::find(automaton_.spaces, uri);
  scopes_.push_back({prefix, known == automaton_.spaces.end()
                                 ? kOtherSpace
                                 : static_cast<SpaceId>(known - automaton_.spaces.begin())});
  return true;
}

// An attribute without a prefix is in no namespace, whatever the default is.
bool FusedWalk::resolve_attributes() {
  for (std::size_t i = 0; i < attribute_count_; ++i) {
    Attribute& attribute = attributes_[i];
    const std::string_view name = attribute.full_name();
    if (name == "xmlns" || name.starts_with("xmlns:")) {
      attribute.space = kOtherSpace;  // A declaration is no attribute.
    } else if (attribute.prefix_size > 0) {
      if (!find_space(name.substr(0, attribute.prefix_size - 1), attribute.space)) return false;
      if (attribute.space == kXmlSpace && !is_plain_xml_attribute(attribute.local_name())) return false;
    }
  }
  return true;
}

// The innermost declaration counts. False for a prefix that nobody has declared.
bool FusedWalk::find_space(std::string_view prefix, SpaceId& space) const {
  if (prefix == "xml") {
    space = kXmlSpace;
    return true;
  }
  for (std::size_t i = scopes_.size(); i-- > 0;)
    if (scopes_[i].prefix == prefix) {
      space = scopes_[i].space;
      return true;
    }
  space = kNoSpace;
  return prefix.empty();
}

// libxml2 complains about others, so it is asked; documents repeat the same few.
bool FusedWalk::is_good_uri(std::string_view uri) {
  if (std::ranges::find(good_uris_, uri) != good_uris_.end()) return true;
  xmlURI* const parsed = xmlParseURI(std::string(uri).c_str());
  if (parsed == nullptr) return false;
  xmlFreeURI(parsed);
  if (good_uris_.size() == kGoodUrisMax) good_uris_.clear();
  good_uris_.emplace_back(uri);
  return true;
}

// ------------------------------------------------------------------------------------------------------- elements

// Of a child of the innermost open element.
StateId FusedWalk::state_of(std::string_view name, SpaceId space) const {
  const StateId parent = depth_ == 0 ? 0 : frames_[depth_ - 1].state;
  if (parent == kSkipped) return kSkipped;
  const State& state = automaton_.states[parent];
  for (const State::Edge& edge : state.edges)
    if (edge.name == name && edge.space == space) return edge.target;
  return state.other;
}

// Attributes are checked also where nothing of them is wanted: a bad reference in them makes the document malformed.
bool FusedWalk::open_element(StateId id, std::string_view name, std::size_t scopes) {
  Frame& frame = frames_[depth_];
  frame.name = name.data();
  frame.name_size = name.size();
  frame.state = id;
  frame.number = ++elements_;
  frame.scopes = scopes;
  if (id == kSkipped) {
    ++depth_;
    frame.takes_text = open_values_ > 0;
    for (std::size_t i = 0; i < attribute_count_; ++i) {
      std::string_view value = attributes_[i].raw_value();
      if (attributes_[i].special && !meaning_of(value, true)) return false;
    }
    return true;
  }
  const State& state = automaton_.states[id];
  if (!state.levels.empty() && !open_levels(state)) return false;
  ++depth_;
  if (!state.values.empty()) {
    ++open_values_;
    frame.value_start = values_.size();
  }
  frame.takes_text = open_values_ > 0 || !state.texts.empty();
  return attribute_count_ == 0 || store_attributes(state);
}

// False if entries that count through one parent turn out to have several: then the paths mean something else, and the
// tree decides. Containers of inner levels begin anew with each entry.
bool FusedWalk::open_levels(const State& state) {
  const std::uint32_t parent = depth_ == 0 ? 0 : frames_[depth_ - 1].number;
  for (const LevelId level : state.levels) {
    LevelPlan& plan = level_plans_[level];
    if (plan.one_parent && plan.container != 0 && plan.container != parent + 1) return false;
    plan.container = parent + 1;
    ++levels_[level].count;
    for (const LevelId child : plan.children) level_plans_[child].container = 0;
  }
  return true;
}

// At most one wanted attribute has the name, but several columns may want it.
bool FusedWalk::store_attributes(const State& state) {
  for (std::size_t i = 0; i < attribute_count_; ++i) {
    const Attribute& attribute = attributes_[i];
    std::string_view value = attribute.raw_value();
    if (attribute.special && !meaning_of(value, true)) return false;
    for (const State::Attribute& wanted : state.attributes) {
      if (wanted.name != attribute.local_name() || wanted.space != attribute.space) continue;
      for (const std::uint32_t column : wanted.columns)
        if (!store(column, value)) return false;
      break;
    }
  }
  return true;
}

// Values that hold the text of a whole element are stored here, when all of it is known.
bool FusedWalk::close_element() {
  const Frame& frame = frames_[--depth_];
  scopes_.resize(frame.scopes);
  if (frame.state == kSkipped) return true;
  const State& state = automaton_.states[frame.state];
  if (!state.values.empty()) {
    const std::string_view value(values_.data() + frame.value_start, values_.size() - frame.value_start);
    for (const std::uint32_t column : state.values)
      if (!store(column, value)) return false;
    if (--open_values_ == 0) values_.clear();
  }
  for (const LevelId level : state.levels) close_level(level);
  return true;
}

// Once per entry, also for those without children: `begin` needs an element for each.
void FusedWalk::close_level(LevelId level) {
  for (const LevelId child : level_plans_[level].children) levels_[child].begin.push_back(levels_[child].count);
}

// ---------------------------------------------------------------------------------------------------------- texts

// Plain text goes into its cell without a copy in between; only what is cut into pieces by sections is collected.
bool FusedWalk::characters(std::string_view raw, const Run& run) {
  if (run.brackets && raw.contains("]]>")) return false;
  run_size_ += raw.size();
  if (run_size_ > kRunMax) return false;
  const bool takes = frames_[depth_ - 1].takes_text;
  const bool plain = !run.references && !(has_carriage_returns_ && takes && raw.contains('\r'));
  if (!takes) return plain || meaning_of(raw, false);
  const bool goes_on = run.end[1] == '!' && run.end[2] == '[';
  if (run_pending_ || goes_on) {
    run_pending_ = true;
    return append_meaning(raw, false, run_);
  }
  if (!plain && !meaning_of(raw, false)) return false;
  return text_node(raw);
}

// Ends the text node that `run_` holds.
bool FusedWalk::flush() {
  run_pending_ = false;
  const bool good = text_node({run_.data(), run_.size()});
  run_.clear();
  return good;
}

// Each text node is a match of its own for text(); the strategies choose among them in `wants`.
bool FusedWalk::text_node(std::string_view text) {
  const StateId id = frames_[depth_ - 1].state;
  if (id != kSkipped)
    for (const std::uint32_t column : automaton_.states[id].texts)
      if (!store(column, text)) return false;
  if (open_values_ > 0) {
    std::memcpy(values_.room(text.size()), text.data(), text.size());
    values_.advance(text.size());
  }
  return true;
}

bool FusedWalk::meaning_of(std::string_view& raw, bool in_attribute) {
  decoded_.clear();
  if (!append_meaning(raw, in_attribute, decoded_)) return false;
  decoded_.room(kCopySize);
  raw = {decoded_.data(), decoded_.size()};
  return true;
}

// Whether a further match for the entry at hand becomes its cell. Entries before it without a match get absent cells; a
// match that is replaced takes its cast failure with it.
bool FusedWalk::wants(ColumnPlan& plan, Column& column, std::uint32_t number) {
  const std::size_t entry = levels_[plan.level].count - 1;
  if (column.size() > entry) {
    if (!plan.takes_last) return false;
    column.truncate(entry);
    failures_[number].count = plan.failures_before;
    if (plan.failures_before == 0) failures_[number].sample.clear();
  }
  column.fill(entry);
  if (plan.takes_last) plan.failures_before = failures_[number].count;
  return true;
}

// Only a text inside the document has readable bytes behind it for the copy of fixed size.
bool FusedWalk::store(std::uint32_t number, std::string_view text) {
  if (text.size() > string_size_max_) return false;
  ColumnPlan& plan = plans_[number];
  Column& column = columns_[number];
  if (!wants(plan, column, number)) return true;
  if (plan.is_text) {
    char* const room = column.text_room(text.size() + kCopySize);
    if (text.size() <= kCopySize && text.data() < end_ && text.data() >= frames_[0].name)
      copy_text(room, text.data(), text.size());
    else if (!text.empty())
      std::memcpy(room, text.data(), text.size());
    column.commit_text(Tag::text, text.size());
  } else {
    append_cast(*plan.cast, {Tag::text, 0, 0, text}, column, failures_[number]);
  }
  return true;
}

}  // namespace batchout::xml
