// Writes each row as a message: a JSON object, with key and headers from columns.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"
#include "components/kafka/output_store.h"
#include "registry/refused_rows.h"
#include "registry/target_name.h"

namespace batchout::kafka {

/// Rows are staged in the store, and sent when it commits.
class KafkaOutput final : public Output, public RefusedRows, public TargetName {
 public:
  KafkaOutput(OutputSettings settings, KafkaStore& store, const Context& context);

  Result<> open(const TableShape& shape) override;
  Result<std::uint64_t> write(const Block& block, Rejects& rejects) override;
  Result<> finish(Rejects&) override {
    counter_.end();
    return {};
  }

  std::span<const std::uint64_t> refused_rows() const override { return counter_.refused(); }
  Rewrite rewrite() const override { return Rewrite::adds; }
  std::string target() const override { return settings_.topic_column.empty() ? settings_.topic : ""; }

 private:
  struct Refusal {
    std::string_view code;
    std::string_view message;
    std::size_t column = 0;
  };

  Result<std::size_t> column(const TableShape& shape, const std::string& name) const;
  std::optional<Refusal> stage(const Block& block, std::size_t row);
  std::optional<Refusal> choose_topic(const Block& block, std::size_t row);
  void append_key(const Block& block, std::size_t row, std::string& out) const;
  void append_object(const Block& block, std::size_t row, const std::vector<std::size_t>& columns,
                     std::string& out) const;

  OutputSettings settings_;
  KafkaStore& store_;
  RowCounter counter_;

  // Of the table at hand. Numbers of columns.
  std::optional<std::size_t> topic_column_;
  std::vector<std::size_t> keys_, values_, headers_;
  /// By column, as JSON, with the colon behind them.
  std::vector<std::string> names_;
  /// Of the row at hand; kept for its memory.
  std::string topic_;
};

}  // namespace batchout::kafka
