// Builds components as the engine does, from settings to an object, and feeds or drains them.

#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/registry.h"

namespace batchout::testing {

/// A folder that is gone with its content after the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "batchout-XXXXXX").native();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name = {}) const { return name.empty() ? path_ : path_ + "/" + name; }

  void put(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << content;
  }
  std::string get(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

inline Context context(Dialect dialect, std::string folder = {}, Log log = {}) {
  Context made;
  made.name = "test";
  made.dialect = dialect;
  made.folder = std::move(folder);
  made.log = std::move(log);
  return made;
}

/// Log records as "level text", collected.
struct Records {
  std::vector<std::string> lines;
  Log log() {
    return Log(
        [this](const LogRecord& record) {
          static constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};
          lines.push_back(std::string(kLevels[static_cast<int>(record.level)]) + " " + std::string(record.text));
        },
        "test");
  }
};

/// The messages of all problems, one a line.
inline std::string text_of(const Problems& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.text() + "\n";
  return text;
}

/// What decoding settings made: a maker, or the problems.
template <class Decoder>
auto decoded(const std::vector<Registry::Types::Type<Decoder>>& types, std::string_view type, Node settings,
             Problems& problems) {
  const auto* found = Registry::Types::find(types, type);
  EXPECT_NE(found, nullptr) << type;
  Decoding decoding;
  decoding.path = "test";
  decoding.problems = &problems;
  return found->decoder(settings, decoding);
}

// --------------------------------------------------------------------------------------------------------- inputs

inline std::unique_ptr<Input> make_input(void (*add)(Registry&), std::string_view type, Node settings,
                                         const Context& context = {}) {
  Registry registry;
  add(registry);
  Problems problems;
  auto make = decoded(registry.types().inputs, type, std::move(settings), problems);
  EXPECT_TRUE(make) << text_of(problems);
  return make ? std::move(*(*make)(context)) : nullptr;
}

inline std::unique_ptr<Input> make_input(void (*add)(Registry&), std::string_view type, Node settings,
                                         Dialect dialect) {
  return make_input(add, type, std::move(settings), context(dialect));
}

/// The problems that settings of an input have.
inline std::string input_problems(void (*add)(Registry&), std::string_view type, Node settings) {
  Registry registry;
  add(registry);
  Problems problems;
  EXPECT_FALSE(decoded(registry.types().inputs, type, std::move(settings), problems));
  return text_of(problems);
}

struct Read {
  std::vector<std::string> payloads;
  std::vector<std::int64_t> positions;
  std::vector<Unit> units;
  std::vector<Payloads::State> states;
  std::int64_t next = 0;  ///< Position after the last payload.
  bool ended = false;     ///< By End, not because nothing has come for a while.
  std::string error;
};

inline Time soon() {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
}

/// Pulls until End, an error or Idle; units are assigned at `start`.
inline void drain(Input& input, Read& read, Budget budget = {100, 1 << 20}, std::int64_t start = Position::kUnset) {
  while (read.error.empty()) {
    auto event = input.pull(budget, soon(), {});
    if (!event) {
      read.error = event.error().code + " " + event.error().message;
    } else if (auto* assigned = std::get_if<Assigned>(&*event)) {
      read.units = assigned->units;
      std::vector<Position> positions;
      for (const Unit& unit : assigned->units) positions.push_back({unit.id, start, {}});
      EXPECT_TRUE(input.assign(positions));
    } else if (auto* payloads = std::get_if<Payloads>(&*event)) {
      EXPECT_FALSE(payloads->empty());
      EXPECT_LE(payloads->count(), budget.payloads);
      for (std::size_t i = 0; i < payloads->count(); ++i) {
        read.payloads.emplace_back(payloads->bytes(i));
        read.positions.push_back(payloads->entry(i).position);
        read.states.push_back(payloads->entry(i).state);
        read.next = payloads->entry(i).next;
      }
    } else {
      read.ended = std::holds_alternative<End>(*event);
      return;
    }
  }
}

/// Everything of one round.
inline Read read_round(Input& input, Budget budget = {100, 1 << 20}, std::int64_t start = Position::kUnset) {
  Read read;
  if (auto started = input.start_round(); !started) {
    read.error = started.error().code + " " + started.error().message;
    return read;
  }
  drain(input, read, budget, start);
  return read;
}

// -------------------------------------------------------------------------------------------------------- outputs

/// A store with one output, and what the engine would do with them.
struct Target {
  std::unique_ptr<Store> store;
  std::unique_ptr<Output> output;

