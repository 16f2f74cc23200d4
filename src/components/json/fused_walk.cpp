// The walk: one function a kind of value, for values that are wanted and for those that are only checked.

#include "components/json/fused_walk.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "components/json/fixed_time.h"
#include "components/json/scalar.h"
#include "components/json/tree.h"
#include "data/cast.h"

namespace batchout::json {
namespace {

constexpr std::size_t kCopySize = 32;  // Bytes copied at a time; arenas and columns have that much to spare.
constexpr std::size_t kComparedKeys = 32;

std::uint64_t load_word(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// May read and write up to kCopySize bytes more than `size`.
void copy_text(char* to, const char* from, std::size_t size) {
  std::memcpy(to, from, kCopySize);
  for (std::size_t at = kCopySize; at < size; at += kCopySize) std::memcpy(to + at, from + at, kCopySize);
}

bool stores_clock_as_written(const Cast& cast) {
  if (std::endian::native != std::endian::little) return false;
  if (cast.parser == TimeParser::lenient) return true;
  return cast.parser == TimeParser::iso && (cast.zone == nullptr || cast.zone->name() == "UTC");
}

}  // namespace

inline bool FusedWalk::Remembered::is(const char* key) const {
  std::uint64_t differs = (load_word(key) ^ words[0]) & masks[0];
  for (std::size_t i = 1; i < count; ++i) differs |= (load_word(key + 8 * i) ^ words[i]) & masks[i];
  return differs == 0;
}

void FusedWalk::Remembered::set(std::string_view key) {
  forget();
  std::array<char, kWords * 8> bytes{};
  std::array<char, kWords * 8> mask{};
  if (key.size() + 1 > bytes.size()) return;
  key.copy(bytes.data(), key.size());
  bytes[key.size()] = '"';
  std::fill_n(mask.begin(), key.size() + 1, '\xFF');
  count = static_cast<std::uint32_t>(key.size() / 8 + 1);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  std::memcpy(masks.data(), mask.data(), mask.size());
}

void FusedWalk::Remembered::forget() {
  *this = Remembered{};
}

FusedWalk::FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton)
    : compiled_(std::move(compiled)),
      automaton_(std::move(automaton)),
      memories_(automaton_.states.size()),
      children_(compiled_->levels.size()),
      string_size_max_(compiled_->projection.limits.string_size_max),
      number_size_max_(compiled_->projection.limits.number_size_max),
      depth_max_(std::min(compiled_->projection.limits.depth_max, Tree::kDepthMax)),
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
    plan.is_text = column.cast.kind == Kind::text;
    plan.is_time = column.cast.kind == Kind::datetime && stores_clock_as_written(column.cast);
    plans_.push_back(plan);
  }
}

bool FusedWalk::extract(std::string_view document, Tokens& tokens, bool escapes, Extraction& out) {
  base_ = tokens.base;
  depth_ = 0;
  looks_into_texts_ = escapes || document.size() > string_size_max_;
  columns_ = out.values->columns.data();
  levels_ = out.levels.data();
  failures_ = out.failures.data();
  keys_.clear();
  save(out);
  ++levels_[kPayloadLevel].count;
  const At end = document_end(document, tokens.at);
  if (end == nullptr) {
    restore(out);
    return false;
  }
  tokens.at = end;
  close(kPayloadLevel);
  finish(out);
  return true;
}

