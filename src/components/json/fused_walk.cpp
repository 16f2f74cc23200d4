// The walk's frame: what it needs to know of columns, how it begins, ends and takes back, keys that are new to it, and
// the long way from values to cells.

#include "components/json/fused_walk.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "components/json/fixed_time.h"
#include "components/json/scalar.h"
#include "components/json/scan.h"
#include "components/json/tree.h"
#include "data/cast.h"

namespace batchout::json {
namespace {

constexpr std::size_t kComparedKeys = 32;
constexpr std::size_t kInnerMemoriesMax = 256;

bool stores_clock_as_written(const Cast& cast) {
  if (std::endian::native != std::endian::little) return false;
  if (cast.parser == TimeParser::lenient) return true;
  return cast.parser == TimeParser::iso && (cast.zone == nullptr || cast.zone->name() == "UTC");
}

}  // namespace

FusedWalk::FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton, KeyOrder::Way way)
    : compiled_(std::move(compiled)),
      automaton_(std::move(automaton)),
      memories_(automaton_.states.size()),
      children_(compiled_->levels.size()),
      string_size_max_(compiled_->projection.limits.string_size_max),
      number_size_max_(compiled_->projection.limits.number_size_max),
      depth_max_(std::min(compiled_->projection.limits.depth_max, Tree::kDepthMax)),
      order_(way),
      saved_counts_(compiled_->levels.size()),
      saved_failures_(compiled_->columns.size()) {
  const auto& levels = compiled_->projection.levels;
  for (LevelId level = 1; level < levels.size(); ++level) children_[levels[level].parent].push_back(level);
  for (const auto& column : compiled_->projection.columns) {
    const Strategy strategy = column.strategy;
    ColumnPlan plan;
    plan.cast = &column.cast;
    plan.level = column.level;
    plan.takes_last = strategy == Strategy::take_last || strategy == Strategy::take_last_not_null;
    plan.ignores_null = strategy == Strategy::take_first_not_null || strategy == Strategy::take_last_not_null;
    plan.is_text = column.cast.kind == Kind::text && column.cast.nul == NulPolicy::reject;
    plan.is_time = column.cast.kind == Kind::datetime && stores_clock_as_written(column.cast);
    plans_.push_back(plan);
  }
  for (const State& state : automaton_.states) shortcuts_.push_back(shortcut_of(state));
  inner_memories_.emplace_back();
}

FusedWalk::Shortcut FusedWalk::shortcut_of(const State& state) const {
  Shortcut shortcut;
  shortcut.plain_object = state.walks_object && !state.needs_tree && !state.every_member && state.from_object.empty();
  shortcut.any_order = shortcut.plain_object && state.other_member == kSkipped;
  shortcut.plain_list = state.walks_list && state.from_list.empty();
  // All kinds of single values must go to the same column.
  for (const auto* captures : {&state.from_text, &state.from_single, &state.from_plain})
    if (captures->size() != 1 || captures->front().character != Capture::kWhole ||
        captures->front().column != state.from_text.front().column)
      return shortcut;
  shortcut.number = state.from_text.front().column;
  const ColumnPlan& plan = plans_[shortcut.number];
  // Of values that may be taken back more must be known; limits below what is read at once are left to the long way.
  if (plan.takes_last || string_size_max_ < kStep || number_size_max_ < kStep) return shortcut;
  shortcut.takes_null = !plan.ignores_null;
  if (plan.is_text) shortcut.to = Shortcut::To::text;
  if (plan.is_time) shortcut.to = Shortcut::To::time;
  if (plan.cast->kind == Kind::integer) shortcut.to = Shortcut::To::integer;
  if (plan.cast->kind == Kind::real) shortcut.to = Shortcut::To::real;
  if (plan.cast->kind == Kind::boolean) shortcut.to = Shortcut::To::boolean;
  return shortcut;
}

void FusedWalk::bind(Extraction& out) {
  if (columns_ == out.values->columns.data() && levels_ == out.levels.data()) return;
  columns_ = out.values->columns.data();
  levels_ = out.levels.data();
  for (Shortcut& shortcut : shortcuts_) {
    if (plans_.empty()) break;  // Of maps without columns.
    shortcut.column = &columns_[shortcut.number];
    shortcut.count = &levels_[plans_[shortcut.number].level].count;
  }
}

