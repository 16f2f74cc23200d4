// Scalars of the walk: one function a kind of value, for values that are wanted and for those that are only checked.
//
// What follows a value is checked by its container, so none looks beyond its end.

#pragma once

#include <bit>

#include "components/json/fixed_time.h"
#include "components/json/fused_walk.h"
#include "components/json/scalar.h"

namespace batchout::json {

inline constexpr std::size_t kCopiedMax = 8 * kStep;  // Bytes of a text that are copied before its end is known.

// The size of the literal at `at`, or 0. Without a branch between true and false, which are as good as random.
inline std::size_t short_literal_size(const char* at) {
  const std::uint64_t word = load_word(at);
  const auto four = static_cast<std::uint32_t>(word);
  const bool is_false = (word & 0xFF'FFFF'FFFF) == 0x65'736C'6166;
  const bool is_four = (four == 0x6575'7274) | (four == 0x6C6C'756E);
  return std::size_t{is_four} * 4 + std::size_t{is_false} * 5;
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
