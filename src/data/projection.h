// A map, compiled: which columns hang at which level, along which paths, and how levels combine to rows.
//
// The only thing that an extractor compiles. Names are resolved: an index is the number of its level.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "batchout/block.h"
#include "batchout/result.h"
#include "data/cast.h"

namespace batchout {

/// A path as written: literal pieces and slots, in order. A slot stands for the value of an index: the position of a
/// list element, the key of an object member, or the element itself (from_list).
struct Template {
  struct Slot {
    /// Of the index; always an ancestor of (or equal to) the level that uses the path.
    LevelId level = kPayloadLevel;
    /// What stood behind a colon, for example "02d"; empty: the value as it is.
    std::string format;
  };
  using Piece = std::variant<std::string, Slot>;

  /// As in the configuration.
  std::string written;
  /// Neighbouring literals are merged; escaped braces are resolved.
  std::vector<Piece> pieces;
};

/// Which of several matches of a path counts.
enum class Strategy : std::uint8_t { take_first, take_first_not_null, take_last, take_last_not_null, take_all };

enum class IndexKind : std::uint8_t {
  /// One entry per list element; the value is its position.
  for_list,
  /// One entry per object member; the value is its key.
  for_object,
  /// One entry per list element; the value is the element.
  from_list,
};

class Extractor;

/// One level: the payload, or an index at its place in a map.
struct ProjectionLevel {
  /// Name of the index; empty for the payload.
  std::string index;
  IndexKind kind = IndexKind::for_list;
  /// Empty for the payload.
  Template path;
  Strategy strategy = Strategy::take_first;
  /// for_list: the position of the first entry, as slots count (Extractor::first_position).
  std::int64_t first = 0;
  /// for_list over an object gives 0..n-1 (dialect 0.3.0).
  bool counts_objects = false;
  /// The deepest level whose index `path` mentions: entries of this level belong to one entry of that one.
  LevelId parent = kPayloadLevel;
  /// The program keeps the value of the index for each entry, in LevelEntries::values: the key (for_object) or the
  /// element (from_list). Positions need not be kept, they follow from the entries.
  bool keeps_values = false;
  /// The one that the index names; all of a program read payloads alike. Null where plans are made without one.
  std::shared_ptr<const Extractor> extractor = nullptr;
};

/// A column that a program fills.
struct ProjectionColumn {
  std::string name;
  Template path;
  Strategy strategy = Strategy::take_first;
  /// The deepest level whose index `path` mentions: one cell per entry of it.
  LevelId level = kPayloadLevel;
  /// How the value becomes a cell; kind `dynamic` leaves it as found.
  Cast cast;
  /// As of a level.
  std::shared_ptr<const Extractor> extractor = nullptr;
};

/// What a path into the metadata of a payload names.
struct MetaName {
  MetaField field = MetaField::topic;
  /// Of MetaField::header.
  std::string header;
  /// Of a timestamp: wanted as a number of milliseconds, else as an instant.
  bool milliseconds = false;
};

/// A column that no program fills: its cells follow from where the entries of its level stand.
struct OriginColumn {
  enum class Source : std::uint8_t {
    /// The position of the level's entry in its list, from 0.
    position,
    /// `path`, with the values of the indexes in its slots.
    resolved_path,
    /// `meta` of the payload.
    metadata,
  };

  std::string name;
  Source source = Source::position;
  /// Of a resolved path; of metadata as written.
  Template path;
  LevelId level = kPayloadLevel;
  Cast cast;
  MetaName meta = {};
};

/// How the entries of levels combine to rows. The groups of a node multiply; the branches of a group follow each other.
struct RowShape {
  struct Node {
    LevelId level = kPayloadLevel;
    /// Without entries, one row without values stays.
    bool outer = false;
    std::vector<std::vector<Node>> groups;
  };
  Node root;
};

/// A selection that shows a level's entries only in rows that also have an entry at one of some other levels: what a
/// column sees that is listed inside of branches but whose path stays outside of them.
struct Restriction {
  LevelId level = kPayloadLevel;
  std::vector<LevelId> within;
};

/// Against hostile payloads; a payload over a limit is refused as a whole.
struct ProjectionLimits {
  /// Nesting of a payload.
  std::uint32_t depth_max = 128;
  /// Bytes.
  std::size_t string_size_max = 4 << 20;
  /// Characters of one number.
  std::size_t number_size_max = 4096;
  std::size_t rows_per_payload_max = 1'000'000;
  /// Rows of one product, checked before it is expanded.
  std::size_t product_max = 10'000;
};

/// Immutable once compiled, shared by all lanes.
struct Projection {
  /// levels[0] is the payload; parents come before children.
  std::vector<ProjectionLevel> levels;
  /// What programs fill.
  std::vector<ProjectionColumn> columns;
  /// What `fill_origins` fills; their values stand behind those of `columns`.
  std::vector<OriginColumn> origins;
  RowShape rows;
  /// Selection number levels.size() + i of a block is restrictions[i].
  std::vector<Restriction> restrictions;
  ProjectionLimits limits;
};

}  // namespace batchout
