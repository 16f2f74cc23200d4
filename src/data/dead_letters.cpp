// What a table can hold of a reject.

#include "data/dead_letters.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/unicode.h"

namespace batchout {
namespace {

std::string_view name_of(Reject::Stage stage) {
  switch (stage) {
    case Reject::Stage::read:
      return "read";
    case Reject::Stage::extract:
      return "extract";
    case Reject::Stage::cast:
      return "cast";
    case Reject::Stage::select:
      return "select";
    case Reject::Stage::write:
      break;
  }
  return "write";
}

}  // namespace

// The payload itself is kept as bytes.
std::string shown_text(std::string_view text) {
  std::string out(text);
  if (out.contains('\0') || find_broken_utf8(out) < out.size())
    std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) - 0x20u > 0x5Eu; }, '?');
  return out;
}

std::vector<DeadLetterRecord> records_of(std::span<const NewLetter> letters) {
  std::vector<DeadLetterRecord> records;
  std::map<std::tuple<std::string_view, std::string_view, std::int64_t, std::string_view, std::string_view>,
           std::int64_t>
      numbers;
  std::set<const char*> kept;
  for (const NewLetter& letter : letters) {
    DeadLetterRecord& record = records.emplace_back();
    record.source = shown_text(letter.unit.source);
    record.unit = shown_text(letter.unit.name);
    record.position = letter.reject->position;
    record.stage = name_of(letter.reject->stage);
    record.place = letter.place;
    record.input = letter.input;
    record.number = numbers[{letter.unit.source, letter.unit.name, record.position, record.stage, record.place}]++;
    record.code = letter.reject->code;
    record.column = letter.reject->column;
    record.error = shown_text(letter.reject->message);
    record.excerpt = shown_text(letter.reject->excerpt);
    record.row = letter.row;
    record.rows = letter.rows;
    // A payload of many rows that are all refused is kept once.
    if (kept.insert(letter.payload.data()).second) {
      record.payload = letter.payload.substr(0, kDeadPayloadMax);
      record.metadata = letter.metadata;
    }
    record.size = letter.payload.size();
  }
  return records;
}

}  // namespace batchout
