// Extraction in one walk over the tokens of a document, without a tree.
//
// The walk checks the whole document, wanted or not. What it cannot do (duplicate members that matter) and what it
// refuses, it leaves to the tree, which alone says what is wrong: the walk then takes back all that it has appended.
//
// Objects of one kind mostly have the same keys in the same order. Each state therefore remembers which key came at
// which place in the last object, and compares with that first, eight bytes at a time, before it looks the key up.

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

  /// Appends entries and cells of the document to `out` and returns true, or appends nothing and returns false.
  /// `escapes`: the document may contain backslashes.
  bool extract(std::string_view document, Tokens tokens, bool escapes, Extraction& out);

 private:
  static constexpr std::uint16_t kNoEdge = 0xFFFF;

  // A key with its closing quote, to be compared with raw bytes.
  struct Remembered {
    static constexpr std::size_t kWords = 4;
    std::array<std::uint64_t, kWords> words{};
    std::array<std::uint64_t, kWords> masks{};
    std::uint16_t count = 0;  // Words in use; 0: nothing is remembered.
    std::uint16_t edge = kNoEdge;

    bool is(const char* key) const;
    void set(std::string_view key, std::uint16_t edge);
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
    std::uint64_t failures_before = 0;  // The last cell.
  };

  bool document_value(std::string_view document);
  bool value(StateId state);
  bool walk_object(StateId id);
  bool walk_member(StateId id, std::uint16_t edge);
  bool walk_list(const State& state);
  bool walk_text(const State& state);
  bool walk_number(const State& state);
  bool walk_literal(const State& state);
  bool walk_container(StateId id);

  // The edge of the key at the next token, or kNoEdge; steps over the key. False if the key is malformed.
  bool next_key(StateId id, std::size_t& place, std::uint16_t& edge);
  bool look_up_key(const State& state, Remembered* memory, std::uint16_t& edge);
  // In objects of which every member matters: false if the key came before, or cannot be told.
  bool is_new_key(std::size_t keys_before);

  bool skip_value();
  bool skip_object();
  bool skip_list();
  bool skip_text();
  bool skip_number();
  bool skip_literal();

  void open(LevelId level);
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
  std::vector<ColumnPlan> plans_;
  std::vector<std::vector<LevelId>> children_;  // Levels below each level.

  Tokens tokens_;
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
