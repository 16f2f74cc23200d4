// Headers have the names of the columns that tables of letters have.

#include "components/kafka/letters.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "data/dead_letters.h"

namespace batchout::kafka {
namespace {

// What librdkafka counts besides the bytes of a message, and some more.
constexpr std::size_t kOverhead = 1024;
// Bytes of a name of a unit, such as a path, in `batchout-id`.
constexpr std::size_t kTextMax = 4096;

std::string_view cut(std::string_view text) {
  return text.substr(0, std::min(text.size(), kTextMax));
}

/// The parts of a message.
class Message {
 public:
  Message(StagedMessages& staged, std::size_t size_max) : staged_(staged), size_max_(size_max) {}

  // What is too large for a message of which something has to be left for the payload is not there.
  void add_key(std::string_view key) {
    if (key.size() > size_max_ / 4) return;
    staged_.bytes() += key;
    staged_.end_key();
  }
  void add(std::string_view name, std::string_view text) {
    if (text.size() > size_max_ / 4) return;
    staged_.bytes() += text;
    staged_.end_header(name);
  }
  void add(std::string_view name, std::int64_t number) { add(name, std::to_string(number)); }
  void end(std::string_view payload) {
    const std::size_t used = staged_.message_size() + kOverhead;
    staged_.bytes() += payload.substr(0, size_max_ - std::min(size_max_, used));
    staged_.end_value();
  }

 private:
  StagedMessages& staged_;
  std::size_t size_max_;
};

void stage(const std::string& pipeline, const NewLetter& letter, const DeadLetterRecord& record, std::size_t letters,
           Message message) {
  if (letter.key) message.add_key(*letter.key);
  if (!record.source.empty())
    message.add("batchout-id",
                fmt::format("{}/{}/{}/{}", pipeline, cut(record.source), cut(record.unit), record.position));
  message.add("batchout-pipeline", pipeline);
  message.add("batchout-source", cut(record.source));
  message.add("batchout-unit", cut(record.unit));
  message.add("batchout-pos", record.position);
  if (record.next) message.add("batchout-pos_end", *record.next);
  message.add("batchout-stage", record.stage);
  message.add("batchout-place", record.place);
  if (!record.target.empty()) message.add("batchout-target", record.target);
  message.add("batchout-input", record.input);
  message.add("batchout-error_class", record.error_class);
  message.add("batchout-code", record.code);
  message.add("batchout-column_name", record.column);
  message.add("batchout-error", record.error);
  message.add("batchout-excerpt", record.excerpt);
  message.add("batchout-row_no", record.row);
  message.add("batchout-row_count", record.rows);
  if (!record.writer.empty()) message.add("batchout-writer", record.writer);
  if (!record.values.empty()) message.add("batchout-row_values", record.values);
  message.add("batchout-metadata", record.metadata);
  message.add("batchout-batch", static_cast<std::int64_t>(record.batch));
  message.add("batchout-version", record.version);
  message.add("batchout-config_hash", record.config_hash);
  message.add("batchout-payload_size", static_cast<std::int64_t>(record.size));
  message.add("batchout-payload_sha256", record.payload_sha256);
  message.add("batchout-letters", static_cast<std::int64_t>(letters));
  message.end(record.payload);
}

}  // namespace

std::size_t stage_letters(const std::string& pipeline, std::span<const NewLetter> letters, const std::string& topic,
                          std::size_t size_max, StagedMessages& staged, const std::function<bool()>& refused) {
  std::size_t dropped = 0;
  const auto records = records_of(letters);
  std::map<const char*, std::size_t> of_payloads;
  for (const NewLetter& letter : letters) ++of_payloads[letter.payload.data()];
  for (std::size_t i = 0; i < records.size(); ++i) {
    // Another letter of a payload that has its message already.
    if (records[i].payload.empty() && records[i].size > 0) continue;
    staged.begin(topic);
    const std::size_t count = records[i].size > 0 ? of_payloads[letters[i].payload.data()] : 1;
    stage(pipeline, letters[i], records[i], count, {staged, size_max});
    if (!refused()) continue;
    // The topic may take less than the producer; the payload is most of it.
    staged.drop();
    DeadLetterRecord bare = records[i];
    bare.payload = bare.metadata = {};
    staged.begin(topic);
    stage(pipeline, letters[i], bare, count, {staged, size_max});
    if (!refused()) continue;
    staged.drop();
    ++dropped;
  }
  return dropped;
}

}  // namespace batchout::kafka
