// Letters as JSON, and what they are chosen by.

#include "data/letter_book.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/calendar.h"
#include "base/iso_time.h"
#include "base/unicode.h"
#include "data/render.h"

namespace batchout {
namespace {

bool is_one_of(const std::vector<std::int64_t>& numbers, std::int64_t number) {
  return numbers.empty() || std::ranges::binary_search(numbers, number);
}

bool fits(const std::string& wanted, const std::string& text) {
  return wanted.empty() || wanted == text;
}

/// Members of one object, in the order in which they are added.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) {}

  void add(std::string_view key, std::string_view text) {
    begin(key);
    append_json_string(text, out_);
  }
  void add(std::string_view key, std::int64_t number) {
    begin(key);
    fmt::format_to(std::back_inserter(out_), "{}", number);
  }
  void add_json(std::string_view key, std::string_view json) {
    begin(key);
    out_ += json;
  }
  void end() { out_ += first_ ? "{}" : "}"; }

 private:
  void begin(std::string_view key) {
    fmt::format_to(std::back_inserter(out_), "{}\"{}\":", first_ ? '{' : ',', key);
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;
};

void add_known(Members& members, std::string_view key, std::string_view text) {
  if (!text.empty()) members.add(key, text);
}

}  // namespace

std::vector<NewLetter> plain_letters(std::span<const DeadLetter> letters) {
  std::vector<NewLetter> out;
  for (const DeadLetter& letter : letters) static_cast<DeadLetter&>(out.emplace_back()) = letter;
  return out;
}

std::unexpected<Error> not_new_any_more(std::string_view where) {
  return fail(Verdict::fenced, "BO509",
              fmt::format("A letter is not new any more: somebody else has replayed or discarded it meanwhile, so "
                          "nothing of the batch was stored: {}",
                          where));
}

Result<std::size_t> LetterBook::prune(std::int64_t) {
  return fail(
      Verdict::configuration, "BO508",
      "Letters are not deleted from a file or a topic: a file of letters only grows, since they are known by the "
      "numbers of their lines");
}

bool matches(const LetterFilter& filter, const Letter& letter) {
  if (!fits(filter.stage, letter.stage) || !fits(filter.code, letter.code) || !fits(filter.place, letter.place) ||
      !fits(filter.source, letter.source) || !fits(filter.unit, letter.unit) || !fits(filter.status, letter.status))
    return false;
  if (!is_one_of(filter.ids, letter.id) || !is_one_of(filter.carriers, letter.carrier)) return false;
  return !filter.since || utc_instant(letter.created_at).value_or(*filter.since - 1) >= *filter.since;
}

void append_json(const Letter& letter, bool payload, std::string& out) {
  Members members(out);
  if (letter.id > 0) {
    members.add("id", letter.id);
    members.add("status", letter.status);
    members.add("attempts", letter.attempts);
  }
  if (!letter.created_at.empty()) members.add("created_at", letter.created_at);
  if (!letter.resolved_at.empty()) members.add("resolved_at", letter.resolved_at);
  members.add("pipeline", letter.pipeline);
  members.add("source", letter.source);
  members.add("unit", letter.unit);
  members.add("pos", letter.position);
  if (letter.next) members.add("pos_end", *letter.next);
  members.add("stage", letter.stage);
  members.add("place", letter.place);
  add_known(members, "target", letter.target);
  members.add("input", letter.input);
  members.add("number", letter.number);
  add_known(members, "error_class", letter.error_class);
  members.add("code", letter.code);
  members.add("column_name", letter.column);
  members.add("error", letter.error);
  members.add("excerpt", letter.excerpt);
  members.add("row_no", letter.row);
  members.add("row_count", letter.rows);
  add_known(members, "writer", letter.writer);
  if (!letter.values.empty()) members.add_json("row_values", letter.values);
  if (letter.batch > 0) members.add("batch", letter.batch);
  add_known(members, "version", letter.version);
  add_known(members, "config_hash", letter.config_hash);
  if (!letter.metadata.empty()) members.add_json("metadata", letter.metadata);
  if (letter.id > 0) members.add("payload_of", letter.carrier);
  if (payload && (letter.kept > 0 || letter.size == 0 || letter.id == 0)) {
    const bool text = find_broken_utf8(letter.payload) >= letter.payload.size();
    members.add(text ? "payload" : "payload_base64", text ? letter.payload : base64(letter.payload));
  }
  members.add("payload_size", static_cast<std::int64_t>(letter.size));
  add_known(members, "payload_sha256", letter.payload_sha256);
  members.end();
}

std::string utc_text(std::int64_t us) {
  const std::int64_t day = floor_divide(us, kDay), second = floor_divide(us - day * kDay, kSecond);
  const CivilDate date = civil_date(day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", date.year, date.month, date.day, second / 3600,
                     second / 60 % 60, second % 60);
}

std::optional<std::int64_t> utc_instant(std::string_view text) {
  const auto time = read_iso_time(text);
  if (!time) return std::nullopt;
  return time->local_us - time->offset_us.value_or(0);
}

}  // namespace batchout
