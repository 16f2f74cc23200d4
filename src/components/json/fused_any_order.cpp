// The walk over documents whose keys come in an order of their own each time, where every expectation would be wrong.
//
// What waits for a wrong guess is the place of the next key, so places come first here: from the marks of the document,
// found alone, while it is near. The keys of an object are looked up one after the other, without looking at the values
// between them; the values are then read in an order that is always the same. Marks only say where something may be:
// every value must end where the next mark stands.

#include "components/json/fused_scalars.h"

namespace batchout::json {
namespace {

constexpr std::size_t kScannedMax = Payloads::kArenaSize;  // Bytes; marks take up to four times as many.
constexpr std::uint32_t kSizeMin = 3;                      // Up to a colon.

inline bool is_container(char first) {
  return (first & 0xDF) == '[';  // `{` differs from `[` in one bit.
}

}  // namespace

bool FusedWalk::extract_in_any_order(std::string_view document, Extraction& out) {
  refused_ = false;
  patience_ = document.size();
  if (document_marks(document)) {
    close(kPayloadLevel);
    finish(out);
    return true;
  }
  restore(out);
  ++levels_[kPayloadLevel].count;
  depth_ = 0;
  beyond_ascii_ = false;
  keys_.clear();
  return false;
}

bool FusedWalk::document_marks(std::string_view document) {
  // What is read at once must not be beyond the limits.
  if (document.size() > kScannedMax || string_size_max_ < kStep || number_size_max_ < kStep) return false;
  if (!marks_.scan(document)) return false;
  base_ = document.data();
  const Mark first = marks_.begin();
  // With a brace for the last mark, whoever has met another one can look at the two behind it.
  if (base_[*first] != '{' || base_[marks_.end()[-1]] != '}') return false;
  // Whoever looks a key up reads the bytes before its colon, which must not be before the document.
  if (first[1] < kSizeMin && base_[first[1]] != '}') return false;
  if (skip_blanks(base_) != base_ + *first) return false;
  std::uint32_t inner = kCommonMemory;
  KeyMemory* objects = nullptr;
  if (container_marks(0, inner, objects, first, 0) != marks_.end()) return false;
  return skip_blanks(base_ + marks_.end()[-1] + 1) >= base_ + document.size();
}

inline bool FusedWalk::is_followed(Mark mark) const {
  return mark[0] + 1 == mark[1] || skip_blanks(base_ + mark[0] + 1) == base_ + mark[1];
}

KeyMemory* FusedWalk::memory_of(StateId id, std::uint32_t& inner) {
  if (id != kSkipped) return shortcuts_[id].any_order ? &memories_[id] : nullptr;
  if (inner == KnownKey::kNoInner) inner = new_inner_memory();
  return inner != kCommonMemory ? &inner_memories_[inner] : nullptr;
}

inline FusedWalk::Mark FusedWalk::container_marks(StateId id, std::uint32_t& inner, KeyMemory*& objects, Mark mark,
                                                  std::uint32_t depth) {
  if (base_[*mark] == '[') return list_marks(id, inner, mark, depth);
  if (objects == nullptr) objects = memory_of(id, inner);
  KeyTable* const table = objects != nullptr ? objects->table() : nullptr;
  if (table != nullptr) {
    const Mark end = object_marks(*table, mark, depth);
    // Where nothing is wanted, nothing has to be taken back before the object is walked in order.
    if (end != nullptr || id != kSkipped || refused_) return end;
  }
  return other_marks(id, inner, mark, depth);
}

FusedWalk::Mark FusedWalk::other_marks(StateId id, std::uint32_t& inner, Mark mark, std::uint32_t depth) {
  const At at = base_ + *mark;
  depth_ = depth;
  const At end = any_value(id, at, inner);
  const std::size_t size = end != nullptr ? static_cast<std::size_t>(end - at) : 0;
  refused_ = size == 0 || size > patience_;
  if (refused_) return nullptr;
  patience_ -= size;
  while (base_ + *mark < end) ++mark;
  return mark;
}

FusedWalk::Mark FusedWalk::object_marks(KeyTable& table, Mark mark, std::uint32_t depth) {
  if (depth == depth_max_) return nullptr;
  if (base_[mark[1]] == '}') return is_followed(mark) ? mark + 2 : nullptr;
  mark = table.is_short() ? member_marks<true>(table, mark, depth) : member_marks<false>(table, mark, depth);
  if (mark != nullptr && base_[*mark] == '}' && scalars(table)) [[likely]]
    return mark + 1;
  for (KeyTable::Key& key : table.keys()) key.value = nullptr;
  return nullptr;
}

// From an opening brace to what is behind the last member.
template <bool kShort>
[[gnu::always_inline]] inline FusedWalk::Mark FusedWalk::member_marks(KeyTable& table, Mark mark, std::uint32_t depth) {
  const At base = base_;
  for (;;) {
    const At colon = base + mark[1];
    KeyTable::Key* key = table.find<kShort>(base + mark[0] + 1, colon);
    if (key == nullptr) [[unlikely]]
      key = table.find<kShort>(skip_blanks(base + mark[0] + 1), colon);
    if (key == nullptr || key->value != nullptr) [[unlikely]]
      return nullptr;
    key->value = ++mark;
    const char next = base[*++mark];
    if (next == ',') continue;
    if (!is_container(next)) return mark;
    mark = container_marks(key->target, key->known->inner, key->objects, mark, depth + 1);
    if (mark == nullptr || !is_followed(mark - 1)) return nullptr;
    if (base[*mark] != ',') return mark;
  }
}

[[gnu::always_inline]] inline bool FusedWalk::scalars(KeyTable& table) {
  const At base = base_;
  for (KeyTable::Key& key : table.keys()) {
    const Mark colon = key.value;
    if (colon == nullptr) continue;
    key.value = nullptr;
    At at = base + colon[0] + 1;
    const At behind = base + colon[1];
    if (static_cast<unsigned char>(*at) <= ' ') [[unlikely]]
      at = skip_blanks(at);
    const At end = key.target == kSkipped ? skip_scalar(at, behind) : scalar(key.target, at, behind);
    if (end != behind) [[unlikely]]
      if (end == nullptr || skip_blanks(end) != behind) return false;
  }
  return true;
}

// True if what began with a quote and ends before the mark is one text, which means what it says.
inline bool FusedWalk::is_plain_text(At end) const {
  return end[-1] == '"' && marks_.has_plain_texts();
}

// There are no control characters in texts, and all is UTF-8. Of a container, which has been walked, nothing is left
// but to see that it begins where it should.
[[gnu::always_inline]] inline FusedWalk::At FusedWalk::scalar(StateId id, At at, At end) {
  const Shortcut& shortcut = shortcuts_[id];
  if (*at == '"') {
    const auto size = static_cast<std::size_t>(end - at) - 2;
    if (shortcut.to == Shortcut::To::text && size <= kStep && is_plain_text(end))
      if (Column* const column = next_cell(shortcut)) {
        Bytes(at + 1).store(column->text_room(kStep));
        column->commit_text(Tag::text, size);
        return end;
      }
    return walk_text(id, at);
  }
  if (static_cast<unsigned char>(*at) <= '9') return walk_number(id, at);
  return is_container(*at) ? at : walk_literal(id, at);
}

inline FusedWalk::At FusedWalk::skip_scalar(At at, At end) {
  if (*at == '"') {
    const auto size = static_cast<std::size_t>(end - at) - 2;
    return size <= string_size_max_ && is_plain_text(end) ? end : skip_any_text(at);
  }
  if (static_cast<unsigned char>(*at) <= '9') return skip_number(at);
  if (is_container(*at)) return at;
  const std::size_t literal = short_literal_size(at);
  return literal > 0 ? at + literal : nullptr;
}

FusedWalk::Mark FusedWalk::list_marks(StateId id, std::uint32_t& inner, Mark mark, std::uint32_t depth) {
  if (id != kSkipped && !shortcuts_[id].plain_list) return other_marks(id, inner, mark, depth);
  if (depth == depth_max_) return nullptr;
  if (base_[mark[1]] == ']' && is_followed(mark)) return mark + 2;
  const State* const state = id != kSkipped ? &automaton_.states[id] : nullptr;
  const std::size_t positions = state != nullptr ? state->positions.size() : 0;
  KeyMemory* objects = nullptr;  // Of elements that have no position of their own.
  for (std::size_t i = 0;; ++i) {
    if (state == nullptr) {
      mark = element_mark(kSkipped, inner, objects, mark, depth + 1);
    } else {
      KeyMemory* own = nullptr;
      open(state->list_levels);
      mark = i < positions ? element_mark(state->positions[i], inner, own, mark, depth + 1)
                           : element_mark(state->other_element, inner, objects, mark, depth + 1);
      close(state->list_levels);
    }
    if (mark == nullptr) return nullptr;
    if (base_[*mark] != ',') break;
  }
  return base_[*mark] == ']' ? mark + 1 : nullptr;
}

inline FusedWalk::Mark FusedWalk::element_mark(StateId id, std::uint32_t& inner, KeyMemory*& objects, Mark mark,
                                               std::uint32_t depth) {
  const At at = skip_blanks(base_ + *mark++ + 1);
  if (is_container(*at)) {
    if (at != base_ + *mark) return nullptr;
    mark = container_marks(id, inner, objects, mark, depth);
    return mark != nullptr && is_followed(mark - 1) ? mark : nullptr;
  }
  const At end = any_value(id, at, inner);
  return end != nullptr && skip_blanks(end) == base_ + *mark ? mark : nullptr;
}

}  // namespace batchout::json