bool FusedWalk::extract(std::string_view document, Extraction& out) {
  depth_ = 0;
  beyond_ascii_ = false;
  bind(out);
  failures_ = out.failures.data();
  keys_.clear();
  save(out);
  ++levels_[kPayloadLevel].count;
  if (order_.is_any()) {
    const bool good = extract_in_any_order(document, out);
    order_.in_any_order(good);
    if (good) return true;
  }
  const At end = document_end(document);
  order_.in_order(document.size());
  if (end == nullptr || (beyond_ascii_ && !is_utf8(document))) {
    restore(out);
    return false;
  }
  close(kPayloadLevel);
  finish(out);
  return true;
}

void FusedWalk::save(const Extraction& out) {
  for (std::size_t level = 0; level < saved_counts_.size(); ++level) saved_counts_[level] = out.levels[level].count;
  for (std::size_t column = 0; column < saved_failures_.size(); ++column)
    saved_failures_[column] = out.failures[column].count;
}

void FusedWalk::restore(Extraction& out) {
  for (LevelId level = 0; level < saved_counts_.size(); ++level) {
    out.levels[level].count = saved_counts_[level];
    const ProjectionLevel& index = compiled_->projection.levels[level];
    if (level != kPayloadLevel) out.levels[level].begin.resize(saved_counts_[index.parent] + 1);
    if (index.keeps_values) out.levels[level].values.truncate(saved_counts_[level]);
  }
  for (std::size_t column = 0; column < saved_failures_.size(); ++column) {
    columns_[column].truncate(saved_counts_[plans_[column].level]);
    failures_[column].count = saved_failures_[column];
    if (failures_[column].count == 0) failures_[column].sample.clear();
  }
}

void FusedWalk::finish(Extraction& out) {
  for (std::size_t column = 0; column < plans_.size(); ++column)
    columns_[column].fill(out.levels[plans_[column].level].count);
}

// Keys with escapes never come here: `is_new_key` leaves them to the tree.
void FusedWalk::open_members(const State& state, std::string_view key) {
  open(state.object_levels);
  for (const LevelId level : state.object_levels)
    if (compiled_->projection.levels[level].keeps_values) levels_[level].values.append_text(Tag::text, key);
}

// ----------------------------------------------------------------------------------------------------------- keys

KnownKey* FusedWalk::find_key(StateId id, KeyMemory& memory, KnownKey* previous, At at) {
  if (*at != '"') return nullptr;
  KnownKey* found = memory.find(at + 1);
  if (found == nullptr) found = learn_key(id, memory, at);
  if (found == nullptr) return other_key_.size > 0 ? &other_key_ : nullptr;
  if (previous != nullptr) {
    previous->next = found;
    order_.surprise();
  }
  return found;
}

KnownKey* FusedWalk::learn_key(StateId id, KeyMemory& memory, At at) {
  KnownKey& known = other_key_ = KnownKey{};
  known.next = &memory.start();
  const At quote = closing_quote_of(at + 1, known.escaped);
  if (quote == nullptr) return nullptr;
  const At colon = skip_blanks(quote + 1);
  const std::string_view key(at + 1, quote);
  // What is remembered must be good for every document.
  if (*colon != ':' || !is_utf8(key) || !resolve_key(id, key)) return nullptr;
  known.key_size = static_cast<std::uint32_t>(key.size());
  known.size = static_cast<std::uint32_t>(skip_blanks(colon + 1) - at);
  if (known.size > KnownKey::kSizeMax || memory.is_tired()) return nullptr;
  known.remember({at, known.size});
  return memory.add(known);
}

bool FusedWalk::resolve_key(StateId id, std::string_view key) {
  if (other_key_.escaped) {
    char* const room = scratch_.room(key.size());
    const std::size_t size = unescape(key, room);
    if (size == kBadEscape) return false;
    key = {room, size};
  }
  if (id == kSkipped) return true;
  const State& state = automaton_.states[id];
  const auto found = std::ranges::find(state.edges, key, &State::Edge::key);
  const bool is_edge = found != state.edges.end();
  other_key_.target = is_edge ? found->target : state.other_member;
  other_key_.bit = is_edge ? std::uint64_t{1} << (found - state.edges.begin()) : 0;
  return true;
}

bool FusedWalk::is_new_key(std::size_t keys_before, const KnownKey& known, At at) {
  const std::string_view key(at + 1, known.key_size);
  if (known.escaped || keys_.size() - keys_before == kComparedKeys) return false;
  for (std::size_t i = keys_before; i < keys_.size(); ++i)
    if (keys_[i] == key) return false;
  keys_.push_back(key);
  return true;
}

std::uint32_t FusedWalk::new_inner_memory() {
  if (inner_memories_.size() == kInnerMemoriesMax) return kCommonMemory;
  inner_memories_.emplace_back();
  return static_cast<std::uint32_t>(inner_memories_.size() - 1);
}

