// What some inputs say of payloads without a value.

#pragma once

namespace batchout {

/// An input whose entries without a value (a Kafka tombstone) may be meant as rows.
class ValuelessRows {
 public:
  virtual ~ValuelessRows() = default;

  /// Else they are rejects. The same at all times.
  virtual bool rows_without_value() const = 0;
};

}  // namespace batchout
