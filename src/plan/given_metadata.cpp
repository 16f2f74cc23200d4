// Whether the input at hand would know such things is not checked: a test may outlive the change of an input.

#include "plan/given_metadata.h"

#include "base/calendar.h"
#include "base/iso_time.h"
#include "config/scalar.h"

namespace batchout {

std::optional<std::int64_t> GivenMetadata::milliseconds() const {
  if (!timestamp) return std::nullopt;
  if (const auto number = decimal_integer(*timestamp)) return number;
  const auto time = read_iso_time(*timestamp);
  if (!time) return std::nullopt;
  return floor_divide(time->local_us - time->offset_us.value_or(0), 1000);
}

std::vector<MetaNote> GivenMetadata::notes() const {
  std::vector<MetaNote> notes;
  const auto add = [&](MetaField field, const auto& value) {
    if (!value) return;
    MetaNote& note = notes.emplace_back();
    note.field = field;
    note.value = *value;
  };
  add(MetaField::topic, topic);
  add(MetaField::partition, partition);
  add(MetaField::offset, offset);
  add(MetaField::timestamp, milliseconds());
  add(MetaField::key, key);
  add(MetaField::file, file);
  add(MetaField::status, status);
  for (const auto& [name, value] : headers) {
    MetaNote& note = notes.emplace_back();
    note.field = MetaField::header;
    note.header = name;
    if (value) note.value = *value;
  }
  return notes;
}

void GivenMetadata::describe(Spec<GivenMetadata>& s) {
  s.named("", "metadata", "What the extractor meta finds of a payload.")
      .field("topic", &GivenMetadata::topic, "Topic that the message is of.")
      .field("partition", &GivenMetadata::partition, "Its partition.")
      .field("offset", &GivenMetadata::offset, "Its offset, or the place of its first byte in a file.")
      .field("timestamp", &GivenMetadata::timestamp,
             "When it was written: a time such as 2026-11-27T01:02:03Z, or milliseconds since 1970.")
      .check(
          "timestamp", [](const GivenMetadata& c) { return !c.timestamp || c.milliseconds(); },
          "not a time such as 2026-11-27T01:02:03Z, nor milliseconds since 1970")
      .field("key", &GivenMetadata::key, "Its key.")
      .field("headers", &GivenMetadata::headers, "Its headers by their names.")
      .field("file", &GivenMetadata::file, "Path of the file that it is from.")
      .field("status", &GivenMetadata::status, "Status of the HTTP response.");
}

}  // namespace batchout
