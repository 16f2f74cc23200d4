// Two arenas are run through the same programs, which remember what they have seen.

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "components/json/program.h"
#include "data/origin.h"
#include "naive/naive.h"
#include "rows.h"
#include "scenario.h"
#include "unit/components/json/table.h"

namespace batchout::property {
namespace {

bool same(const Cell& a, const Cell& b) {
  return a.tag == b.tag && a.integer == b.integer && a.text == b.text &&
         (std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real) ||
          (std::isnan(a.real) && std::isnan(b.real)));
}

// Everything but the reasons of rejects, which the naive evaluator does not know.
std::string difference(const Extraction& a, const Extraction& b) {
  if (a.payloads != b.payloads) return "payloads";
  if (a.values->positions != b.values->positions) return "positions";
  const auto position = [](const Reject& reject) { return reject.position; };
  if (!std::ranges::equal(a.rejects, b.rejects, {}, position, position)) return "rejects";
  for (std::size_t level = 0; level < a.levels.size(); ++level) {
    const LevelEntries& left = a.levels[level];
    const LevelEntries& right = b.levels[level];
    if (left.count != right.count || left.begin != right.begin) return fmt::format("entries of level {}", level);
    if (left.values.size() != right.values.size()) return fmt::format("number of values of level {}", level);
    for (std::size_t i = 0; i < left.values.size(); ++i)
      if (!same(left.values.cell(i), right.values.cell(i))) return fmt::format("value {} of level {}", i, level);
  }
  for (std::size_t column = 0; column < a.values->columns.size(); ++column) {
    const Column& left = a.values->columns[column];
    const Column& right = b.values->columns[column];
    if (left.size() != right.size()) return fmt::format("number of cells of column {}", column);
    for (std::size_t i = 0; i < left.size(); ++i)
      if (!same(left.cell(i), right.cell(i)) || left.failed(i) != right.failed(i) ||
          (left.failed(i) && left.excerpt(i) != right.excerpt(i)))
        return fmt::format("cell {} of column {}", i, column);
    if (a.failures[column].count != b.failures[column].count) return fmt::format("failures of column {}", column);
    if (a.failures[column].sample != b.failures[column].sample) return fmt::format("sample of column {}", column);
  }
  return "";
}

std::string difference_of_reasons(const Extraction& a, const Extraction& b) {
  for (std::size_t i = 0; i < a.rejects.size(); ++i)
    if (a.rejects[i].code != b.rejects[i].code || a.rejects[i].message != b.rejects[i].message ||
        a.rejects[i].excerpt != b.rejects[i].excerpt)
      return fmt::format("reject {}", i);
  return "";
}

// The positions that the extraction's origin columns should hold, which follow from the entries alone.
std::string wrong_position(const Projection& projection, const Extraction& extraction) {
  for (std::size_t i = 0; i < projection.origins.size(); ++i) {
    const OriginColumn& origin = projection.origins[i];
    if (origin.source != OriginColumn::Source::position) continue;
    const Column& column = extraction.values->columns[projection.columns.size() + i];
    const auto& begin = extraction.levels[origin.level].begin;
    std::size_t entry = 0;
    for (std::size_t parent = 0; parent + 1 < begin.size(); ++parent)
      for (std::int64_t position = 0; entry < begin[parent + 1]; ++entry, ++position)
        if (column.tag(entry) != Tag::integer || column.integer(entry) != position)
          return fmt::format("position {} of origin {}", entry, i);
  }
  return "";
}

// The rows as the naive evaluator multiplies them out, cell by cell, against the blocks.
class Rows {
 public:
  Rows(const Scenario& scenario, const Extraction& naive)
      : projection_(scenario.projection), shape_(*scenario.shape), naive_(naive), rows_(rows_of(projection_, naive)) {}

  std::string difference(const std::vector<Block>& blocks) const {
    std::size_t row = 0;
    for (const Block& block : blocks)
      for (std::size_t i = 0; i < block.rows(); ++i, ++row) {
        if (row == rows_.size()) return "more rows than expected";
        if (auto found = difference(block, i, rows_[row]); !found.empty())
          return fmt::format("{} of row {}", found, row);
      }
    return row == rows_.size() ? "" : fmt::format("{} rows instead of {}", row, rows_.size());
  }

