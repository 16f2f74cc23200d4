// The loops of the walk: one function a kind of value, for values that are wanted and for those that are only checked.
//
// What follows a value is checked by its container, so no scalar looks beyond its end.

#include <bit>

#include "components/json/fixed_time.h"
#include "components/json/fused_walk.h"
#include "components/json/scalar.h"

namespace batchout::json {
namespace {

constexpr std::size_t kCopiedMax = 8 * kStep;  // Bytes of a text that are copied before its end is known.

// Behind a value of a container that ends with `bracket`: true if `at` is the first byte of the next one; else it is
// behind the container, or null.
inline bool goes_on(const char*& at, char bracket) {
  if (*at != ',') at = skip_blanks(at);
  if (*at == ',') [[likely]] {
    at = skip_blanks(at + 1);
    return true;
  }
  at = *at == bracket ? at + 1 : nullptr;
  return false;
}

// The size of the literal at `at`, or 0. Without a branch between true and false, which are as good as random.
inline std::size_t short_literal_size(const char* at) {
  const std::uint64_t word = load_word(at);
  const auto four = static_cast<std::uint32_t>(word);
  const bool is_false = (word & 0xFF'FFFF'FFFF) == 0x65'736C'6166;
  const bool is_four = (four == 0x6575'7274) | (four == 0x6C6C'756E);
  return std::size_t{is_four} * 4 + std::size_t{is_false} * 5;
}

}  // namespace

// ------------------------------------------------------------------------------------------------- wanted values

[[gnu::always_inline]] inline FusedWalk::At FusedWalk::value(StateId id, At at) {
  switch (*at) {
    case '"':
      return walk_text(id, at);
    case '{':
      return shortcuts_[id].plain_object ? walk_object(id, at) : walk_container(id, at);
    case '[':
      return shortcuts_[id].plain_list ? walk_list(id, at) : walk_container(id, at);
    case 't':
    case 'f':
    case 'n':
      return walk_literal(id, at);
    default:
      return walk_number(id, at);
  }
}

FusedWalk::At FusedWalk::document_end(std::string_view document) {
  const At at = value(0, skip_blanks(document.data()));
  // A value cannot reach beyond the document; blanks can, over the line end behind it.
  return at != nullptr && skip_blanks(at) >= document.data() + document.size() ? at : nullptr;
}

FusedWalk::At FusedWalk::walk_container(StateId id, At at) {
  const State& state = automaton_.states[id];
  const At start = at;
  const bool is_object = *start == '{';
  if (is_object && state.needs_tree) return nullptr;
  std::uint32_t inner = kCommonMemory;
  if (!(is_object ? state.walks_object : state.walks_list))
    at = skip_container(at, inner);
  else if (is_object)
    at = state.every_member ? walk_members(id, at) : walk_object(id, at);
  else
    at = walk_list(id, at);
  if (at == nullptr) return nullptr;
  for (const Capture& capture : is_object ? state.from_object : state.from_list)
    store(capture, {Tag::json, 0, 0, {start, at}});
  return at;
}

FusedWalk::At FusedWalk::walk_object(StateId id, At at) {
  if (++depth_ > depth_max_) return nullptr;
  at = skip_blanks(at + 1);
  KeyMemory& memory = memories_[id];
  KnownKey* previous = &memory.start();
  std::uint64_t seen = 0;
  if (*at == '}') {
    ++at;
  } else {
    do {
      KnownKey* known = previous->next;
      if (known->is(at)) [[likely]] {
        previous = known;
      } else {
        known = find_key(id, memory, previous, at);
        if (known == nullptr) return nullptr;
        previous = known == &other_key_ ? &memory.start() : known;
      }
      if ((seen & known->bit) != 0) return nullptr;
      seen |= known->bit;
      at += known->size;
      at = known->target == kSkipped ? skip_value(at, known->inner) : value(known->target, at);
      if (at == nullptr) return nullptr;
    } while (goes_on(at, '}'));
  }
  --depth_;
  return at;
}

FusedWalk::At FusedWalk::walk_members(StateId id, At at) {
  if (++depth_ > depth_max_) return nullptr;
  const State& state = automaton_.states[id];
  KeyMemory& memory = memories_[id];
  const std::size_t keys_before = keys_.size();
  std::uint64_t seen = 0;
  at = skip_blanks(at + 1);
  const bool empty = *at == '}';
  if (empty) ++at;
  while (!empty) {
    KnownKey* const known = find_key(id, memory, &memory.start(), at);
    if (known == nullptr || (seen & known->bit) != 0 || !is_new_key(keys_before, *known, at)) return nullptr;
    seen |= known->bit;
    open_members(state, keys_.back());
    at += known->size;
    at = known->target == kSkipped ? skip_value(at, known->inner) : value(known->target, at);
    if (at == nullptr) return nullptr;
    close(state.object_levels);
    if (!goes_on(at, '}')) break;
  }
  keys_.resize(keys_before);
  --depth_;
  return at;
}

FusedWalk::At FusedWalk::walk_list(StateId id, At at) {
  if (++depth_ > depth_max_) return nullptr;
  const State& state = automaton_.states[id];
  std::uint32_t inner = kCommonMemory;
  std::size_t i = 0;
  at = skip_blanks(at + 1);
  if (*at == ']') {
    ++at;
  } else {
    do {
      const StateId target = i < state.positions.size() ? state.positions[i] : state.other_element;
      ++i;
      open(state.list_levels);
      at = target == kSkipped ? skip_value(at, inner) : value(target, at);
      if (at == nullptr) return nullptr;
      close(state.list_levels);
    } while (goes_on(at, ']'));
  }
  --depth_;
  return at;
}

inline Column* FusedWalk::next_cell(const Shortcut& shortcut) {
  return shortcut.column->size() + 1 == *shortcut.count ? shortcut.column : nullptr;
}

inline FusedWalk::At FusedWalk::copy_text(At at, Column& column) const {
  char* const room = column.text_room(kCopiedMax);
  for (std::size_t size = 0; size < kCopiedMax; size += kStep) {
    const Bytes bytes(at + size);
    bytes.store(room + size);
    const std::uint32_t marks = bytes.text_marks();
    if (marks == 0) continue;
    size += static_cast<std::uint32_t>(std::countr_zero(marks));
    if (at[size] != '"' || size > string_size_max_) return nullptr;
    column.commit_text(Tag::text, size);
    return at + size + 1;
  }
  return nullptr;
}

inline FusedWalk::At FusedWalk::walk_text(StateId id, At at) {
  const Shortcut& shortcut = shortcuts_[id];
  if (shortcut.to == Shortcut::To::text) {
    if (Column* const column = next_cell(shortcut))
      if (const At end = copy_text(at + 1, *column)) return end;
  } else if (shortcut.to == Shortcut::To::time) {
    std::int64_t us = 0;
    Column* const column = next_cell(shortcut);
    const At quote = column != nullptr ? read_quoted_time(at + 1, us) : nullptr;
    if (quote != nullptr) {
      column->append_datetime(us);
      return quote + 1;
    }
  }
  return capture_text(automaton_.states[id], at);
}

inline FusedWalk::At FusedWalk::walk_number(StateId id, At at) {
  const Shortcut& shortcut = shortcuts_[id];
  if (shortcut.to != Shortcut::To::integer && shortcut.to != Shortcut::To::real)
    return capture_number(automaton_.states[id], at);
  const bool negative = *at == '-';
  At first = at;
  if (negative) [[unlikely]]
    ++first;
  ShortNumber number;
  const At end = read_short_number(first, number);
  Column* const column = next_cell(shortcut);
  if (end == nullptr || column == nullptr) return capture_number(automaton_.states[id], at);
  const auto digits = static_cast<std::int64_t>(number.digits);
  const std::int64_t integer = negative ? -digits : digits;
  if (shortcut.to == Shortcut::To::integer) {
    if (number.fraction_count > 0) return capture_number(automaton_.states[id], at);
    column->append_integer(integer);
  } else if (number.fraction_count == 0) {
    column->append_real(static_cast<double>(integer));
  } else {
    column->append_real(negative ? -number.real() : number.real());
  }
  return end;
}

inline FusedWalk::At FusedWalk::walk_literal(StateId id, At at) {
  const std::size_t size = short_literal_size(at);
  if (size == 0) return nullptr;
  const Shortcut& shortcut = shortcuts_[id];
  const bool null = *at == 'n';
  Column* const column =
      (null ? shortcut.takes_null : shortcut.to == Shortcut::To::boolean) ? next_cell(shortcut) : nullptr;
  if (column == nullptr)
    capture_literal(automaton_.states[id], at);
  else if (null)
    column->append_null();
  else
    column->append_boolean(*at == 't');
  return at + size;
}

// ---------------------------------------------------------------------------------------------------- other values

[[gnu::always_inline]] inline FusedWalk::At FusedWalk::skip_value(At at, std::uint32_t& inner) {
  switch (*at) {
    case '"':
      return skip_text(at);
    case '{':
    case '[':
      return skip_container(at, inner);
    case 't':
    case 'f':
    case 'n': {
      const std::size_t size = short_literal_size(at);
      return size > 0 ? at + size : nullptr;
    }
    default:
      return skip_number(at);
  }
}

FusedWalk::At FusedWalk::skip_container(At at, std::uint32_t& inner) {
  if (++depth_ > depth_max_) return nullptr;
  if (*at == '{') {
    if (inner == KnownKey::kNoInner) inner = new_inner_memory();
    at = skip_object(at, inner);
  } else {
    at = skip_list(at, inner);
  }
  --depth_;
  return at;
}

// Objects without a memory of their own share one: there, an inner object may change the key of an outer one.
FusedWalk::At FusedWalk::skip_object(At at, std::uint32_t memory_number) {
  at = skip_blanks(at + 1);
  if (*at == '}') return at + 1;
  KeyMemory& memory = inner_memories_[memory_number];
  std::uint32_t common = kCommonMemory;
  KnownKey* previous = &memory.start();
  do {
    KnownKey* known = previous->next;
    if (known->is(at)) [[likely]] {
      previous = known;
    } else {
      known = find_key(kSkipped, memory, previous, at);
      if (known == nullptr) return nullptr;
      previous = known == &other_key_ ? &memory.start() : known;
    }
    at += known->size;
    at = skip_value(at, memory_number == kCommonMemory ? common : known->inner);
    if (at == nullptr) return nullptr;
  } while (goes_on(at, '}'));
  return at;
}

FusedWalk::At FusedWalk::skip_list(At at, std::uint32_t& inner) {
  at = skip_blanks(at + 1);
  if (*at == ']') return at + 1;
  do {
    at = skip_value(at, inner);
    if (at == nullptr) return nullptr;
  } while (goes_on(at, ']'));
  return at;
}

inline FusedWalk::At FusedWalk::skip_text(At at) {
  const std::uint32_t marks = Bytes(at + 1).text_marks();
  const At mark = at + 1 + static_cast<std::uint32_t>(std::countr_zero(marks));
  const bool is_short = marks != 0 && *mark == '"' && static_cast<std::size_t>(mark - at - 1) <= string_size_max_;
  return is_short ? mark + 1 : skip_any_text(at);
}

inline FusedWalk::At FusedWalk::skip_number(At at) const {
  const At end = skip_short_number(at);
  const bool is_short = end != nullptr && static_cast<std::size_t>(end - at) <= number_size_max_;
  return is_short ? end : skip_any_number(at);
}

}  // namespace batchout::json
