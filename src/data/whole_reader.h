// What some inputs do where queries read their rows.

#pragma once

namespace batchout {

/// A finite input that can go on where the last run ended, but not where queries need all of its rows: what they join
/// or count must be there in every round.
class WholeReader {
 public:
  virtual ~WholeReader() = default;

  /// True unless the configuration says explicitly that it is to go on.
  virtual bool reads_whole_for_queries() const = 0;
};

}  // namespace batchout
