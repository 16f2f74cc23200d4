// Extraction in one walk over the bytes of a document: without a tree, and without finding its tokens first.
//
// The walk checks the whole document, wanted or not. What it cannot do (duplicate members that matter) and what it
// refuses, it leaves to the tree, which alone says what is wrong: the walk then takes back all that it has appended.
//
// No place is compared with the document's end: the 0x01 behind it stops texts and is no part of anything else.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "components/json/automaton.h"
#include "components/json/compiled.h"
#include "components/json/key_memory.h"
#include "components/json/key_order.h"
#include "components/json/marks.h"
#include "components/json/number_scan.h"
#include "data/extraction.h"

namespace batchout::json {

class FusedWalk {
 public:
  FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton,
            KeyOrder::Way way = KeyOrder::Way::as_it_suits);

  /// Appends entries and cells of the document to `out` and returns true; or changes nothing and returns false. The
  /// document must be followed by Payloads::kSeparator and Payloads::kPadding readable bytes.
  bool extract(std::string_view document, Extraction& out);

 private:
  // A place in the document. The walk hands it from call to call: as a member it would be read and written again around
  // every byte that is stored. Null: the document must be left to the tree.
  using At = const char*;

  // The same as one of the document's marks: where it is in the document.
  using Mark = const std::uint32_t*;

  static constexpr std::uint32_t kCommonMemory = 0;

  // What most values of a state become: one cell of one column, by no cast but a copy. A value that cannot (of another
  // kind, not the next one of its column) takes the long way over captures.
  struct Shortcut {
    enum class To : std::uint8_t { nothing, text, time, integer, real, boolean };
    To to = To::nothing;
    bool takes_null = false;
    bool plain_object = false;  // Objects are walked, and nothing else is to be done with them.
    bool plain_list = false;
    bool any_order = false;                // A plain object of which the order of members does not matter.
    std::uint32_t number = 0;              // Of the column.
    Column* column = nullptr;              // Of the extraction that is being filled.
    const std::uint32_t* count = nullptr;  // Of its level's entries.
  };

  // How values become cells of a column.
  struct ColumnPlan {
    const Cast* cast = nullptr;
    LevelId level = kPayloadLevel;
    bool takes_last = false;
    bool ignores_null = false;
    bool is_text = false;               // Texts are copied as they are.
    bool is_time = false;               // A time without zone is stored as it is written.
    std::uint64_t failures_before = 0;  // The last cell, if `takes_last`.
  };

  Shortcut shortcut_of(const State& state) const;

  // Makes the shortcuts lead to the columns and levels of `out`.
  void bind(Extraction& out);
  // Walks the whole document: its end, or null.
  At document_end(std::string_view document);

  // Each takes the first byte of a value and returns what is behind it.
  At value(StateId id, At at);
  At walk_container(StateId id, At at);
  At walk_object(StateId id, At at);
  // The same where every member matters.
  At walk_members(StateId id, At at);
  At walk_list(StateId id, At at);
  At walk_text(StateId id, At at);
  At walk_number(StateId id, At at);
  At walk_literal(StateId id, At at);
  // Of values that are wanted or, with kSkipped, not.
  At any_value(StateId id, At at, std::uint32_t& inner);

  // The walk for keys in any order: true if the document is done, else everything is as it was before.
  bool extract_in_any_order(std::string_view document, Extraction& out);
  bool document_marks(std::string_view document);
  // Each takes the first mark of a value and the number of containers around it, and returns the mark behind it, or
  // null. `objects` is the memory for objects in the value, if it has been looked up.
  Mark container_marks(StateId id, std::uint32_t& inner, KeyMemory*& objects, Mark mark, std::uint32_t depth);
  Mark object_marks(KeyTable& table, Mark mark, std::uint32_t depth);
  template <bool kShort>
  Mark member_marks(KeyTable& table, Mark mark, std::uint32_t depth);
  Mark list_marks(StateId id, std::uint32_t& inner, Mark mark, std::uint32_t depth);
  // Takes the mark before an element and returns the one behind it.
  Mark element_mark(StateId id, std::uint32_t& inner, KeyMemory*& objects, Mark mark, std::uint32_t depth);
  // By the walk in order.
  Mark other_marks(StateId id, std::uint32_t& inner, Mark mark, std::uint32_t depth);
  // Null if objects of the state are not walked in any order.
  KeyMemory* memory_of(StateId id, std::uint32_t& inner);
  // True if there are nothing but blanks between the mark and the next one.
  bool is_followed(Mark mark) const;
  // The values of an object that are no containers.
  bool scalars(KeyTable& table);
  bool is_plain_text(At end) const;
  At scalar(StateId id, At at, At end);
  At skip_scalar(At at, At end);

