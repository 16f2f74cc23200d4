// What an input, a store, an output and a processor are to the engine, and how their types are made known.
//
// Components are passive and single-threaded: the engine calls them from one thread at a time, owns clock, retries and
// commit order, and never calls a constructor-made component before the whole configuration is known to be good.
// Constructors do not touch the outside world; the first call that needs it connects.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "batchout/block.h"
#include "batchout/log.h"
#include "batchout/payloads.h"
#include "batchout/result.h"
#include "batchout/spec.h"

namespace batchout {

/// Monotonic time, as the engine's clock tells it.
using Time = std::chrono::steady_clock::time_point;

/// Which generation of configuration a component was declared in; old ones keep some old behaviour.
enum class Dialect : std::uint8_t { v0_0_1, v0_3_0, v1 };

/// What a component is told when it is built.
struct Context {
  /// Its name in the configuration, for example "kafka" of "inputs.kafka".
  std::string name;
  std::string pipeline;
  Dialect dialect = Dialect::v1;
  /// Relative paths of the configuration resolve here; empty: the working directory.
  std::string folder;
  Log log;
  /// Compiled paths into payloads, for the library's own inputs.
  std::vector<std::shared_ptr<const class Finder>> finders{};
};

/// Units that are now ours. The engine answers with `assign` before the next `pull`.
struct Assigned {
  std::vector<Unit> units;
};
/// Units that are no longer ours. The engine answers with `release`; nothing of a lost unit may be committed.
struct Revoked {
  std::vector<UnitId> units;
  bool lost = false;
};
/// The source no longer has what comes next: `found` is the first position that it still has.
struct Gap {
  UnitId unit{};
  std::int64_t expected = 0;
  std::int64_t found = 0;
};
/// Nothing came before the deadline.
struct Idle {};
/// A finite input has been read to its end in this round.
struct End {};

using Event = std::variant<Payloads, Assigned, Revoked, Gap, Idle, End>;

/// What may still be taken by one `pull`.
struct Budget {
  std::size_t payloads = 0;
  std::size_t bytes = 0;
};

struct InputTraits {
  /// True: never returns End (a topic); a round ends by the limits below.
  bool endless = false;
  /// Most payloads of one round; none: no limit.
  std::optional<std::size_t> round_payloads;
  /// A round ends after this long without a payload, counted from the assignment of units or the last payload.
  std::optional<std::chrono::milliseconds> round_quiet;
  /// A position means the same payload in every run, so that reading can go on where another run ended.
  bool resumes = false;
};

class Input {
 public:
  virtual ~Input() = default;

  virtual InputTraits traits() const = 0;

  /// A new round begins: a finite input starts over (and reports its units anew), an endless one goes on.
  virtual Result<> start_round() = 0;

  /// Waits until there is something to tell, the deadline passes or `stop` is requested. A paused input returns Idle
  /// at the deadline and keeps its place in its group alive meanwhile.
  virtual Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) = 0;

  /// Starts reading the units of the last Assigned, one position each. A number of Position::kUnset is resolved by the
  /// input (its own committed position, else its configured start). Returns where each unit really starts, in order.
  virtual Result<std::vector<Position>> assign(std::span<const Position> positions) = 0;

  /// Confirms a Revoked: no payload of these units comes any more.
  virtual void release(std::span<const UnitId> units) = 0;

  /// Goes back (or forth) to these positions in units that are assigned.
  virtual Result<> seek(std::span<const Position> positions) = 0;

  virtual void pause(bool on) = 0;

  /// Last of all: everything before these positions is stored for good. May be lost in a crash.
  virtual Result<> acknowledge(std::span<const Position> positions) = 0;
};

/// A unit as the store knows it.
struct Claim {
  /// Fencing token; grows with every claim.
  std::int64_t epoch = 0;
  /// None: never stored.
  std::optional<Position> position;
};

/// The step of one unit in one batch.
struct Move {
  Unit unit;
  std::int64_t epoch = 0;
  /// Number stored before.
  std::int64_t from = Position::kUnset;
  Position to;
};

/// A reject together with the payload it came from. The bytes are borrowed for the call.
struct DeadLetter {
  const Reject* reject = nullptr;
  std::string place;  ///< Who refused, for example "outputs.warehouse".
  Unit unit;
  std::string_view payload;
};

/// How a transaction ended.
enum class Outcome : std::uint8_t {
  committed,
  /// Rolled back: the epoch of a unit is not ours.
  fenced,
  /// The answer was lost: the transaction may or may not have been committed.
  in_doubt,
};

struct StoreTraits {
  /// Rows of a batch appear together or not at all.
  bool transactional = false;
  /// `commit` stores positions in the same transaction, `claim` returns them.
  bool keeps_positions = false;
  /// `commit` stores dead letters in the same transaction.
  bool keeps_dead_letters = false;
};

/// One connection and one transaction, shared by all outputs whose configuration names the same system.
class Store {
 public:
  virtual ~Store() = default;

  virtual StoreTraits traits() const = 0;

  /// Takes ownership of units, so that no earlier owner can commit any more. One claim per unit, in order.
  virtual Result<std::vector<Claim>> claim(std::span<const Unit> units) = 0;

  /// Opens the transaction of a batch; connects (again) if there is no connection.
  virtual Result<> begin(std::uint64_t batch) = 0;

  /// Ends the transaction of all outputs together with positions and dead letters.
  virtual Result<Outcome> commit(std::span<const Move> advance, std::span<const DeadLetter> dead_letters) = 0;

