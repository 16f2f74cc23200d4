// Extraction in one walk over the tokens of a document, without a tree.
//
// The walk checks the whole document, wanted or not. What it cannot do (duplicate members that matter) and what it
// refuses, it leaves to the tree, which alone says what is wrong: the walk then takes back all that it has appended.
//
// Objects of one kind mostly have the same keys in the same order: each state compares with the last object's first.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "components/json/automaton.h"
#include "components/json/compiled.h"
#include "components/json/scan.h"
#include "data/extraction.h"

namespace batchout::json {

class FusedWalk {
 public:
  FusedWalk(std::shared_ptr<const CompiledProjection> compiled, Automaton automaton);

  /// Appends entries and cells of the document to `out`, leads `tokens` behind it and returns true; or changes nothing
  /// and returns false. `escapes`: the document may contain backslashes.
  bool extract(std::string_view document, Tokens& tokens, bool escapes, Extraction& out);

 private:
  // A place among the tokens. The walk hands it from call to call: as a member it would be read and written again
  // around every byte that is stored. Null: the document must be left to the tree.
  using At = const std::uint32_t*;

  // A key with its closing quote, to be compared with raw bytes, and what its value is for.
  struct Remembered {
    static constexpr std::size_t kWords = 4;
    // At first, and for keys that are too long, a byte that no key can begin with.
    std::array<std::uint64_t, kWords> words{};
    std::array<std::uint64_t, kWords> masks{0xFF};
    std::uint32_t count = 1;  // Words in use.
    StateId target = kSkipped;
    std::uint64_t bit = 0;  // Of the edge among those seen; 0: no edge.

    bool is(const char* key) const;
    void set(std::string_view key);
    void forget();
  };

  // Keys by their place in an object; objects with more members look the rest up.
  static constexpr std::size_t kPlaces = 64;
  using Memory = std::array<Remembered, kPlaces + 1>;

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

  char peek(At at) const { return base_[*at]; }
  // Walks the whole document: its end, or null.
  At document_end(std::string_view document, At at);

  At value(StateId id, At at);
  At walk_container(StateId id, At at);
  At walk_object(StateId id, At at);
  At walk_list(const State& state, At at);
  At walk_text(const State& state, At at);
  At walk_number(const State& state, At at);
  At walk_literal(const State& state, At at);

  // What is known of the key at `at`, which is not what was expected at `place`; null if the key is malformed.
  const Remembered* recall(StateId id, std::size_t& place, At at);
  const Remembered* look_up(StateId id, Remembered& memory, At at);
  // In objects of which every member matters: false if the key came before, or cannot be told.
  bool is_new_key(std::size_t keys_before, At at);
  std::string_view text_at(At at) const;

  At skip_value(At at);
  At skip_object(At at);
  At skip_list(At at);
  At skip_text(At at) const;
  At skip_number(At at) const;
  At skip_literal(At at) const;

  void open(const std::vector<LevelId>& levels);
  /// Opens an entry of every level over the members of an object; `key` is the member's.
  void open_members(const State& state, At key);
  void close(const std::vector<LevelId>& levels);
  void close(LevelId level);
  // Makes the column ready for a cell of its current entry; false if it keeps the one it has.
  bool wants(ColumnPlan& plan, Column& column, std::uint32_t number, bool null);
  void store(const Capture& capture, const Cell& cell);
  void store_text(const Capture& capture, std::string_view text);
  void save(const Extraction& out);
  void restore(Extraction& out);
  void finish(Extraction& out);

  std::shared_ptr<const CompiledProjection> compiled_;
  Automaton automaton_;
  std::vector<Memory> memories_;  // By state.
  Remembered unremembered_;       // A key that has no place in a memory.
  std::vector<ColumnPlan> plans_;
  std::vector<std::vector<LevelId>> children_;  // Levels below each level.
  std::size_t string_size_max_;
  std::size_t number_size_max_;
  std::uint32_t depth_max_;

  const char* base_ = nullptr;
  std::uint32_t depth_ = 0;
  bool looks_into_texts_ = false;
  Column* columns_ = nullptr;
  LevelEntries* levels_ = nullptr;
  CastFailures* failures_ = nullptr;

  std::vector<std::uint32_t> saved_counts_;    // Of levels, before the document.
  std::vector<std::uint64_t> saved_failures_;  // Of columns, before the document.
  std::vector<std::string_view> keys_;         // Of the open objects of which every member matters.
  Buffer<char> scratch_;
};

}  // namespace batchout::json
