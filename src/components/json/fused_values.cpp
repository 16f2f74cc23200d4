// The loops of the walk over containers whose keys mostly come in the order of last time.

#include "components/json/fused_scalars.h"

namespace batchout::json {
namespace {

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

FusedWalk::At FusedWalk::any_value(StateId id, At at, std::uint32_t& inner) {
  return id == kSkipped ? skip_value(at, inner) : value(id, at);
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
    KnownKey* const known = find_key(id, memory, nullptr, at);
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

}  // namespace batchout::json
