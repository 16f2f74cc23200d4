// Payloads are looked up only once there is a letter.

#include "engine/letter_writer.h"

#include <ranges>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "engine/letter_metadata.h"

namespace batchout {

// Of a few letters payloads are looked for one by one: to note where all of a batch are takes longer than to pass over
// them some times.
std::optional<LetterWriter::PayloadPlace> LetterWriter::locate(const UnitKey& unit, std::int64_t position) {
  constexpr int kSearchesMax = 16;
  if (++searches_ <= kSearchesMax) return search(unit, position);
  if (payloads_.empty()) find_payloads();
  const auto& of_unit = payloads_[unit];
  const auto found = of_unit.find(position);
  return found == of_unit.end() ? std::nullopt : std::optional(found->second);
}

// Of those with one position the last one, as in the noted ones.
std::optional<LetterWriter::PayloadPlace> LetterWriter::search(const UnitKey& unit, std::int64_t position) const {
  for (const Batch::Part& part : std::views::reverse(batch_.parts)) {
    if (part.input != unit.first) continue;
    for (std::size_t i = part.payloads.count(); i-- > 0;) {
      const Payloads::Entry& entry = part.payloads.entry(i);
      if (entry.unit == unit.second && entry.position == position) return PayloadPlace{&part.payloads, i};
    }
  }
  return std::nullopt;
}

void LetterWriter::find_payloads() {
  for (const Batch::Part& part : batch_.parts)
    for (std::size_t i = 0; i < part.payloads.count(); ++i) {
      const Payloads::Entry& entry = part.payloads.entry(i);
      payloads_[{part.input, entry.unit}][entry.position] = {&part.payloads, i};
    }
}

/// A value that cost its rows and left the others of its payload.
bool LetterWriter::refuses_rows(const Refused& refused) {
  if (refused.reject.stage != Reject::Stage::cast) return false;
  const PlannedInput& input = plan_.inputs[refused.input];
  return values_.try_emplace(refused.input, input).first->second.policy_of(refused.reject.column) ==
         OnError::reject_row;
}

void LetterWriter::tell_origin(const Payloads& payloads, std::size_t number, const PlannedInput& input,
                               NewLetter& letter) {
  letter.payload = payloads.bytes(number);
  letter.next = payloads.entry(number).next;
  if (told_.insert(letter.payload.data()).second) letter.metadata = letter_metadata(payloads, number, input);
  const MetaValue noted = payloads.metadata(number, MetaField::key);
  if (const auto* bytes = std::get_if<std::string_view>(&noted)) letter.key = *bytes;
  // The token of a topic is about its last message.
  const MetaValue time = payloads.metadata(number, MetaField::timestamp);
  if (const auto* ms = std::get_if<std::int64_t>(&time)) letter.mark = fmt::format("timestamp={}", *ms);
}

NewLetter LetterWriter::letter_of(const Refused& refused) {
  NewLetter letter;
  letter.reject = &refused.reject;
  letter.place = refused.place;
  letter.row = refused.row;
  letter.rows = refused.rows;
  letter.writer = refused.writer;
  letter.target = refused.target;
  letter.values = refused.values;
  letter.batch = batch_.number;
  letter.config_hash = plan_.config_hash;
  if (refused.input >= plan_.inputs.size()) return letter;
  const PlannedInput& input = plan_.inputs[refused.input];
  letter.input = input.name;
  if (letter.place.empty()) letter.place = "inputs." + input.name;
  const bool alone = plan_.on_row_error == RowErrors::row;
  if (alone && refused.place.empty() && refuses_rows(refused)) letter.row = kUnknownRow;
  const UnitKey key{refused.input, refused.reject.unit};
  if (const auto move = batch_.moves.find(key); move != batch_.moves.end()) {
    letter.unit = move->second.unit;
    letter.mark = move->second.to.token;
  }
  if (const auto found = locate(key, refused.reject.position)) tell_origin(*found->first, found->second, input, letter);
  return letter;
}

}  // namespace batchout
