// An input whose payloads are the rows of a query: where its rounds begin, and what is read once more.
//
// One unit, whose positions count rows. A batch that could not be stored is read once more from the same snapshot. Once
// that is gone, its rows are others: then the unit starts over, so that no row is missing. Columns that only grow make
// every place in the rows one that can be found again.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"
#include "data/position_book.h"
#include "data/whole_reader.h"

namespace batchout {

/// What the setting `resume` does, in the declarations of inputs with cursor columns.
inline constexpr const char* kResume =
    "Whether a run begins behind the last row of the one before, with `cursor` and where positions are kept; by "
    "default "
    "in batchout: 1.";

/// What gives the rows of one query, in one snapshot.
class RowSource {
 public:
  enum class Step : std::uint8_t {
    row,
    /// None has come before the deadline or the stop request.
    waiting,
    end
  };

  virtual ~RowSource() = default;

  /// Sets `payload` to the next row, and `cursor` to the values of its cursor columns. `wanted`: so many rows at most
  /// will be asked for.
  virtual Result<Step> next(std::string& payload, std::vector<std::string>& cursor, std::size_t wanted, Time deadline,
                            const std::stop_token& stop) = 0;

  /// Begins anew behind the first `skipped` rows.
  virtual Result<> restart(std::size_t skipped) = 0;
};

struct RowInputOptions {
  /// Names the system, for example "postgres:db:5432/shop".
  std::string source;
  /// Rows of one round; none: all.
  std::optional<std::size_t> rows_max;
  /// Nobody has asked for `rows_max`, so it is told when there are more.
  bool limit_is_news = false;
  /// Columns that only grow: with them a round begins behind the last row that was acknowledged.
  std::vector<std::string> cursor{};
  /// And a run where the last one has ended, if somebody keeps the position.
  bool resume = false;
  /// Somebody has asked for that.
  bool resume_is_told = false;
};

class RowInput : public Input, public WholeReader, public NamedUnits {
 public:
  RowInput(RowInputOptions options, const Context& context) : context_(context), options_(std::move(options)) {}

  InputTraits traits() const override;
  bool reads_whole_for_queries() const override { return !options_.resume_is_told; }
  Result<> start_round() override;
  Result<Event> pull(const Budget& budget, Time deadline, std::stop_token stop) override;
  Result<std::vector<Position>> assign(std::span<const Position> positions) override;
  void release(std::span<const UnitId> units) override;
  Result<> seek(std::span<const Position> positions) override;
  void pause(bool on) override { paused_ = on; }
  Result<> acknowledge(std::span<const Position> positions) override;

  /// Named as the input, which has one unit. Its positions count rows, and only a token says which row was the last.
  std::optional<Unit> unit_named(std::string_view text) const override;
  bool reads_source(std::string_view source) const override { return source == options_.source; }
  std::expected<std::string, std::string> token_at(const Unit& unit, std::int64_t number,
                                                   const std::optional<std::string>& given,
                                                   const std::string& kept) const override;
  std::string first_start() const override { return "with the first row"; }

 protected:
  /// Runs the query; with `behind`, from the row on that follows the one with these cursor values. Null: there is
  /// nothing to read.
  virtual Result<std::unique_ptr<RowSource>> open(const std::vector<std::string>& behind) = 0;

  const Context& context() const { return context_; }

  /// For queries of which a parameter is what no value in the database can be.
  void warn_of_nothing(std::string_view why) const;

 private:
  // In the order in which they follow each other within a round.
  enum class Stage : std::uint8_t { unannounced, announced, reading, done };
  static constexpr UnitId kUnit{0};

  /// What the cursor columns of a row were, and the position behind it.
  struct Mark {
    std::int64_t next = 0;
    std::vector<std::string> values;
  };

  bool incremental() const { return !options_.cursor.empty(); }
  Result<> go_behind(const Position& position);
  Result<> make_token();
  Result<Event> read(const Budget& budget, Time deadline, const std::stop_token& stop);
  Result<RowSource::Step> fetch(Time deadline, const std::stop_token& stop);
  void give(Payloads& out);
  std::unexpected<Error> failed(Error error);
  void start_over();
  void end_round();
  void close();
  std::size_t rows_left() const;

  Context context_;
  RowInputOptions options_;
  bool paused_ = false;
  bool warned_ = false;
  Stage stage_ = Stage::unannounced;
  std::unique_ptr<RowSource> rows_;
  /// A row that has been read and not given.
  bool ready_ = false;
  std::string payload_;
  std::vector<std::string> cursor_;
  std::string token_;
  /// Comes behind the rows that were read before it.
  std::optional<Error> failure_;
  /// Positions: where the round began, where the query of `rows_` began, the next row, and what is acknowledged.
  std::int64_t round_start_ = 0;
  std::int64_t rows_start_ = 0;
  std::int64_t next_ = 0;
  std::int64_t acknowledged_ = 0;
  /// Of rows that were given, with cursor columns only; the first one may be that of `acknowledged_`.
  std::deque<Mark> marks_;
};

}  // namespace batchout
