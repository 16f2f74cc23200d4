// A configuration, resolved: names are numbers, paths are compiled, every check has been made. Immutable; shared by
// all lanes. Nothing in it has touched the outside world.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batchout/block.h"
#include "batchout/component.h"
#include "data/program.h"
#include "data/projection.h"
#include "data/query.h"
#include "data/whole_reader.h"
#include "plan/parameters.h"

namespace batchout {

/// What happens to a column between the extractor and its table.
struct ColumnSteps {
  /// Of the extracted values; it is `dynamic` there.
  std::size_t column = 0;
  std::vector<Make<Processor>> processors;
  Cast cast;
};

/// A selector that is more than a selection.
struct PlannedQuery {
  std::string selector;
  std::shared_ptr<const TableShape> shape;
  std::function<Result<std::unique_ptr<Query>>()> make;
};

/// Where the parameters of an input come from, and what they make of it.
struct PlannedParameters {
  PlannedQuery query;
  /// The input with these parameters, as far as it has such; none if one that it has is null. An error with the verdict
  /// `row` if they do not suit it.
  std::function<Result<std::optional<Make<Input>>>(const ParameterRow&)> make;
  /// The query reads the rows of the round at hand, from inputs that stand before this one; without rows nothing is
  /// read. Else the rows of the round before; without rows the input is read once, as it is configured.
  bool same_round = false;
  /// Names of the inputs whose rows the query reads, with `same_round`.
  std::vector<std::string> sources{};
  /// Rows whose inputs may be read at a time; from 1.
  std::size_t threads = 1;
};

/// One more table that is made of the payloads of an input, by the same program.
struct FurtherTable {
  /// That of the input, but for rows and restrictions.
  Projection projection;
  std::shared_ptr<const TableShape> shape;
  /// As PlannedInput::order.
  std::vector<std::size_t> order;
};

/// One input with its map: everything that makes rows of its tables, of which it mostly has one.
struct PlannedInput {
  std::string name;
  /// Called once for each run of the plan.
  Make<Input> make;
  /// Null if no extractor is declared: then nothing in the map looks into a payload.
  std::shared_ptr<const Extractor> extractor;
  Projection projection;
  /// Columns with processors.
  std::vector<ColumnSteps> steps;
  /// After the steps; columns as they are declared.
  std::shared_ptr<const TableShape> shape;
  /// For each column of the shape: its place among the extracted values.
  std::vector<std::size_t> order;
  /// Of an input whose reader has a selector.
  std::optional<PlannedParameters> parameters{};
  /// Tables beside the one of `projection`, `shape` and `order`. Each shows some of the values.
  std::vector<FurtherTable> further{};

  /// Extracted values, whichever tables show them.
  std::size_t values() const { return projection.columns.size() + projection.origins.size(); }
  /// Calls `visit` with shape and order of each table.
  void each_table(const auto& visit) const {
    visit(*shape, order);
    for (const FurtherTable& table : further) visit(*table.shape, table.order);
  }
};

/// A selector that only picks columns of one table, or what stands for the result of a query.
struct PlannedSelection {
  /// In place of an input: rows that a query makes.
  static constexpr std::size_t kComputed = static_cast<std::size_t>(-1);

