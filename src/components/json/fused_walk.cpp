// The walk. Every function that returns bool returns false as soon as the document must be left to the tree.

#include "components/json/fused_walk.h"

#include <algorithm>
#include <cstring>
#include <utility>

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

}  // namespace

bool FusedWalk::Remembered::is(const char* key) const {
  if (count == 0) return false;
  std::uint64_t differs = (load_word(key) ^ words[0]) & masks[0];
  for (std::size_t i = 1; i < count; ++i) differs |= (load_word(key + 8 * i) ^ words[i]) & masks[i];
  return differs == 0;
}

void FusedWalk::Remembered::set(std::string_view key, std::uint16_t to) {
  std::array<char, kWords * 8> bytes{};
  std::array<char, kWords * 8> mask{};
  count = 0;
  edge = to;
  if (key.size() + 1 > bytes.size()) return;
  key.copy(bytes.data(), key.size());
  bytes[key.size()] = '"';
  std::fill_n(mask.begin(), key.size() + 1, '\xFF');
  count = static_cast<std::uint16_t>(key.size() / 8 + 1);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  std::memcpy(masks.data(), mask.data(), mask.size());
}

FusedWalk::FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton)
    : compiled_(std::move(compiled)),
      automaton_(std::move(automaton)),
      memories_(automaton_.states.size()),
      children_(compiled_->levels.size()),
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
    plans_.push_back(plan);
  }
}

bool FusedWalk::extract(std::string_view document, Tokens tokens, bool escapes, Extraction& out) {
  tokens_ = tokens;
  depth_ = 0;
  looks_into_texts_ = escapes || document.size() > compiled_->projection.limits.string_size_max;
  columns_ = out.values->columns.data();
  levels_ = out.levels.data();
  failures_ = out.failures.data();
  keys_.clear();
  save(out);
  open(kPayloadLevel);
  if (!document_value(document)) {
    restore(out);
    return false;
  }
  close(kPayloadLevel);
  finish(out);
  return true;
}

bool FusedWalk::document_value(std::string_view document) {
  const char* const end = document.data() + document.size();
  return tokens_.here() < end && value(0) && tokens_.here() >= end;
}

void FusedWalk::save(const Extraction& out) {
  for (std::size_t level = 0; level < saved_counts_.size(); ++level) saved_counts_[level] = out.levels[level].count;
  for (std::size_t column = 0; column < saved_failures_.size(); ++column)
    saved_failures_[column] = out.failures[column].count;
}

