// Writes each row as a message.

#include "components/kafka/output.h"

#include <fmt/format.h>

#include <algorithm>

#include "components/kafka/errors.h"
#include "config/wording.h"
#include "data/render.h"

namespace batchout::kafka {
namespace {

// Bytes.
constexpr std::size_t kExcerptMax = 256;
// What librdkafka counts besides the bytes of a message, and some more.
constexpr std::size_t kOverhead = 128, kHeaderOverhead = 16;

}  // namespace

KafkaOutput::KafkaOutput(OutputSettings settings, KafkaStore& store, const Context&)
    : settings_(std::move(settings)), store_(store) {}

Result<std::size_t> KafkaOutput::column(const TableShape& shape, const std::string& name) const {
  const auto found = std::ranges::find(shape.columns, name, &ColumnShape::name);
  if (found != shape.columns.end()) return static_cast<std::size_t>(found - shape.columns.begin());
  std::vector<std::string> names;
  for (const ColumnShape& present : shape.columns) names.push_back(present.name);
  return fail(Verdict::configuration, kNoColumn,
              fmt::format("A column that the output names is not among those that are written: {}; {}", name,
                          suggestion(name, names, "these are")));
}

Result<> KafkaOutput::open(const TableShape& shape) {
  counter_.reset();
  keys_.clear();
  values_.clear();
  headers_.clear();
  names_.clear();
  topic_column_.reset();
  if (!settings_.topic_column.empty()) {
    BATCHOUT_TRY(topic_column_, column(shape, settings_.topic_column));
  }
  for (const std::string& name : settings_.keys) {
    BATCHOUT_TRY(keys_.emplace_back(), column(shape, name));
  }
  for (const std::string& name : settings_.values) {
    BATCHOUT_TRY(values_.emplace_back(), column(shape, name));
  }
  for (const auto& [header, name] : settings_.headers) {
    BATCHOUT_TRY(headers_.emplace_back(), column(shape, name));
  }
  for (std::size_t i = 0; i < shape.columns.size(); ++i) {
    if (settings_.values.empty()) values_.push_back(i);
    append_json_string(shape.columns[i].name, names_.emplace_back());
    names_.back() += ':';
  }
  return {};
}

Result<std::uint64_t> KafkaOutput::write(const Block& block, Rejects& rejects) {
  std::uint64_t taken = 0;
  counter_.start(block.rows());
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const auto refusal = stage(block, row);
    if (!refusal) {
      ++taken;
      continue;
    }
    const ColumnShape& shape = block.shape().columns[refusal->column];
    counter_.refuse(row);
    Reject& reject = rejects.emplace_back();
    reject.stage = Reject::Stage::write;
    reject.code = refusal->code;
    reject.column = shape.name;
    reject.message = refusal->message;
    append_text(block.column(refusal->column).cell(row), shape.zone, reject.excerpt);
    if (reject.excerpt.size() > kExcerptMax) reject.excerpt.resize(kExcerptMax);
    if (const std::uint32_t origin = block.origins()[row]; origin != Block::kNone) {
      reject.unit = block.values().units[origin];
      reject.position = block.values().positions[origin];
    }
  }
  return taken;
}

std::optional<KafkaOutput::Refusal> KafkaOutput::stage(const Block& block, std::size_t row) {
  if (auto refusal = choose_topic(block, row)) return refusal;
  for (const std::size_t key : keys_)
    if (block.column(key).cell(row).empty()) return Refusal{"BO421", "A key is null", key};
  StagedMessages& staged = store_.staged();
  staged.begin(topic_);
  std::string& bytes = staged.bytes();
  append_key(block, row, bytes);
  if (!keys_.empty()) staged.end_key();
  append_object(block, row, values_, bytes);
  staged.end_value();
  std::size_t number = 0;
  for (const auto& [header, name] : settings_.headers) {
    const std::size_t column = headers_[number++];
    const Cell cell = block.column(column).cell(row);
    if (cell.empty()) continue;
    append_text(cell, block.shape().columns[column].zone, bytes);
    staged.end_header(header);
  }
  const bool fits = staged.message_size() + kOverhead + headers_.size() * kHeaderOverhead <= store_.message_max();
  if (fits && !store_.is_refused()) return std::nullopt;
  staged.drop();
  return Refusal{
      "BO429",
      fits ? "The brokers do not take the message, for example because it is larger than max.message.bytes of "
             "its topic"
           : "A message is larger than message.max.bytes",
      values_.empty() ? 0 : values_.front()};
}

std::optional<KafkaOutput::Refusal> KafkaOutput::choose_topic(const Block& block, std::size_t row) {
  topic_ = settings_.topic;
  if (!topic_column_) return std::nullopt;
  const Cell cell = block.column(*topic_column_).cell(row);
  if (!cell.empty()) {
    topic_.clear();
    append_text(cell, nullptr, topic_);
  }
  if (is_topic_name(topic_)) return std::nullopt;
  return Refusal{"BO430", "A value is no name of a topic", *topic_column_};
}

// None of its columns is null.
void KafkaOutput::append_key(const Block& block, std::size_t row, std::string& out) const {
  if (keys_.size() == 1)
    append_text(block.column(keys_.front()).cell(row), block.shape().columns[keys_.front()].zone, out);
  else if (!keys_.empty())
    append_object(block, row, keys_, out);
}

// Absent cells are written as null, so that all messages of a table have the same members.
void KafkaOutput::append_object(const Block& block, std::size_t row, const std::vector<std::size_t>& columns,
                                std::string& out) const {
  out += '{';
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    out += names_[columns[i]];
    append_json(block.column(columns[i]).cell(row), block.shape().columns[columns[i]].zone, out);
  }
  out += '}';
}

}  // namespace batchout::kafka
