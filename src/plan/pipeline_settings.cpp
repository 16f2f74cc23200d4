// What is described here takes effect, or is refused: nothing is accepted that is not held.

#include "plan/pipeline_settings.h"

namespace batchout {

template <>
struct Choices<DeliveryLevel> {
  static constexpr std::string_view names[] = {"at_least_once", "best", "exactly_once"};
};

template <>
struct Choices<RowErrors> {
  static constexpr std::string_view names[] = {"row", "payload", "batch"};
};

void BatchSettings::describe(Spec<BatchSettings>& s) {
  s.named("", "batch", "When a batch is full and stored: at the first of these.")
      .field("payloads", &BatchSettings::payloads, "Most payloads of a batch.")
      .range(1, 10'000'000)
      .field("bytes", &BatchSettings::bytes, "Most bytes of its payloads, as they are read.")
      .range(1, 1 << 30)
      .field("rows", &BatchSettings::rows, "Most rows made of them.")
      .range(1, 1'000'000'000)
      .field("age", &BatchSettings::age, "Longest time from its first payload on.")
      .range(0.001, 86'400);
}

void LimitSettings::describe(Spec<LimitSettings>& s) {
  s.named("", "limits", "Beyond these a payload is refused.")
      .field("depth", &LimitSettings::depth, "Deepest nesting of a payload.")
      .range(1, ProjectionLimits{}.depth_max)
      .field("text", &LimitSettings::text, "Longest text in a payload.")
      .range(1, 1 << 30)
      .field("digits", &LimitSettings::digits, "Longest number in a payload, in characters.")
      .range(1, 1 << 20)
      .field("rows", &LimitSettings::rows, "Most rows of one payload in one table.")
      .range(1, 100'000'000)
      .field("product", &LimitSettings::product, "Most rows of lists that multiply each other.")
      .range(1, 100'000'000);
}

void RejectLimitSettings::describe(Spec<RejectLimitSettings>& s) {
  s.named("", "reject_limit", "Beyond these a run ends, and the batch at hand is not stored.")
      .field("share", &RejectLimitSettings::share,
             "Largest share of refused payloads among the last 10,000; told from 1,000 on. 1: no limit.")
      .range(0, 1)
      .field("count", &RejectLimitSettings::count, "Most refused payloads of a run.")
      .range(0, 9e15);
}

void PipelineSettings::describe(Spec<PipelineSettings>& s) {
  s.named("", "pipeline", "What holds for the pipeline as a whole.")
      .field("name", &PipelineSettings::name, "Its name in logs and stored positions.")
      .field("batch", &PipelineSettings::batch, "When a batch is full.")
      .field("limits", &PipelineSettings::limits, "What a payload may be at most.")
      .field("lanes", &PipelineSettings::lanes, "Threads that extract; 0: one per processor, at most 8.")
      .range(0, 256)
      .field("keep_empty", &PipelineSettings::keep_empty, "Whether rows without any value are kept.")
      .field("delivery", &PipelineSettings::delivery,
             "exactly_once is refused where it cannot be kept; best is as much as can be; at_least_once keeps no "
             "positions.")
      .field(
          "dead_letters", &PipelineSettings::dead_letters,
          "true keeps refused payloads beside the rows, in one transaction with them, and ends the run where that may "
          "not be, which the default only warns of; false logs and counts them; "
          "{file: PATH} keeps them in a file of JSON lines, {kafka: {…}} in a topic, with the settings of such an "
          "output, each at least once.")
      .field("on_row_error", &PipelineSettings::on_row_error,
             "What goes with a row or value that is refused: nothing else (row), all rows of its payload in all tables "
             "(payload), or the batch, which ends the run, also for a payload that is refused before it has rows; by "
             "default payload where one feeds several tables, else row.")
      .field("reject_limit", &PipelineSettings::reject_limit, "How much may be refused before the run ends.")
      .field(
          "memory_max", &PipelineSettings::memory_max,
          "Bytes of memory for payloads and rows: a batch that has reached half of it is stored, a round that queries "
          "need at once may take all, and a larger payload is a reject.")
      .range(64 << 20, 1e15);
}

PipelineSettings pipeline_settings(const Node& config, const std::string& file, Problems& problems) {
  const Node* section = config.find("pipeline");
  if (section == nullptr || !section->is_mapping()) return {};  // Reported with the sections.
  auto settings = decode<PipelineSettings>(
      *section, {.path = "pipeline", .file = file, .strict = true, .problems = &problems, .mark = section->mark()});
  if (settings) return *std::move(settings);
  // Judged on its own, with what is wrong beside it.
  PipelineSettings otherwise;
  if (const Node* const letters = section->find("dead_letters")) otherwise.dead_letters = *letters;
  return otherwise;
}

PipelineSettings old_pipeline_settings() {
  PipelineSettings settings;
  settings.delivery = DeliveryLevel::at_least_once;
  settings.dead_letters = false;
  settings.on_row_error = RowErrors::row;
  settings.reject_limit.share = 1;
  return settings;
}

namespace {

// Rows of several tables that come from one payload belong together.
bool feeds_several_tables(const Plan& plan) {
  std::vector<std::size_t> tables(plan.inputs.size());
  for (const PlannedWriter& writer : plan.writers)
    for (const PlannedSelection& selection : writer.selections)
      if (selection.input < tables.size() && ++tables[selection.input] > 1) return true;
  return false;
}

}  // namespace

// A plan with queries has limits of its own: all rows of a round are one batch.
void set_limits(const PipelineSettings& settings, Plan& plan) {
  plan.delivery = settings.delivery;
  plan.on_row_error = settings.on_row_error.value_or(feeds_several_tables(plan) ? RowErrors::payload : RowErrors::row);
  plan.reject_limit = {settings.reject_limit.share, settings.reject_limit.count};
  const std::size_t memory = settings.memory_max.bytes;
  plan.payload_max = memory;
  if (plan.tables.empty())
    plan.batch = {settings.batch.payloads, settings.batch.bytes.bytes, settings.batch.rows, memory / 2,
                  settings.batch.age.value};
  else if (plan.dialect == Dialect::v1)
    plan.batch.memory = memory;
  const auto limit = [&](Projection& projection) {
    projection.limits.depth_max = settings.limits.depth;
    projection.limits.string_size_max = settings.limits.text.bytes;
    projection.limits.number_size_max = settings.limits.digits;
    projection.limits.rows_per_payload_max = settings.limits.rows;
    projection.limits.product_max = settings.limits.product;
  };
  for (PlannedInput& input : plan.inputs) {
    limit(input.projection);
    for (FurtherTable& table : input.further) limit(table.projection);
  }
}

}  // namespace batchout
