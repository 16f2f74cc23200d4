// What an extractor is to the rest: it checks paths, and compiles a projection into a program that fills columns.

#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/payloads.h"
#include "data/extraction.h"
#include "data/projection.h"

namespace batchout {

/// A projection compiled for one kind of payload. One per lane: it owns scratch memory and is not thread-safe.
class Program {
 public:
  virtual ~Program() = default;

  /// Appends the entries and cells of all usable payloads to `out`, in order. A payload that is refused leaves nothing
  /// but a reject. After warm-up no memory is allocated per payload, row or value.
  virtual void run(const Payloads& payloads, Extraction& out) = 0;
};

/// Writes one path for entry after entry. Owns scratch memory and is not thread-safe.
class PathFiller {
 public:
  virtual ~PathFiller() = default;

  /// Replaces `out` by the path with values, by level, in its slots: a path of its language that finds what the one
  /// with slots finds at that entry. False, and `out` is of no use, if there is none.
  virtual bool fill(std::span<const Cell> values, std::string& out) = 0;
};

/// A configured extractor. Immutable, shared by lanes.
class Extractor {
 public:
  virtual ~Extractor() = default;

  /// What is wrong with a path, or nothing. `column` counts from 1 inside `path.written`, 0 if unknown.
  struct PathProblem {
    std::string message;
    int column = 0;
    std::string_view code = "BO302";
    /// The path can be used, but never finds anything: a warning in old dialects.
    bool finds_nothing = false;
  };
  /// Slots may stand for anything that an index can be.
  virtual std::optional<PathProblem> check(const Template& path) const = 0;

  /// A match of a path: where it is in its payload, and what it is as JSON.
  struct Found {
    std::string path;
    std::string value;
  };
  /// Why there is no answer: a code of docs/errors, and the place inside the path if it is the path that is wrong.
  struct FindProblem {
    std::string code;
    std::string message;
    int column = 0;
  };
  /// All matches of a path without slots in one payload, in order.
  virtual std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view payload) const = 0;

  /// What a path names that leads to no value of the payload but into its metadata; none for all other paths. Such a
  /// column needs no program.
  virtual std::optional<MetaName> metadata(const Template& /*path*/) const { return std::nullopt; }

  /// The path with its slots filled in: one without slots, to be read by this extractor. `values` are by level. None if
  /// no path of this language can name such values. Here: an integer or a plain word can stand anywhere, and between
  /// quotes any text without quotes, backslashes and control characters.
  virtual std::optional<Template> filled(const Template& path, std::span<const Cell> values) const;

  /// The same for many entries, and exact; null for extractors that have only `filled`. `path` has been checked.
  /// `levels` tell what slots stand for, and may be empty. Both may go once the filler is there; the extractor may not.
  virtual std::unique_ptr<PathFiller> filler(const Template& /*path*/,
                                             std::span<const ProjectionLevel> /*levels*/) const {
    return nullptr;
  }

  /// What stands for the first entry of a for_list where a slot does: 0, or 1 in languages that count from there.
  virtual std::int64_t first_position() const { return 0; }

  /// True if one map may use this extractor and `other`, which is of the same type: both read payloads alike, and
  /// whatever else differs a program takes from the extractors that the projection names.
  virtual bool goes_with(const Extractor& /*other*/) const { return true; }

  /// `projection` must outlive the program; its paths have been checked. Called once per lane.
  virtual std::unique_ptr<Program> compile(const Projection& projection) const = 0;

  /// One line per column and index: how it is evaluated, and why not in the fused walk if it is not.
  virtual std::vector<std::string> explain(const Projection& projection) const = 0;
};

}  // namespace batchout
