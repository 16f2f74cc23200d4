// How long files of rows were after their last commit, and the positions that the rows came from, in a file beside
// them.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/written_file.h"
#include "batchout/component.h"
#include "batchout/log.h"
#include "data/position_book.h"

namespace batchout {

/// One line a step, each with its checksum:
///
///   writing  a batch is about to be added behind these lengths
///   written  it has been added, and the positions moved
///
/// Both are on the disk before the next step begins. Files that are longer than the last line says, when that line is
/// `writing`, have the rest of a batch that was not committed: it is cut off. When it is `written`, somebody else has
/// added to the file, whose rows stay.
///
/// Of a file of rows and one of dead letters. Holds a lock while it is open, so that one process at a time adds rows.
/// Not thread-safe.
class FileJournal {
 public:
  /// `rows` and `letters` are paths; the journal is at that of the rows with ".batchout" at its end. `shown` is the
  /// name of the file with the rows in messages, and `rules` are those of that file.
  FileJournal(std::string rows, std::string letters, std::string shown, std::string pipeline, Log log,
              const WriteRules& rules = kGroupReads);

  /// Takes units over, in order. Opens the journal first if it is not open, and cuts off what no commit has answered
  /// for. BO556 if another process has it; BO557 if it is damaged.
  Result<std::vector<Claim>> claim(std::span<const Unit> units);
  /// Opens the journal as a claim does, without claiming anything.
  Result<> hold();
  /// As PositionBook says. `kept` looks without the lock, at what is on the disk; `change` opens the journal as a claim
  /// does.
  Result<std::vector<KeptPosition>> kept() const;
  Result<> change(std::span<const PositionChange> changes);
  /// Something has been claimed, or the journal is held.
  bool in_use() const { return epoch_ > 0 || held_; }
  /// It was in use, and a failure has closed it: what the last step has left is known only once it is read again.
  bool is_lost() const { return in_use() && !file_; }

  /// BO536 with the verdict `fenced` if a unit is not ours, or not where the move begins.
  Result<> check(std::span<const Move> moves) const;
  /// Notes that something is about to be added. `rows`: not only letters.
  Result<> writing(bool rows);
  /// Notes that they have been, if any, and that these positions are theirs.
  Result<> written(std::span<const Move> moves);
  /// Cuts off what was added since `writing`; if that fails, the next `writing` does it.
  void undo();

 private:
  struct Place {
    std::int64_t epoch = 0;
    std::int64_t next = Position::kUnset;
    std::string token;
  };
  /// Pipeline, source, unit.
  using Name = std::array<std::string, 3>;
  struct Extent {
    std::uint64_t inode = 0;
    std::int64_t length = 0;
  };
  /// Of the rows, then of the letters.
  static constexpr std::size_t kFiles = 2;
  using Extents = std::array<Extent, kFiles>;

  Result<> open();
  Result<> read();
  Result<std::string> text_of(const Descriptor& file) const;
  Result<> take_lines(std::string_view text);
  bool take_line(std::string_view line);
  Result<> cut_rest();
  Result<> append(const std::string& line);
  Result<> compact();
  static std::string text_of(const Name& name, const Place& place);
  std::string places_text() const;
  std::int64_t size_limit() const;
  Name name_of(const Unit& unit) const { return {pipeline_, unit.source, unit.name}; }
  Result<Extents> extents() const;
  static std::string step_of(std::string_view step, const Extents& extents);
  std::unexpected<Error> error(int number) const;
  std::unexpected<Error> error_of_file(std::size_t file, int number) const;

  std::array<std::string, kFiles> paths_;
  std::string path_, shown_, pipeline_;
  Log log_;
  WriteRules rules_;
  Descriptor file_;
  /// Of the last claim.
  std::int64_t epoch_ = 0;
  bool held_ = false;
  /// Of the journal: what is whole.
  std::int64_t size_ = 0;
  /// Of the journal: from here on it is written anew, with nothing but the last line.
  std::int64_t size_max_ = 0;
  std::map<Name, Place> places_;
  /// The last line is `writing`.
  std::optional<Extents> open_batch_;
};

}  // namespace batchout