  void count(Tally& tally) const {
    tally.rows += rows_.size();
    for (const auto& row : rows_) {
      std::size_t entries = 0;
      for (const std::uint32_t entry : row) entries += entry != Block::kNone ? 1 : 0;
      tally.deep_rows += entries > 3 ? 1 : 0;
      for (std::size_t column = 0; column < projection_.columns.size(); ++column) {
        const std::uint32_t entry = row[projection_.columns[column].level];
        if (entry == Block::kNone || naive_.values->columns[column].cell(entry).empty()) continue;
        const std::string_view path = projection_.columns[column].path.written;
        const bool filtered = path.contains("[?");
        ++tally.values;
        tally.filtered += filtered ? 1 : 0;
        tally.operated += !filtered && (path.contains('|') || path.contains(" where ")) ? 1 : 0;
      }
    }
  }

 private:
  std::string difference(const Block& block, std::size_t i, const Row& row) const {
    const std::vector<std::uint32_t> selected = selections(row);
    for (std::size_t selection = 0; selection < selected.size(); ++selection)
      if (block.selections()[selection][i] != selected[selection]) return fmt::format("selection {}", selection);
    for (std::size_t column = 0; column < shape_.columns.size(); ++column) {
      const std::uint32_t entry = selected[shape_.columns[column].level];
      const Cell expected = entry == Block::kNone ? Cell{} : naive_.values->columns[column].cell(entry);
      if (!same(block.column(column).cell(i), expected)) return fmt::format("column {}", column);
    }
    return "";
  }

  std::vector<std::uint32_t> selections(const Row& row) const {
    std::vector<std::uint32_t> all = row;
    for (const Restriction& restriction : projection_.restrictions) {
      const bool inside =
          std::ranges::any_of(restriction.within, [&](LevelId level) { return row[level] != Block::kNone; });
      all.push_back(inside ? row[restriction.level] : Block::kNone);
    }
    return all;
  }

  const Projection& projection_;
  const TableShape& shape_;
  const Extraction& naive_;
  std::vector<Row> rows_;
};

// A way to evaluate the map, with what it has made of the arena at hand.
struct Form {
  Form(const char* called, std::unique_ptr<Program> made, const Projection& projection)
      : name(called), program(std::move(made)), extraction(projection) {}

  std::vector<Block> run(const Scenario& scenario, const Payloads& payloads) {
    std::vector<Block> blocks;
    extraction.clear();
    program->run(payloads, extraction);
    fill_origins(scenario.projection, payloads, extraction);
    expand(scenario.projection, scenario.shape, payloads, extraction, blocks);
    return blocks;
  }

  const char* name;
  std::unique_ptr<Program> program;
  Extraction extraction;
};

std::string shown(const std::string& what, const Form& a, const Form& b) {
  return fmt::format("{} of {} and {} differ\n{}:\n{}{}:\n{}", what, a.name, b.name, a.name,
                     json::test::printed(a.extraction), b.name, json::test::printed(b.extraction));
}

class Contest {
 public:
  explicit Contest(const Scenario& scenario)
      : scenario_(scenario),
        compiled_(std::make_shared<const json::CompiledProjection>(scenario.projection, scenario.options)),
        walk_("the walk", std::make_unique<json::JsonProgram>(compiled_), scenario.projection),
        any_order_("the walk in any order",
                   std::make_unique<json::JsonProgram>(compiled_, json::JsonProgram::Way::any_order),
                   scenario.projection),
        tree_("the tree", std::make_unique<json::JsonProgram>(compiled_, json::JsonProgram::Way::tree),
              scenario.projection),
        naive_("the naive evaluator",
               naive::program_of(scenario.projection, scenario.options.syntax == json::Syntax::rfc9535,
                                 scenario.options.lenient),
               scenario.projection) {}

  std::string run(Tally* tally) {
    if (tally != nullptr) tally->fused += static_cast<const json::JsonProgram&>(*walk_.program).is_fused() ? 1 : 0;
    for (const bool first : {true, false})
      if (auto found = run(arena(first), tally); !found.empty()) return found;
    return "";
  }