  std::size_t input = 0;
  /// Of the input's shape; Block::kAbsent for columns that its map does not fill.
  std::vector<std::size_t> columns;
  std::shared_ptr<const TableShape> shape;
  /// Of the input; 0: its own, then the further ones.
  std::size_t table = 0;
};

/// A table that queries read: all declared columns, filled by every reading of one input.
struct PlannedTable {
  std::string name;
  std::shared_ptr<const TableShape> shape;
  std::vector<PlannedSelection> sources;
};

/// One system with its transaction. All outputs with the same key of `OutputMake::store_key` share it.
struct PlannedStore {
  /// Of the first output that uses it, for messages.
  std::string name;
  Make<Store> make;
};

/// A table of a store. `store` is a position in Plan::stores.
struct PlannedOutput {
  std::string name;
  std::size_t store = 0;
  OutputMake make;
};

/// One stream of rows into some outputs.
struct PlannedWriter {
  std::string name;
  /// Their rows follow each other; all have equal column names. With a query there is one, computed.
  std::vector<PlannedSelection> selections;
  /// Positions in Plan::outputs; never empty in a good plan.
  std::vector<std::size_t> outputs;
  /// What makes the rows, if it is more than a selection.
  std::optional<PlannedQuery> query{};
};

/// When a batch is full: at the first of these.
struct BatchLimits {
  std::size_t payloads = 5'000;
  /// Of payloads, as they were read.
  std::size_t bytes = 32 << 20;
  /// Before they are given to several writers.
  std::size_t rows = 200'000;
  /// Bytes of payloads and of the rows made of them.
  std::size_t memory = 256 << 20;
  /// From the first payload on, so that a trickle of them reaches its table within about a second.
  std::chrono::milliseconds age{1'000};
};

/// Of a plan with queries, which have to see all rows of a round at once: a round beyond the limits is an error.
inline constexpr BatchLimits kWholeRound{.payloads = std::size_t{1} << 40,
                                         .bytes = std::size_t{512} << 20,
                                         .rows = 20'000'000,
                                         .memory = std::size_t{2} << 30,
                                         .age = std::chrono::hours{24 * 3650}};

/// What is promised of every payload that an input gives.
enum class DeliveryLevel : std::uint8_t {
  /// After a failure rows may be stored once more.
  at_least_once,
  /// Positions are kept in the first store that can, in one transaction with the rows; as far as that goes.
  best,
  /// The same, and compiling fails where it is less than that every row is stored once.
  exactly_once,
};

/// What goes with a row that a target refuses.
enum class RowErrors : std::uint8_t {
  /// Nothing else.
  row,
  /// All rows of its payload, in all tables.
  payload,
  /// The batch, and with it the run.
  batch
};

/// Beyond this a run ends, and the batch at hand is not stored.
struct RejectLimit {
  /// Of the payloads.
  double share = 1;
  /// In a run.
  std::optional<std::uint64_t> count{};
};

/// What the engine runs. Numbers are positions in the vectors of this struct; `make` functions connect to nothing.
struct Plan {
  /// Of the pipeline; part of every stored position.
  std::string name;
  /// SHA-256 of the text of the configuration, in hexadecimal digits; empty if it was built in code.
  std::string config_hash;
  Dialect dialect = Dialect::v1;
  /// Where relative paths of components resolve; empty: the working directory.
  std::string folder;
  /// Rows whose cells are all absent or null are dropped and counted.
  bool drop_empty_rows = false;
  BatchLimits batch;
  /// Bytes of one payload, whatever its input takes.
  std::size_t payload_max = std::size_t{512} << 20;
  DeliveryLevel delivery = DeliveryLevel::at_least_once;
  /// Refused payloads are stored beside the rows, where a store can.
  bool dead_letters = true;
  /// The configuration asks for that in so many words: where they may not be kept, the run ends.
  bool insists_on_letters = false;
  RowErrors on_row_error = RowErrors::row;
  RejectLimit reject_limit;
  /// In the order in which they are read.
  std::vector<PlannedInput> inputs;
  std::vector<PlannedStore> stores;
  std::vector<PlannedOutput> outputs;
  std::vector<PlannedWriter> writers;
  /// Empty unless a writer has a query; then a round is one batch.
  std::vector<PlannedTable> tables;
  /// Threads that extract, where the run says nothing; 0: one per processor.
  std::size_t lanes = 0;
  /// What the configuration leaves out and was put in, a sentence each, for people.
  std::vector<std::string> inferred;
};

/// Queries join and count what they are given: a table that was read in an earlier round must be there again. So with a
/// query some inputs are read from their start in every round.
inline bool reads_whole_rounds(const Plan& plan, const Input& input) {
  const auto* whole = dynamic_cast<const WholeReader*>(&input);
  return !plan.tables.empty() && whole != nullptr && whole->reads_whole_for_queries();
}

}  // namespace batchout