  /// One batch; an error is returned as "code message" after a rollback, else "".
  std::string batch(const std::vector<Block>& blocks, Rejects* rejects = nullptr) {
    if (auto done = fill(blocks, rejects); !done) return failed(done.error());
    auto committed = store->commit({}, {});
    if (!committed) return failed(committed.error());
    EXPECT_EQ(*committed, Outcome::committed);
    return {};
  }

  /// The same without its end.
  Result<> fill(const std::vector<Block>& blocks, Rejects* rejects = nullptr) {
    BATCHOUT_CHECK(store->begin(1));
    if (!opened_ && !blocks.empty()) {
      BATCHOUT_CHECK(output->open(blocks.front().shape()));
      opened_ = true;
    }
    Rejects ignored;
    for (const Block& block : blocks) {
      BATCHOUT_TRY(taken, output->write(block, rejects ? *rejects : ignored));
    }
    return output->finish(rejects ? *rejects : ignored);
  }

  std::uint64_t taken = 0;  ///< Rows of the last block.

 private:
  std::string failed(const Error& error) {
    store->rollback();
    return error.code + " " + error.message;
  }
  bool opened_ = false;
};

inline Target make_output(void (*add)(Registry&), std::string_view type, Node settings, const Context& context = {}) {
  Registry registry;
  add(registry);
  Problems problems;
  auto make = decoded(registry.types().outputs, type, std::move(settings), problems);
  EXPECT_TRUE(make) << text_of(problems);
  Target target;
  if (!make) return target;
  target.store = std::move(*make->store(context));
  target.output = std::move(*make->output(context, *target.store));
  return target;
}

inline std::string output_problems(void (*add)(Registry&), std::string_view type, Node settings) {
  Registry registry;
  add(registry);
  Problems problems;
  EXPECT_FALSE(decoded(registry.types().outputs, type, std::move(settings), problems));
  return text_of(problems);
}

// --------------------------------------------------------------------------------------------------------- blocks

inline Cell null() {
  return Cell{Tag::null, 0, 0, {}};
}
inline Cell boolean(bool value) {
  return Cell{Tag::boolean, value ? 1 : 0, 0, {}};
}
inline Cell integer(std::int64_t value) {
  return Cell{Tag::integer, value, 0, {}};
}
inline Cell real(double value) {
  return Cell{Tag::real, 0, value, {}};
}
inline Cell text(std::string_view value, Tag tag = Tag::text) {
  return Cell{tag, 0, 0, value};
}
inline Cell moment(std::int64_t value, Tag tag = Tag::datetime) {
  return Cell{tag, value, 0, {}};
}

/// A block of rows, each from a payload of its own, at positions 0, 1, … of unit 7.
inline Block block_of(const std::vector<std::pair<std::string, Kind>>& columns,
                      const std::vector<std::vector<Cell>>& rows) {
  auto shape = std::make_shared<TableShape>();
  shape->name = "rows";
  for (const auto& [name, kind] : columns) shape->columns.push_back({name, kind, nullptr, kPayloadLevel, true});
  auto values = std::make_shared<Values>();
  values->columns.resize(columns.size());
  std::vector<std::uint32_t> selection;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) values->columns[i].append(row[i]);
    values->units.push_back(UnitId{7});
    values->positions.push_back(static_cast<std::int64_t>(selection.size()));
    selection.push_back(static_cast<std::uint32_t>(selection.size()));
  }
  return Block(std::move(shape), std::move(values), {std::move(selection)});
}

}  // namespace batchout::testing