// -------------------------------------------------------------------------------------------------------- the long way

FusedWalk::At FusedWalk::closing_quote_of(At at, bool& escaped) {
  At mark = text_mark(at);
  while (*mark == '\\') {
    escaped = true;
    mark = text_mark(mark + 2);
  }
  return *mark == '"' && static_cast<std::size_t>(mark - at) <= string_size_max_ ? mark : nullptr;
}

FusedWalk::At FusedWalk::text_mark(At at) {
  for (;; at += kStep) {
    const std::uint32_t marks = Bytes(at).text_marks();
    if (marks == 0) continue;
    at += std::countr_zero(marks);
    if (static_cast<signed char>(*at) >= 0) return at;
    beyond_ascii_ = true;
    break;
  }
  for (;; at += kStep)
    if (const std::uint32_t marks = Bytes(at).ascii_text_marks(); marks != 0) return at + std::countr_zero(marks);
}

FusedWalk::At FusedWalk::skip_any_text(At at) {
  bool escaped = false;
  const At quote = closing_quote_of(at + 1, escaped);
  if (quote == nullptr || (escaped && !escapes_are_good({at + 1, quote}))) return nullptr;
  return quote + 1;
}

FusedWalk::At FusedWalk::capture_text(const State& state, At at) {
  bool escaped = false;
  const At quote = closing_quote_of(at + 1, escaped);
  if (quote == nullptr) return nullptr;
  std::string_view text(at + 1, quote);
  if (escaped) {
    char* const room = scratch_.room(text.size() + kStep);
    const std::size_t size = unescape(text, room);
    if (size == kBadEscape) return nullptr;
    text = {room, size};
  }
  for (const Capture& capture : state.from_text) store_text(capture, text);
  return quote + 1;
}

FusedWalk::At FusedWalk::skip_any_number(At at) const {
  const ScannedNumber number = scan_number(at);
  return number.end != nullptr && static_cast<std::size_t>(number.end - at) <= number_size_max_ ? number.end : nullptr;
}

FusedWalk::At FusedWalk::capture_number(const State& state, At at) {
  const ScannedNumber number = scan_number(at);
  if (number.end == nullptr || static_cast<std::size_t>(number.end - at) > number_size_max_) return nullptr;
  const auto& captures = number.integer() ? state.from_single : state.from_plain;
  if (captures.empty()) return number.end;
  const Cell cell = cell_of(number, {at, number.end});
  for (const Capture& capture : captures) store(capture, cell);
  return number.end;
}

void FusedWalk::capture_literal(const State& state, At at) {
  Cell cell;
  cell.tag = *at == 'n' ? Tag::null : Tag::boolean;
  cell.integer = *at == 't' ? 1 : 0;
  for (const Capture& capture : *at == 'n' ? state.from_plain : state.from_single) store(capture, cell);
}

// ---------------------------------------------------------------------------------------------------------- cells

inline bool FusedWalk::wants(ColumnPlan& plan, Column& column, std::uint32_t number, bool null) {
  const std::size_t entry = levels_[plan.level].count - 1;
  // Mostly the cell is the next one of its column, and nothing depends on what it is.
  if (column.size() == entry && !plan.takes_last && !plan.ignores_null) return true;
  return prepare(plan, column, number, entry, null);
}

bool FusedWalk::prepare(ColumnPlan& plan, Column& column, std::uint32_t number, std::size_t entry, bool null) {
  if (null && plan.ignores_null) return false;
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

void FusedWalk::store(const Capture& capture, const Cell& cell) {
  ColumnPlan& plan = plans_[capture.column];
  Column& column = columns_[capture.column];
  if (!wants(plan, column, capture.column, cell.tag == Tag::null)) return;
  append_cast(*plan.cast, cell, column, failures_[capture.column]);
}

void FusedWalk::store_text(const Capture& capture, std::string_view text) {
  if (capture.character != Capture::kWhole) {
    text = character_at(text, capture.character);
    if (text.empty()) return;
  }
  ColumnPlan& plan = plans_[capture.column];
  Column& column = columns_[capture.column];
  if (!wants(plan, column, capture.column, false)) return;
  if (plan.is_text) {
    copy_steps(column.text_room(text.size() + kStep), text.data(), text.size());
    column.commit_text(Tag::text, text.size());
    return;
  }
  if (std::int64_t us = 0; plan.is_time && read_fixed_time(text, us)) {
    column.append_datetime(us);
  } else {
    append_cast(*plan.cast, {Tag::text, 0, 0, text}, column, failures_[capture.column]);
  }
}

}  // namespace batchout::json