void FusedWalk::restore(Extraction& out) {
  for (LevelId level = 0; level < saved_counts_.size(); ++level) {
    out.levels[level].count = saved_counts_[level];
    if (level != kPayloadLevel)
      out.levels[level].begin.resize(saved_counts_[compiled_->projection.levels[level].parent] + 1);
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

void FusedWalk::open(LevelId level) {
  ++levels_[level].count;
}

void FusedWalk::close(LevelId level) {
  for (const LevelId child : children_[level]) levels_[child].begin.push_back(levels_[child].count);
}

// ------------------------------------------------------------------------------------------------- wanted values

bool FusedWalk::value(StateId id) {
  const State& state = automaton_.states[id];
  switch (tokens_.peek()) {
    case '"':
      return walk_text(state);
    case '{':
    case '[':
      return walk_container(id);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return walk_number(state);
    default:
      return walk_literal(state);
  }
}

bool FusedWalk::walk_container(StateId id) {
  const State& state = automaton_.states[id];
  const char* const start = tokens_.here();
  const bool is_object = *start == '{';
  if (is_object && state.needs_tree) return false;
  const bool walks = is_object ? state.walks_object : state.walks_list;
  if (!walks) {
    if (!skip_value()) return false;
  } else {
    if (++depth_ > std::min(compiled_->projection.limits.depth_max, Tree::kDepthMax)) return false;
    if (!(is_object ? walk_object(id) : walk_list(state))) return false;
    --depth_;
  }
  for (const Capture& capture : is_object ? state.from_object : state.from_list)
    store(capture, {Tag::json, 0, 0, {start, tokens_.base + tokens_.at[-1] + 1}});
  return true;
}

bool FusedWalk::walk_object(StateId id) {
  const State& state = automaton_.states[id];
  const std::size_t keys_before = keys_.size();
  std::uint64_t seen = 0;
  ++tokens_.at;
  if (tokens_.peek() == '}') {
    ++tokens_.at;
    return true;
  }
  for (std::size_t place = 0;; ++place) {
    if (tokens_.peek() != '"') return false;
    if (state.every_member && !is_new_key(keys_before)) return false;
    std::uint16_t edge = kNoEdge;
    if (!next_key(id, place, edge)) return false;
    if (tokens_.peek() != ':') return false;
    ++tokens_.at;
    if (edge != kNoEdge) {
      const std::uint64_t bit = std::uint64_t{1} << edge;
      if ((seen & bit) != 0) return false;
      seen |= bit;
    }
    if (!walk_member(id, edge)) return false;
    const char c = tokens_.peek();
    ++tokens_.at;
    if (c == ',') continue;
    keys_.resize(keys_before);
    return c == '}';
  }
}

bool FusedWalk::walk_member(StateId id, std::uint16_t edge) {
  const State& state = automaton_.states[id];
  const StateId target = edge == kNoEdge ? state.other_member : state.edges[edge].target;
  for (const LevelId level : state.object_levels) open(level);
  if (!(target == kSkipped ? skip_value() : value(target))) return false;
  for (const LevelId level : state.object_levels) close(level);
  return true;
}

bool FusedWalk::next_key(StateId id, std::size_t& place, std::uint16_t& edge) {
  Memory& memory = memories_[id];
  const char* const key = tokens_.here() + 1;
  if (place < kPlaces) {
    if (memory[place].is(key)) {
      edge = memory[place].edge;
      ++tokens_.at;
      return true;
    }
    // A member that was there last time may be missing.
    if (memory[place + 1].is(key)) {
      edge = memory[++place].edge;
      ++tokens_.at;
      return true;
    }
  }
  return look_up_key(automaton_.states[id], place < kPlaces ? &memory[place] : nullptr, edge);
}

bool FusedWalk::look_up_key(const State& state, Remembered* memory, std::uint16_t& edge) {
  std::string_view key(tokens_.here() + 1, closing_quote(tokens_.base + tokens_.at[1]));
  const bool escaped = looks_into_texts_ && has_escape(key);
  if (key.size() > compiled_->projection.limits.string_size_max) return false;
  const std::string_view raw = key;
  if (escaped) {
    char* const room = scratch_.room(key.size());
    const std::size_t size = unescape(key, room);
    if (size == kBadEscape) return false;
    key = {room, size};
  }
  const auto found = std::ranges::find(state.edges, key, &State::Edge::key);
  edge = found == state.edges.end() ? kNoEdge : static_cast<std::uint16_t>(found - state.edges.begin());
  if (memory != nullptr && !escaped) memory->set(raw, edge);
  ++tokens_.at;
  return true;
}

bool FusedWalk::is_new_key(std::size_t keys_before) {
  const std::string_view key(tokens_.here() + 1, closing_quote(tokens_.base + tokens_.at[1]));
  if (keys_.size() - keys_before == kComparedKeys || (looks_into_texts_ && has_escape(key))) return false;
  for (std::size_t i = keys_before; i < keys_.size(); ++i)
    if (keys_[i] == key) return false;
  keys_.push_back(key);
  return true;
}

bool FusedWalk::walk_list(const State& state) {
  ++tokens_.at;
  if (tokens_.peek() == ']') {
    ++tokens_.at;
    return true;
  }
  for (std::size_t i = 0;; ++i) {
    const StateId target = i < state.positions.size() ? state.positions[i] : state.other_element;
    for (const LevelId level : state.list_levels) open(level);
    if (!(target == kSkipped ? skip_value() : value(target))) return false;
    for (const LevelId level : state.list_levels) close(level);
    const char c = tokens_.peek();
    ++tokens_.at;
    if (c != ',') return c == ']';
  }
}

bool FusedWalk::walk_text(const State& state) {
  std::string_view text(tokens_.here() + 1, closing_quote(tokens_.base + tokens_.at[1]));
  ++tokens_.at;
  if (looks_into_texts_) {
    if (text.size() > compiled_->projection.limits.string_size_max) return false;
    if (has_escape(text)) {
      char* const room = scratch_.room(text.size() + kCopySize);
      const std::size_t size = unescape(text, room);
      if (size == kBadEscape) return false;
      text = {room, size};
    }
  }
  for (const Capture& capture : state.from_text) store_text(capture, text);
  return true;
}

bool FusedWalk::walk_number(const State& state) {
  bool integer = false;
  const std::size_t size = number_size(tokens_.here(), integer);
  if (size == 0 || size > compiled_->projection.limits.number_size_max) return false;
  const auto& captures = integer ? state.from_single : state.from_plain;
  if (!captures.empty()) {
    const Cell cell = number_cell({tokens_.here(), size}, integer);
    for (const Capture& capture : captures) store(capture, cell);
  }
  ++tokens_.at;
  return true;
}

bool FusedWalk::walk_literal(const State& state) {
  const char first = tokens_.peek();
  if (!skip_literal()) return false;
  Cell cell;
  cell.tag = first == 'n' ? Tag::null : Tag::boolean;
  cell.integer = first == 't' ? 1 : 0;
  for (const Capture& capture : first == 'n' ? state.from_plain : state.from_single) store(capture, cell);
  return true;
}

// ---------------------------------------------------------------------------------------------------------- cells

bool FusedWalk::wants(ColumnPlan& plan, Column& column, std::uint32_t number, bool null) {
  if (null && plan.ignores_null) return false;
  const std::size_t entry = levels_[plan.level].count - 1;
  if (column.size() > entry) {
    if (!plan.takes_last) return false;
    column.truncate(entry);
    failures_[number].count = plan.failures_before;
    if (plan.failures_before == 0) failures_[number].sample.clear();
  }
  column.fill(entry);
  plan.failures_before = failures_[number].count;
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
  } else {
    append_cast(*plan.cast, {Tag::text, 0, 0, text}, column, failures_[capture.column]);
  }
}

// -------------------------------------------------------------------------------------------------- other values

bool FusedWalk::skip_value() {
  switch (tokens_.peek()) {
    case '"':
      return skip_text();
    case '{':
      return skip_object();
    case '[':
      return skip_list();
    case 't':
    case 'f':
    case 'n':
      return skip_literal();
    default:
      return skip_number();
  }
}

bool FusedWalk::skip_object() {
  if (++depth_ > std::min(compiled_->projection.limits.depth_max, Tree::kDepthMax)) return false;
  ++tokens_.at;
  if (tokens_.peek() == '}') {
    ++tokens_.at;
    --depth_;
    return true;
  }
  while (true) {
    if (tokens_.peek() != '"' || !skip_text() || tokens_.peek() != ':') return false;
    ++tokens_.at;
    if (!skip_value()) return false;
    const char c = tokens_.peek();
    ++tokens_.at;
    if (c == ',') continue;
    --depth_;
    return c == '}';
  }
}

bool FusedWalk::skip_list() {
  if (++depth_ > std::min(compiled_->projection.limits.depth_max, Tree::kDepthMax)) return false;
  ++tokens_.at;
  if (tokens_.peek() == ']') {
    ++tokens_.at;
    --depth_;
    return true;
  }
  while (true) {
    if (!skip_value()) return false;
    const char c = tokens_.peek();
    ++tokens_.at;
    if (c == ',') continue;
    --depth_;
    return c == ']';
  }
}

bool FusedWalk::skip_text() {
  if (looks_into_texts_) {
    const std::string_view text(tokens_.here() + 1, closing_quote(tokens_.base + tokens_.at[1]));
    if (text.size() > compiled_->projection.limits.string_size_max || !escapes_are_good(text)) return false;
  }
  ++tokens_.at;
  return true;
}

bool FusedWalk::skip_number() {
  bool integer = false;
  const std::size_t size = number_size(tokens_.here(), integer);
  ++tokens_.at;
  return size > 0 && size <= compiled_->projection.limits.number_size_max;
}

bool FusedWalk::skip_literal() {
  const bool good = literal_size(tokens_.here()) > 0;
  ++tokens_.at;
  return good;
}

}  // namespace batchout::json
