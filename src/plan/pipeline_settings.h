// The section `pipeline` of our own dialect: what holds for a pipeline as a whole.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "batchout/spec.h"
#include "data/projection.h"
#include "plan/plan.h"

namespace batchout {

struct BatchSettings {
  std::size_t payloads = BatchLimits{}.payloads;
  ByteSize bytes = BatchLimits{}.bytes;
  std::size_t rows = BatchLimits{}.rows;
  Duration age = BatchLimits{}.age;

  static void describe(Spec<BatchSettings>& s);
};

struct LimitSettings {
  std::uint32_t depth = ProjectionLimits{}.depth_max;
  ByteSize text = ProjectionLimits{}.string_size_max;
  std::size_t digits = ProjectionLimits{}.number_size_max;
  std::size_t rows = ProjectionLimits{}.rows_per_payload_max;
  std::size_t product = ProjectionLimits{}.product_max;

  static void describe(Spec<LimitSettings>& s);
};

struct RejectLimitSettings {
  double share = 0.05;
  std::optional<std::uint64_t> count;

  static void describe(Spec<RejectLimitSettings>& s);
};

struct PipelineSettings {
  /// Empty: the first consumer group, else the file's name.
  std::string name;
  BatchSettings batch;
  LimitSettings limits;
  std::size_t lanes = 0;
  bool keep_empty = false;
  DeliveryLevel delivery = DeliveryLevel::best;
  /// Looked at by place_letters.
  Node dead_letters = true;
  /// None: the payload, where one feeds several tables, else the row.
  std::optional<RowErrors> on_row_error;
  RejectLimitSettings reject_limit;
  ByteSize memory_max{std::size_t{512} << 20};

  static void describe(Spec<PipelineSettings>& s);
};

/// Of a configuration of our own dialect; the defaults without the section or if a problem was reported.
PipelineSettings pipeline_settings(const Node& config, const std::string& file, Problems& problems);

/// What the old dialects do, which have no such section: positions stay with the source, refused payloads in the log.
PipelineSettings old_pipeline_settings();

/// Puts the promise and the limits of batches and payloads into a plan whose inputs are known.
void set_limits(const PipelineSettings& settings, Plan& plan);

}  // namespace batchout
