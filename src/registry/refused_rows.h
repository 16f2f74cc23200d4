// What outputs can tell of the rows that they take and refuse, for letters to be replayed.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace batchout {

/// What becomes of a row that is written again.
enum class Rewrite : std::uint8_t {
  /// It is there twice.
  adds,
  /// It takes the place of the one with its key, also of a newer one.
  overwrites,
  /// A newer one with its key stays.
  keeps_newer,
  /// The same, but one that was deleted has no version any more and is there again.
  brings_back,
  /// It may be taken for the whole list that it is part of.
  replaces_lists,
};

/// An output that knows which rows its rejects are about.
class RefusedRows {
 public:
  virtual ~RefusedRows() = default;

  /// For each reject of the last call of `write`, `finish` or `finish_late`, in their order: the number of its row
  /// among those that were given to `write` since the batch began or the last `finish`, from 0.
  virtual std::span<const std::uint64_t> refused_rows() const = 0;

  virtual Rewrite rewrite() const = 0;
};

/// Numbers of refused rows, kept by an output.
class RowCounter {
 public:
  /// A call of `write` begins, with a block of so many rows.
  void start(std::uint64_t rows) {
    if (ended_) next_ = 0;
    ended_ = false;
    first_ = next_;
    next_ += rows;
    refused_.clear();
  }
  void refuse(std::uint64_t row_of_block) { refused_.push_back(first_ + row_of_block); }
  /// A call of `finish` or `finish_late` begins.
  void end() {
    ended_ = true;
    refused_.clear();
  }
  /// Whatever was written is gone.
  void reset() { *this = RowCounter(); }
  /// Number of the first row of the block at hand.
  std::uint64_t first() const { return first_; }
  void refuse_number(std::uint64_t number) { refused_.push_back(number); }
  std::span<const std::uint64_t> refused() const { return refused_; }

 private:
  std::uint64_t first_ = 0, next_ = 0;
  bool ended_ = false;
  std::vector<std::uint64_t> refused_;
};

}  // namespace batchout
