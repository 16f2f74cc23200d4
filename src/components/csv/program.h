// Runs a projection over all payloads of an arena: each is read into a table, which the paths then look into.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "components/csv/document.h"
#include "components/csv/path.h"
#include "data/program.h"

namespace batchout::csv {

class CsvProgram final : public Program {
 public:
  /// Both must outlive the program.
  CsvProgram(const Projection& projection, const Reading& reading);

  void run(const Payloads& payloads, Extraction& out) override;

 private:
  // One entry of the text on which we work.
  struct Entry {
    // Number of the entry of the parent level within the text.
    std::uint32_t parent = 0;
    // Of the slot.
    Cell value;
  };

  // The fields that a name stands for in payloads with the names of that version.
  struct Named {
    std::uint64_t version = 0;
    std::vector<std::size_t> columns;
  };

  std::optional<Fault> extract(const Payloads& payloads, std::size_t payload, Extraction& out);
  std::optional<Fault> check_size() const;
  bool find_entries(LevelId level);
  void add_fields(LevelId level, std::uint32_t parent, std::size_t row);
  void append_entries(LevelId level, Extraction& out) const;

  // What a column finds at entry `entry` of its level; text lies in the payload, in names or in `memory_`.
  Cell cell(std::size_t column, std::uint32_t entry);
  Cell field_cell(const Path::Field& field, std::size_t column, std::size_t row, std::uint32_t entry);
  Cell filled_cell(const std::vector<Template::Piece>& pieces, std::size_t column, std::size_t row,
                   std::uint32_t entry);
  Cell cell_of(const std::vector<std::size_t>& columns, std::size_t row, Strategy strategy);
  Cell list_of(const std::vector<std::size_t>& columns, std::size_t row);
  void find_named(std::string_view name, std::vector<std::size_t>& columns) const;
  std::optional<std::size_t> row_of(const Path::Row& row, LevelId level, std::uint32_t entry) const;
  const Cell& slot(LevelId of, LevelId level, std::uint32_t entry) const;

  const Projection& projection_;
  std::vector<Path> level_paths_;
  std::vector<Path> column_paths_;
  Document document_;
  // By column of the projection.
  std::vector<Named> named_;
  // Of the text, by level.
  std::vector<std::vector<Entry>> entries_;
  // Values of slots that do not lie in the text as they are.
  std::deque<std::string> values_;
  std::string memory_;
  std::string list_;
  std::string filled_;
  std::vector<std::size_t> found_;
};

/// The paths of a projection; those that are refused by `check` find nothing.
Path path_or_nothing(const Template& path);

}  // namespace batchout::csv
