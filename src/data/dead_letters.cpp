// What a table can hold of a reject.

#include "data/dead_letters.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/sha256.h"
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

using ClassOfCode = std::pair<std::string_view, std::string_view>;
constexpr ClassOfCode kClasses[] = {
    {"BO401", "syntax"},   {"BO402", "syntax"},     {"BO403", "missing"},    {"BO404", "limit"},
    {"BO405", "limit"},    {"BO406", "encoding"},   {"BO407", "limit"},      {"BO408", "limit"},
    {"BO409", "syntax"},   {"BO410", "limit"},      {"BO411", "type"},       {"BO413", "gap"},
    {"BO415", "syntax"},   {"BO416", "limit"},      {"BO417", "limit"},      {"BO418", "syntax"},
    {"BO419", "corrupt"},  {"BO421", "constraint"}, {"BO422", "constraint"}, {"BO423", "range"},
    {"BO424", "encoding"}, {"BO425", "range"},      {"BO426", "constraint"}, {"BO427", "type"},
    {"BO428", "encoding"}, {"BO429", "limit"},      {"BO430", "type"},       {"BO432", "trigger"},
    {"BO433", "limit"},    {"BO534", "constraint"}};

/// By the first byte of the payload: the hash is that of all.
using Hashes = std::map<const char*, std::string>;

/// Rows that have a letter, so that none of a batch is taken for another one of it.
using Rows = std::set<
    std::tuple<std::string_view, std::string_view, std::int64_t, std::string_view, std::string_view, std::int64_t>>;

// Without bytes or mark it is not known whether payloads are the same. A letter that is about no certain row is told
// from the others of its payload by its number.
bool is_told_apart(const NewLetter& letter, Rows& rows) {
  if (letter.payload.empty() || letter.mark.empty()) return false;
  if (letter.row < 0) return true;
  return rows
      .emplace(letter.unit.source, letter.unit.name, letter.reject->position, letter.place, letter.writer, letter.row)
      .second;
}

const std::string& hash_of(std::string_view payload, Hashes& hashes) {
  std::string& hash = hashes[payload.data()];
  if (hash.empty() && !payload.empty()) hash = sha256(payload);
  return hash;
}

}  // namespace

std::string_view error_class(std::string_view code) {
  const auto* const found = std::ranges::find(kClasses, code, &ClassOfCode::first);
  return found == std::end(kClasses) ? "other" : found->second;
}

std::string cut_text(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  constexpr std::string_view kEnd = "…";
  return text.replace(cut_size(text, bytes_max - kEnd.size()), std::string::npos, kEnd);
}

std::string error_text(std::string_view text) {
  return cut_text(shown_text(text), kErrorTextMax);
}

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
  Hashes hashes;
  Rows rows;
  for (const NewLetter& letter : letters) {
    DeadLetterRecord& record = records.emplace_back();
    record.source = shown_text(letter.unit.source);
    record.unit = shown_text(letter.unit.name);
    record.position = letter.reject->position;
    record.next = letter.next;
    record.stage = name_of(letter.reject->stage);
    record.place = letter.place;
    record.input = letter.input;
    record.number = numbers[{letter.unit.source, letter.unit.name, record.position, record.stage, record.place}]++;
    record.once = is_told_apart(letter, rows);
    record.error_class = error_class(letter.reject->code);
    record.code = letter.reject->code;
    record.column = letter.reject->column;
    record.error = error_text(letter.reject->message);
    record.excerpt = shown_text(letter.reject->excerpt);
    record.row = letter.row;
    record.rows = letter.rows;
    record.writer = letter.writer;
    record.target = shown_text(letter.target);
    record.values = letter.values;
    record.batch = letter.batch;
    record.version = BATCHOUT_VERSION;
    record.config_hash = letter.config_hash;
    record.mark = shown_text(letter.mark);
    record.payload_sha256 = hash_of(letter.payload, hashes);
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