  /// Drops the transaction. Also after a failed `commit` or `write`; without a transaction it does nothing.
  virtual void rollback() = 0;
};

/// A table writer inside a store's transaction. Never begins or commits.
class Output {
 public:
  virtual ~Output() = default;

  /// Looks at the target and checks that the table fits it; called inside the first transaction of a connection.
  virtual Result<> open(const TableShape& shape) = 0;

  /// Takes the rows of one block; rows that the target cannot take become rejects. Returns the rows taken. An error
  /// with the verdict `row` may name its row by a last reject with the code of the error.
  virtual Result<std::uint64_t> write(const Block& block, Rejects& rejects) = 0;

  /// Ends the writing of a batch: whatever was staged is in the target afterwards. Rows that had been taken and turn
  /// out not to fit become rejects.
  virtual Result<> finish(Rejects& rejects) = 0;
};

/// Changes the cells of a column before they are cast. Each lane has one of its own; different ones run at a time.
class Processor {
 public:
  virtual ~Processor() = default;

  /// Appends to `out` one cell for each cell of `in`. Absent and null cells are passed on as they are, unless to fill
  /// them is what the processor is for. A value that does not suit is appended as failed (Column::append_failed).
  virtual void apply(const Column& in, Column& out) = 0;

  /// Which values can come out if those of `in` come in; 0: none of them suits. Asked while a configuration is checked.
  virtual Tags gives(Tags in) const { return in | kAnyValue; }
};

/// Builds a component that has been configured.
template <class Component>
using Make = std::function<Result<std::unique_ptr<Component>>(const Context&)>;

/// An output's two halves, and what can be checked before either is built.
struct OutputMake {
  /// The system that is written to; stores with the same key are one. Relative paths in it resolve at `folder`.
  std::function<std::string(std::string_view folder)> store_key;
  /// Columns that identify a row; rows without them cannot be told apart.
  std::vector<std::string> keys;
  /// False: a key that is not written has no effect, which old dialects let pass.
  bool needs_keys = true;
  Make<Store> store;
  std::function<Result<std::unique_ptr<Output>>(const Context&, Store&)> output;
};

/// Component types by role and name. Not thread-safe while types are added.
///
/// A component type is a plain struct of settings with `static void describe(Spec<Config>&)`, and a class built from
/// it. Roles: inputs are built from `(Config, const Context&)`, processors from `(Config)`, outputs from
/// `(Config, StoreClass&, const Context&)` beside a store class built from `(Config, const Context&)`; the Config of an
/// output has `std::string store_key() const`, which names the system it writes to, or the same with a parameter
/// `std::string_view folder` if relative paths are part of the name. A member `std::vector<std::string> keys` of it is
/// checked against the columns that are written; `bool needs_keys() const` may say that this is no error.
class Registry {
 public:
  Registry();
  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;

  template <class Config, class Class>
  void input() {
    add_input(spec_of<Config>(), [](const Node& node, const Decoding& decoding) -> std::optional<Make<Input>> {
      auto config = decode<Config>(node, decoding);
      if (!config) return std::nullopt;
      return [config = std::move(*config)](const Context& context) -> Result<std::unique_ptr<Input>> {
        return std::make_unique<Class>(config, context);
      };
    });
  }

  template <class Config, class Class>
  void processor() {
    add_processor(spec_of<Config>(), [](const Node& node, const Decoding& decoding) -> std::optional<Make<Processor>> {
      auto config = decode<Config>(node, decoding);
      if (!config) return std::nullopt;
      return [config = std::move(*config)](const Context&) -> Result<std::unique_ptr<Processor>> {
        return std::make_unique<Class>(config);
      };
    });
  }

  template <class Config, class Class, class StoreClass>
  void output() {
    add_output(spec_of<Config>(), [](const Node& node, const Decoding& decoding) -> std::optional<OutputMake> {
      auto config = decode<Config>(node, decoding);
      if (!config) return std::nullopt;
      OutputMake make;
      make.store_key = [config = *config](std::string_view folder) {
        if constexpr (requires { config.store_key(folder); })
          return config.store_key(folder);
        else
          return config.store_key();
      };
      if constexpr (requires { config->keys; }) make.keys = config->keys;
      if constexpr (requires { config->needs_keys(); }) make.needs_keys = config->needs_keys();
      make.store = [config = *config](const Context& context) -> Result<std::unique_ptr<Store>> {
        return std::make_unique<StoreClass>(config, context);
      };
      make.output = [config = std::move(*config)](const Context& context,
                                                  Store& store) -> Result<std::unique_ptr<Output>> {
        return std::make_unique<Class>(config, static_cast<StoreClass&>(store), context);
      };
      return make;
    });
  }

  using InputDecoder = std::function<std::optional<Make<Input>>(const Node&, const Decoding&)>;
  using ProcessorDecoder = std::function<std::optional<Make<Processor>>(const Node&, const Decoding&)>;
  using OutputDecoder = std::function<std::optional<OutputMake>(const Node&, const Decoding&)>;

  void add_input(SpecInfo spec, InputDecoder decoder);
  void add_processor(SpecInfo spec, ProcessorDecoder decoder);
  void add_output(SpecInfo spec, OutputDecoder decoder);

  struct Types;
  /// What has been added; for the library itself.
  const Types& types() const { return *types_; }
  Types& types() { return *types_; }

 private:
  std::unique_ptr<Types> types_;
};

}  // namespace batchout