  // The long ways.
  At capture_text(const State& state, At at);
  At capture_number(const State& state, At at);
  void capture_literal(const State& state, At at);
  At skip_any_text(At at);
  At skip_any_number(At at) const;

  // Of a value that is the next one of its column: the column, or null.
  static Column* next_cell(const Shortcut& shortcut);
  // Appends the text behind the quote at `at` if it is short, ASCII and without escapes; null if not.
  At copy_text(At at, Column& column) const;

  // The key at `at`, which is not what was expected behind `previous`, if anything was (else null): a remembered one,
  // or `other_key_`; null if it is malformed.
  KnownKey* find_key(StateId id, KeyMemory& memory, KnownKey* previous, At at);
  // `id` is kSkipped in objects of which nothing is wanted.
  KnownKey* learn_key(StateId id, KeyMemory& memory, At at);
  bool resolve_key(StateId id, std::string_view key);
  // In objects of which every member matters: false if the key came before, or cannot be told.
  bool is_new_key(std::size_t keys_before, const KnownKey& known, At at);

  std::uint32_t new_inner_memory();
  // `inner` is the number of the memory for objects in the value; it is given when the first one comes.
  At skip_value(At at, std::uint32_t& inner);
  At skip_container(At at, std::uint32_t& inner);
  At skip_object(At at, std::uint32_t memory_number);
  At skip_list(At at, std::uint32_t& inner);
  At skip_text(At at);
  At skip_number(At at) const;

  // The closing quote of the text that begins at `at`, behind its quote; null if a control character comes before.
  // `escaped` becomes true if there are backslashes, which are not checked.
  At closing_quote_of(At at, bool& escaped);
  At text_mark(At at);

  void open(const std::vector<LevelId>& levels);
  // Opens an entry of every level over the members of an object; `key` is the member's.
  void open_members(const State& state, std::string_view key);
  void close(const std::vector<LevelId>& levels);
  void close(LevelId level);
  // Makes the column ready for a cell of its current entry; false if it keeps the one it has.
  bool wants(ColumnPlan& plan, Column& column, std::uint32_t number, bool null);
  bool prepare(ColumnPlan& plan, Column& column, std::uint32_t number, std::size_t entry, bool null);
  void store(const Capture& capture, const Cell& cell);
  void store_text(const Capture& capture, std::string_view text);
  void save(const Extraction& out);
  void restore(Extraction& out);
  void finish(Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  Automaton automaton_;
  std::vector<KeyMemory> memories_;  // By state.
  // Of objects of which nothing is wanted; kCommonMemory is for those that have none of their own.
  std::deque<KeyMemory> inner_memories_;
  KnownKey other_key_;  // One that no memory keeps.
  std::vector<ColumnPlan> plans_;
  std::vector<Shortcut> shortcuts_;             // By state.
  std::vector<std::vector<LevelId>> children_;  // Levels below each level.
  std::size_t string_size_max_;
  std::size_t number_size_max_;
  std::uint32_t depth_max_;

  Marks marks_;               // Of the document,
  At base_ = nullptr;         // and where it begins.
  bool refused_ = false;      // Part of it, by the walk in order;
  std::size_t patience_ = 0;  // of which so many bytes may be tried, lest all is tried once per container around it.
  KeyOrder order_;

  std::uint32_t depth_ = 0;
  bool beyond_ascii_ = false;  // Some text of the document is; whether it is UTF-8 is checked at the end.
  Column* columns_ = nullptr;
  LevelEntries* levels_ = nullptr;
  CastFailures* failures_ = nullptr;

  std::vector<std::uint32_t> saved_counts_;    // Of levels, before the document.
  std::vector<std::uint64_t> saved_failures_;  // Of columns, before the document.
  std::vector<std::string_view> keys_;         // Of the open objects of which every member matters.
  Buffer<char> scratch_;
};

inline void FusedWalk::open(const std::vector<LevelId>& levels) {
  for (const LevelId level : levels) ++levels_[level].count;
}

inline void FusedWalk::close(const std::vector<LevelId>& levels) {
  for (const LevelId level : levels) close(level);
}

inline void FusedWalk::close(LevelId level) {
  for (const LevelId child : children_[level]) levels_[child].begin.push_back(levels_[child].count);
}

}  // namespace batchout::json