 private:
  Payloads arena(bool first) const {
    Payloads payloads;
    const auto& all = scenario_.documents;
    const std::size_t begin = first ? 0 : scenario_.first_arena, end = first ? scenario_.first_arena : all.size();
    for (std::size_t i = begin; i < end; ++i)
      payloads.append(all[i].bytes, UnitId{3}, static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1,
                      all[i].state);
    return payloads;
  }

  std::string run(const Payloads& payloads, Tally* tally) {
    const auto by_walk = walk_.run(scenario_, payloads), by_tree = tree_.run(scenario_, payloads);
    naive_.run(scenario_, payloads);
    any_order_.run(scenario_, payloads);  // In any order only keys are found that have been met.
    any_order_.run(scenario_, payloads);
    for (const Form* form : {&walk_, &any_order_, &tree_}) {
      if (auto found = difference(form->extraction, naive_.extraction); !found.empty())
        return shown(found, *form, naive_);
      if (auto found = wrong_position(scenario_.projection, form->extraction); !found.empty()) return found;
    }
    for (const Form* form : {&walk_, &any_order_})
      if (auto found = difference_of_reasons(form->extraction, tree_.extraction); !found.empty())
        return shown(found, *form, tree_);
    const Rows rows(scenario_, naive_.extraction);
    if (tally != nullptr) {
      tally->good += naive_.extraction.payloads.size();
      tally->refused += naive_.extraction.rejects.size();
      rows.count(*tally);
    }
    if (auto found = rows.difference(by_walk); !found.empty()) return shown(found, walk_, naive_);
    if (auto found = rows.difference(by_tree); !found.empty()) return shown(found, tree_, naive_);
    return "";
  }

  const Scenario& scenario_;
  std::shared_ptr<const json::CompiledProjection> compiled_;
  Form walk_, any_order_, tree_, naive_;
};

// ------------------------------------------------------------------------------------------------------ shrinking

// Leaves out what it can, as long as the rest still disagrees and there is patience left.
class Shrinking {
 public:
  explicit Shrinking(Scenario scenario) : scenario_(std::move(scenario)) {}

  Scenario run() {
    for (bool any = true; any;) {
      any = documents();
      any = columns() || any;
      any = bytes() || any;
    }
    return std::move(scenario_);
  }

 private:
  // Takes the change if the scenario still disagrees with it.
  bool take(Scenario changed) {
    if (tries_ == 0 || (--tries_, disagreement(changed).empty())) return false;
    scenario_ = std::move(changed);
    return true;
  }

  bool documents() {
    bool any = false;
    for (std::size_t i = scenario_.documents.size(); i-- > 0;) {
      Scenario changed = scenario_;
      changed.documents.erase(changed.documents.begin() + static_cast<std::ptrdiff_t>(i));
      if (i < changed.first_arena) --changed.first_arena;
      any |= take(std::move(changed));
    }
    return any;
  }

  bool columns() {
    bool any = false;
    for (std::size_t i = scenario_.projection.columns.size(); i-- > 0;) {
      Scenario changed = scenario_;
      changed.shape = std::make_shared<TableShape>(*scenario_.shape);
      changed.projection.columns.erase(changed.projection.columns.begin() + static_cast<std::ptrdiff_t>(i));
      changed.shape->columns.erase(changed.shape->columns.begin() + static_cast<std::ptrdiff_t>(i));
      any |= take(std::move(changed));
    }
    return any;
  }

  bool bytes() {
    bool any = false;
    for (std::size_t i = 0; i < scenario_.documents.size(); ++i)
      for (std::size_t size = scenario_.documents[i].bytes.size(); size > 0; size /= 2)
        for (std::size_t at = 0; at + size <= scenario_.documents[i].bytes.size();) {
          Scenario changed = scenario_;
          changed.documents[i].bytes.erase(at, size);
          const bool taken = take(std::move(changed));
          any |= taken;
          at += taken ? 0 : size;
        }
    return any;
  }

  Scenario scenario_;
  std::size_t tries_ = 2000;
};

}  // namespace

std::string disagreement(const Scenario& scenario, Tally* tally) {
  return Contest(scenario).run(tally);
}

Scenario shrunk(Scenario scenario) {
  return Shrinking(std::move(scenario)).run();
}

}  // namespace batchout::property