FusedWalk::At FusedWalk::document_end(std::string_view document, At at) {
  const char* const end = document.data() + document.size();
  if (base_ + *at >= end) return nullptr;
  at = value(0, at);
  return at != nullptr && base_ + *at >= end ? at : nullptr;
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

void FusedWalk::open(const std::vector<LevelId>& levels) {
  for (const LevelId level : levels) ++levels_[level].count;
}

// Keys with escapes never come here: `is_new_key` leaves them to the tree.
void FusedWalk::open_members(const State& state, At key) {
  open(state.object_levels);
  for (const LevelId level : state.object_levels)
    if (compiled_->projection.levels[level].keeps_values) levels_[level].values.append_text(Tag::text, text_at(key));
}

void FusedWalk::close(const std::vector<LevelId>& levels) {
  for (const LevelId level : levels) close(level);
}

void FusedWalk::close(LevelId level) {
  for (const LevelId child : children_[level]) levels_[child].begin.push_back(levels_[child].count);
}

inline std::string_view FusedWalk::text_at(At at) const {
  return {base_ + *at + 1, closing_quote(base_ + at[1])};
}

// ------------------------------------------------------------------------------------------------- wanted values

FusedWalk::At FusedWalk::value(StateId id, At at) {
  const State& state = automaton_.states[id];
  switch (peek(at)) {
    case '"':
      return walk_text(state, at);
    case '{':
    case '[':
      return walk_container(id, at);
    case 't':
    case 'f':
    case 'n':
      return walk_literal(state, at);
    default:
      return walk_number(state, at);
  }
}

FusedWalk::At FusedWalk::walk_container(StateId id, At at) {
  const State& state = automaton_.states[id];
  const char* const start = base_ + *at;
  const bool is_object = *start == '{';
  if (is_object && state.needs_tree) return nullptr;
  if (!(is_object ? state.walks_object : state.walks_list)) {
    at = skip_value(at);
  } else {
    if (++depth_ > depth_max_) return nullptr;
    at = is_object ? walk_object(id, at) : walk_list(state, at);
    --depth_;
  }
  if (at == nullptr) return nullptr;
  for (const Capture& capture : is_object ? state.from_object : state.from_list)
    store(capture, {Tag::json, 0, 0, {start, base_ + at[-1] + 1}});
  return at;
}

FusedWalk::At FusedWalk::walk_object(StateId id, At at) {
  const State& state = automaton_.states[id];
  const Memory& memory = memories_[id];
  const std::size_t keys_before = keys_.size();
  std::uint64_t seen = 0;
  if (peek(++at) == '}') return at + 1;
  for (std::size_t place = 0;; ++place, ++at) {
    const char* const key = base_ + *at;
    if (*key != '"' || (state.every_member && !is_new_key(keys_before, at))) return nullptr;
    const bool expected = place < kPlaces && memory[place].is(key + 1);
    const Remembered* const known = expected ? &memory[place] : recall(id, place, at);
    if (known == nullptr || peek(at + 1) != ':' || (seen & known->bit) != 0) return nullptr;
    seen |= known->bit;
    if (state.every_member) open_members(state, at);
    at += 2;
    if (known->target != kSkipped)
      at = value(known->target, at);
    else
      at = peek(at) == '"' ? skip_text(at) : skip_value(at);
    if (at == nullptr) return nullptr;
    if (state.every_member) close(state.object_levels);
    if (peek(at) != ',') break;
  }
  if (state.every_member) keys_.resize(keys_before);
  return peek(at) == '}' ? at + 1 : nullptr;
}

const FusedWalk::Remembered* FusedWalk::recall(StateId id, std::size_t& place, At at) {
  if (place >= kPlaces) return look_up(id, unremembered_, at);
  // A member that was there last time may be missing.
  Memory& memory = memories_[id];
  if (memory[place + 1].is(base_ + *at + 1)) return &memory[++place];
  return look_up(id, memory[place], at);
}

const FusedWalk::Remembered* FusedWalk::look_up(StateId id, Remembered& memory, At at) {
  const State& state = automaton_.states[id];
  std::string_view key = text_at(at);
  if (key.size() > string_size_max_) return nullptr;
  memory.set(key);
  if (looks_into_texts_ && has_escape(key)) {
    memory.forget();
    char* const room = scratch_.room(key.size());
    const std::size_t size = unescape(key, room);
    if (size == kBadEscape) return nullptr;
    key = {room, size};
  }
  const auto found = std::ranges::find(state.edges, key, &State::Edge::key);
  const bool is_edge = found != state.edges.end();
  memory.target = is_edge ? found->target : state.other_member;
  memory.bit = is_edge ? std::uint64_t{1} << (found - state.edges.begin()) : 0;
  return &memory;
}

bool FusedWalk::is_new_key(std::size_t keys_before, At at) {
  const std::string_view key = text_at(at);
  if (keys_.size() - keys_before == kComparedKeys || (looks_into_texts_ && has_escape(key))) return false;
  for (std::size_t i = keys_before; i < keys_.size(); ++i)
    if (keys_[i] == key) return false;
  keys_.push_back(key);
  return true;
}

FusedWalk::At FusedWalk::walk_list(const State& state, At at) {
  if (peek(++at) == ']') return at + 1;
  for (std::size_t i = 0;; ++i, ++at) {
    const StateId target = i < state.positions.size() ? state.positions[i] : state.other_element;
    open(state.list_levels);
    at = target == kSkipped ? skip_value(at) : value(target, at);
    if (at == nullptr) return nullptr;
    close(state.list_levels);
    if (peek(at) != ',') return peek(at) == ']' ? at + 1 : nullptr;
  }
}

FusedWalk::At FusedWalk::walk_text(const State& state, At at) {
  std::string_view text = text_at(at);
  if (looks_into_texts_) {
    if (text.size() > string_size_max_) return nullptr;
    if (has_escape(text)) {
      char* const room = scratch_.room(text.size() + kCopySize);
      const std::size_t size = unescape(text, room);
      if (size == kBadEscape) return nullptr;
      text = {room, size};
    }
  }
  for (const Capture& capture : state.from_text) store_text(capture, text);
  return at + 1;
}

FusedWalk::At FusedWalk::walk_number(const State& state, At at) {
  const char* const start = base_ + *at;
  bool integer = false;
  const std::size_t size = number_size(start, integer);
  if (size == 0 || size > number_size_max_) return nullptr;
  const auto& captures = integer ? state.from_single : state.from_plain;
  if (captures.empty()) return at + 1;
  const Cell cell = number_cell({start, size}, integer);
  for (const Capture& capture : captures) store(capture, cell);
  return at + 1;
}

FusedWalk::At FusedWalk::walk_literal(const State& state, At at) {
  const char first = peek(at);
  Cell cell;
  cell.tag = first == 'n' ? Tag::null : Tag::boolean;
  cell.integer = first == 't' ? 1 : 0;
  if (skip_literal(at) == nullptr) return nullptr;
  for (const Capture& capture : first == 'n' ? state.from_plain : state.from_single) store(capture, cell);
  return at + 1;
}

// ---------------------------------------------------------------------------------------------------------- cells

inline bool FusedWalk::wants(ColumnPlan& plan, Column& column, std::uint32_t number, bool null) {
  if (null && plan.ignores_null) return false;
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
    copy_text(column.text_room(text.size() + kCopySize), text.data(), text.size());
    column.commit_text(Tag::text, text.size());
    return;
  }
  if (std::int64_t us = 0; plan.is_time && read_fixed_time(text, us)) {
    column.append_datetime(us);
  } else {
    append_cast(*plan.cast, {Tag::text, 0, 0, text}, column, failures_[capture.column]);
  }
}

