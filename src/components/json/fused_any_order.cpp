// The walk over documents whose keys come in an order of their own each time, where every expectation would be wrong.
//
// What waits for a wrong guess is the place of the next key, so places come first here: from the tokens of the
// document, scanned alone, while it is near. The keys of an object are looked up one after the other, without looking
// at the values between them; the values are then read in an order that is always the same. Tokens only say where
// something may be: every value must end where the token behind it stands.

#include "components/json/fused_scalars.h"

namespace batchout::json {
namespace {

constexpr std::size_t kScannedMax = Payloads::kArenaSize;  // Bytes; tokens take up to four times as many.

inline bool is_container(char first) {
  return (first & 0xDF) == '[';  // `{` differs from `[` in one bit.
}

}  // namespace

bool FusedWalk::extract_in_any_order(std::string_view document, Extraction& out) {
  refused_ = false;
  patience_ = document.size();
  if (document_tokens(document)) {
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

bool FusedWalk::document_tokens(std::string_view document) {
  // What is read at once must not be beyond the limits.
  if (document.size() > kScannedMax || string_size_max_ < kStep || number_size_max_ < kStep) return false;
  if (scanner_.scan(document) != ScanFault::none) return false;
  tokens_ = scanner_.tokens();
  const Token last = tokens_.at + scanner_.token_count() - 1;
  // With a bracket for the last token, whoever has met another one can look at the two behind it.
  if (tokens_.peek() != '{' || tokens_.base[*last] != '}') return false;
  // What is looked up for a key can lie before it, but not before the document if it is one.
  const char first = tokens_.base[tokens_.at[1]];
  if (first != '"' && first != '}') return false;
  std::uint32_t inner = kCommonMemory;
  return container_tokens(0, inner, tokens_.at, 0) == last + 1;
}

inline FusedWalk::Token FusedWalk::container_tokens(StateId id, std::uint32_t& inner, Token token,
                                                    std::uint32_t depth) {
  if (tokens_.base[*token] == '[') return list_tokens(id, inner, token, depth);
  if (id == kSkipped) {
    if (inner == KnownKey::kNoInner) inner = new_inner_memory();
    // Where nothing is wanted, nothing has to be taken back before the object is walked in order.
    const Token end = inner != kCommonMemory ? object_tokens(inner_memories_[inner], token, depth) : nullptr;
    if (end != nullptr || refused_) return end;
  } else if (shortcuts_[id].any_order && memories_[id].table() != nullptr) {
    return object_tokens(memories_[id], token, depth);
  }
  return other_tokens(id, inner, token, depth);
}

FusedWalk::Token FusedWalk::other_tokens(StateId id, std::uint32_t& inner, Token token, std::uint32_t depth) {
  const At at = tokens_.base + *token;
  depth_ = depth;
  const At end = any_value(id, at, inner);
  const std::size_t size = end != nullptr ? static_cast<std::size_t>(end - at) : 0;
  refused_ = size == 0 || size > patience_;
  if (refused_) return nullptr;
  patience_ -= size;
  while (tokens_.base + *token < end) ++token;
  return token;
}

FusedWalk::Token FusedWalk::object_tokens(KeyMemory& memory, Token token, std::uint32_t depth) {
  KeyTable* const table = memory.table();
  if (depth == depth_max_ || table == nullptr) return nullptr;
  const Token end = member_tokens(*table, token, depth);
  if (end == nullptr) [[unlikely]]
    for (KeyTable::Key& key : table->keys()) key.value = nullptr;
  return end;
}

[[gnu::always_inline]] inline FusedWalk::Token FusedWalk::member_tokens(KeyTable& table, Token token,
                                                                        std::uint32_t depth) {
  const char* const base = tokens_.base;
  if (base[*++token] == '}') return token + 1;
  std::size_t left = 0;
  std::uint64_t containers = 0;
  for (;; ++token) {
    KeyTable::Key* const key = table.find(base + token[0], token[2] - token[0]);
    if (key == nullptr) [[unlikely]]
      return nullptr;
    token += 2;
    if (is_container(base[*token])) {
      const std::uint64_t bit = std::uint64_t{1} << table.number(*key);
      if ((containers & bit) != 0) return nullptr;
      containers |= bit;
      token = container_tokens(key->target, key->known->inner, token, depth + 1);
      if (token == nullptr) return nullptr;
    } else {
      key->value = token++;
      ++left;
    }
    if (base[*token] != ',') break;
  }
  for (; containers != 0; containers &= containers - 1)
    if (table.keys()[static_cast<std::size_t>(std::countr_zero(containers))].value != nullptr) return nullptr;
  return base[*token] == '}' && scalars(table, left) ? token + 1 : nullptr;
}

[[gnu::always_inline]] inline bool FusedWalk::scalars(KeyTable& table, std::size_t left) {
  const char* const base = tokens_.base;
  for (KeyTable::Key& key : table.keys()) {
    const Token value = key.value;
    if (value == nullptr) continue;
    key.value = nullptr;
    --left;
    const At at = base + value[0], behind = base + value[1];
    const At end = key.target == kSkipped ? skip_scalar(at, behind) : scalar(key.target, at, behind);
    if (end != behind) [[unlikely]]
      if (end == nullptr || skip_blanks(end) != behind) return false;
  }
  return left == 0;
}

// The scan has seen that there are no control characters, and that all is UTF-8.
[[gnu::always_inline]] inline FusedWalk::At FusedWalk::scalar(StateId id, At at, At end) {
  const Shortcut& shortcut = shortcuts_[id];
  if (*at == '"') {
    const auto size = static_cast<std::size_t>(end - at) - 2;
    if (shortcut.to == Shortcut::To::text && size <= kStep && end[-1] == '"')
      if (Column* const column = next_cell(shortcut)) {
        const Bytes bytes(at + 1);
        bytes.store(column->text_room(kStep));
        if (!bytes.has_backslash()) {
          column->commit_text(Tag::text, size);
          return end;
        }
      }
    return walk_text(id, at);
  }
  return static_cast<unsigned char>(*at) > '9' ? walk_literal(id, at) : walk_number(id, at);
}

inline FusedWalk::At FusedWalk::skip_scalar(At at, At end) {
  if (*at == '"') {
    const auto size = static_cast<std::size_t>(end - at) - 2;
    if (size <= kStep && end[-1] == '"' && !Bytes(at + 1).has_backslash()) return end;
    return skip_any_text(at);
  }
  if (static_cast<unsigned char>(*at) <= '9') return skip_number(at);
  const std::size_t literal = short_literal_size(at);
  return literal > 0 ? at + literal : nullptr;
}

FusedWalk::Token FusedWalk::list_tokens(StateId id, std::uint32_t& inner, Token token, std::uint32_t depth) {
  if (id != kSkipped && !shortcuts_[id].plain_list) return other_tokens(id, inner, token, depth);
  if (depth == depth_max_) return nullptr;
  if (tokens_.base[*++token] == ']') return token + 1;
  const State* const state = id != kSkipped ? &automaton_.states[id] : nullptr;
  for (std::size_t i = 0;; ++i, ++token) {
    if (state == nullptr) {
      token = element_token(kSkipped, inner, token, depth + 1);
    } else {
      open(state->list_levels);
      token = element_token(i < state->positions.size() ? state->positions[i] : state->other_element, inner, token,
                            depth + 1);
      close(state->list_levels);
    }
    if (token == nullptr) return nullptr;
    if (tokens_.base[*token] != ',') break;
  }
  return tokens_.base[*token] == ']' ? token + 1 : nullptr;
}

inline FusedWalk::Token FusedWalk::element_token(StateId id, std::uint32_t& inner, Token token, std::uint32_t depth) {
  const char* const base = tokens_.base;
  if (is_container(base[*token])) return container_tokens(id, inner, token, depth);
  const At end = any_value(id, base + *token, inner);
  return end != nullptr && skip_blanks(end) == base + token[1] ? token + 1 : nullptr;
}

}  // namespace batchout::json