// -------------------------------------------------------------------------------------------------- other values

FusedWalk::At FusedWalk::skip_value(At at) {
  switch (peek(at)) {
    case '"':
      return skip_text(at);
    case '{':
    case '[': {
      if (++depth_ > depth_max_) return nullptr;
      const At end = peek(at) == '{' ? skip_object(at) : skip_list(at);
      --depth_;
      return end;
    }
    case 't':
    case 'f':
    case 'n':
      return skip_literal(at);
    default:
      return skip_number(at);
  }
}

FusedWalk::At FusedWalk::skip_object(At at) {
  if (peek(++at) == '}') return at + 1;
  for (;; ++at) {
    if (peek(at) != '"' || skip_text(at) == nullptr || peek(at + 1) != ':') return nullptr;
    at = skip_value(at + 2);
    if (at == nullptr) return nullptr;
    if (peek(at) != ',') return peek(at) == '}' ? at + 1 : nullptr;
  }
}

FusedWalk::At FusedWalk::skip_list(At at) {
  if (peek(++at) == ']') return at + 1;
  for (;; ++at) {
    at = skip_value(at);
    if (at == nullptr) return nullptr;
    if (peek(at) != ',') return peek(at) == ']' ? at + 1 : nullptr;
  }
}

inline FusedWalk::At FusedWalk::skip_text(At at) const {
  if (looks_into_texts_) {
    const std::string_view text = text_at(at);
    if (text.size() > string_size_max_ || !escapes_are_good(text)) return nullptr;
  }
  return at + 1;
}

inline FusedWalk::At FusedWalk::skip_number(At at) const {
  bool integer = false;
  const std::size_t size = number_size(base_ + *at, integer);
  return size > 0 && size <= number_size_max_ ? at + 1 : nullptr;
}

inline FusedWalk::At FusedWalk::skip_literal(At at) const {
  return literal_size(base_ + *at) > 0 ? at + 1 : nullptr;
}

}  // namespace batchout::json
