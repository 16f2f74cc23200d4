// Lines are flat objects that this program has written: read without a tree, and passed over if they are anything else.

#include "data/letter_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/files.h"
#include "base/json_text.h"
#include "data/dead_letters.h"
#include "data/render.h"

namespace batchout {
namespace {

std::string now_text() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return utc_text(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

Letter letter_of(std::string_view pipeline, const DeadLetterRecord& record) {
  Letter letter;
  letter.pipeline = pipeline;
  letter.created_at = now_text();
  letter.source = record.source;
  letter.unit = record.unit;
  letter.position = record.position;
  letter.next = record.next;
  letter.stage = record.stage;
  letter.place = record.place;
  letter.input = record.input;
  letter.number = record.number;
  letter.error_class = record.error_class;
  letter.code = record.code;
  letter.column = record.column;
  letter.error = record.error;
  letter.excerpt = record.excerpt;
  letter.row = record.row;
  letter.rows = record.rows;
  letter.writer = record.writer;
  letter.target = record.target;
  letter.values = record.values;
  letter.batch = static_cast<std::int64_t>(record.batch);
  letter.version = record.version;
  letter.config_hash = record.config_hash;
  letter.payload_sha256 = record.payload_sha256;
  letter.metadata = record.metadata;
  letter.payload = record.payload;
  letter.size = record.size;
  return letter;
}

/// The members of a line, each as JSON. Borrows the line.
using Fields = std::map<std::string_view, std::string_view>;

/// Where a string ends that begins at `at`; the text is good JSON, as all here.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

std::size_t value_end(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = string_end(text, at);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if ((c == ',' || c == '}') && depth == 0) return at;
    if ((c == '}' || c == ']') && --depth == 0) return at + 1;
    ++at;
  }
  return at;
}

bool read_fields(std::string_view line, Fields& fields) {
  constexpr int kDepthMax = 8;
  fields.clear();
  if (!line.starts_with('{') || !is_json(line, JsonEscapes::paired, kDepthMax)) return false;
  for (std::size_t at = 1; at < line.size() && line[at] == '"';) {
    const std::size_t key = string_end(line, at);
    if (line[key] != ':') return false;  // Blanks: not written by us.
    const std::size_t end = value_end(line, key + 1);
    fields[line.substr(at + 1, key - at - 2)] = line.substr(key + 1, end - key - 1);
    at = end + 1;
  }
  return true;
}

std::string text_in(const Fields& fields, std::string_view key) {
  std::string text;
  const auto found = fields.find(key);
  if (found != fields.end() && found->second.starts_with('"')) append_unescaped(found->second, text);
  return text;
}

std::int64_t number_in(const Fields& fields, std::string_view key, std::int64_t otherwise = 0) {
  const auto found = fields.find(key);
  std::int64_t number = 0;
  if (found == fields.end()) return otherwise;
  const char* const end = found->second.data() + found->second.size();
  return std::from_chars(found->second.data(), end, number).ec == std::errc() ? number : otherwise;
}

/// What later lines say of a letter.
struct Mark {
  std::string status = "new", at;
  std::int64_t failures = 0;
  std::string code, column, error, excerpt;
};

void take_mark(const Fields& fields, Mark& mark) {
  if (fields.contains("status")) {
    mark.status = text_in(fields, "status");
    mark.at = text_in(fields, "at");
    return;
  }
  ++mark.failures;
  mark.code = text_in(fields, "code");
  mark.column = text_in(fields, "column_name");
  mark.error = text_in(fields, "error");
  mark.excerpt = text_in(fields, "excerpt");
}

/// Empty if it is not there.
std::string json_in(const Fields& fields, std::string_view key) {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string() : std::string(found->second);
}

/// Letters of earlier versions have no row and no time, those of the stages before there are rows need none.
Letter read_letter(const Fields& fields, std::int64_t id, bool payloads) {
  Letter letter;
  letter.id = id;
  letter.pipeline = text_in(fields, "pipeline");
  letter.created_at = text_in(fields, "created_at");
  letter.source = text_in(fields, "source");
  letter.unit = text_in(fields, "unit");
  letter.position = number_in(fields, "pos");
  if (fields.contains("pos_end")) letter.next = number_in(fields, "pos_end");
  letter.stage = text_in(fields, "stage");
  letter.place = text_in(fields, "place");
  letter.input = text_in(fields, "input");
  letter.number = number_in(fields, "number");
  letter.error_class = text_in(fields, "error_class");
  letter.code = text_in(fields, "code");
  letter.column = text_in(fields, "column_name");
  letter.error = text_in(fields, "error");
  letter.excerpt = text_in(fields, "excerpt");
  const bool whole = letter.stage == "read" || letter.stage == "extract";
  letter.row = number_in(fields, "row_no", whole ? kWholePayload : kUnknownRow);
  letter.rows = number_in(fields, "row_count");
  letter.writer = text_in(fields, "writer");
  letter.target = text_in(fields, "target");
  letter.values = json_in(fields, "row_values");
  letter.batch = number_in(fields, "batch");
  letter.version = text_in(fields, "version");
  letter.config_hash = text_in(fields, "config_hash");
  letter.payload_sha256 = text_in(fields, "payload_sha256");
  letter.metadata = json_in(fields, "metadata");
  letter.size = static_cast<std::uint64_t>(number_in(fields, "payload_size"));
  std::string payload = text_in(fields, "payload");
  if (fields.contains("payload_base64")) payload = from_base64(text_in(fields, "payload_base64")).value_or("");
  letter.kept = payload.size();
  if (payloads) letter.payload = std::move(payload);
  return letter;
}

void put(const Mark& mark, Letter& letter) {
  letter.status = mark.status;
  letter.resolved_at = mark.at;
  letter.attempts = std::min(kAttemptsMax, 1 + mark.failures);
  if (mark.failures == 0) return;
  letter.code = mark.code;
  letter.error_class = error_class(mark.code);
  letter.column = mark.column;
  letter.error = mark.error;
  letter.excerpt = mark.excerpt;
}

/// The lines of a file, once from the first to the last.
class Lines {
 public:
  Lines(const std::string& path, std::string shown) : file_(std::fopen(path.c_str(), "re")), shown_(std::move(shown)) {}
  ~Lines() {
    if (file_ != nullptr) std::fclose(file_);
    std::free(line_);  // NOLINT: of getline.
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  bool is_there() const { return file_ != nullptr; }
  std::int64_t number() const { return number_; }

  /// Turns to the next line of ours; false at the end. `strange` hears of others; empty ones do no harm.
  Result<bool> next(Fields& fields, const std::function<void(std::int64_t line)>& strange = {}) {
    for (;;) {
      errno = 0;
      const ssize_t size = ::getline(&line_, &room_, file_);
      if (size < 0 && std::ferror(file_) != 0) return unreadable();
      // Without a line end it is being written, or torn.
      if (size <= 0 || line_[size - 1] != '\n') return false;
      ++number_;
      if (read_fields({line_, static_cast<std::size_t>(size) - 1}, fields)) return true;
      if (size > 1 && strange) strange(number_);
    }
  }

  std::unexpected<Error> unreadable() const {
    const Verdict verdict = verdict_of_errno(errno);
    return fail(verdict, verdict == Verdict::environment ? "BO552" : "BO551",
                fmt::format("The file of dead letters cannot be read: {}: {}", shown_, errno_text(errno)));
  }

 private:
  std::FILE* file_;
  std::string shown_;
  char* line_ = nullptr;
  std::size_t room_ = 0;
  std::int64_t number_ = 0;
};

/// None: there is no file.
Result<std::optional<std::map<std::int64_t, Mark>>> read_marks(const LetterFile& file,
                                                               const std::function<void(std::int64_t line)>& strange) {
  std::map<std::int64_t, Mark> marks;
  Lines lines(file.path, file.shown);
  if (!lines.is_there()) {
    if (errno == ENOENT) return std::nullopt;
    return lines.unreadable();
  }
  Fields fields;
  for (;;) {
    BATCHOUT_TRY(const bool more, lines.next(fields, strange));
    if (!more) return marks;
    if (fields.contains("letter")) take_mark(fields, marks[number_in(fields, "letter")]);
  }
}

}  // namespace

void append_letter_lines(std::string_view pipeline, std::span<const NewLetter> letters, std::string& lines) {
  for (const DeadLetterRecord& record : records_of(letters)) {
    Letter letter = letter_of(pipeline, record);
    append_json(letter, true, lines);
    lines += '\n';
  }
}

void append_resolved_lines(std::span<const std::int64_t> ids, std::string_view status, std::string& lines) {
  for (const std::int64_t id : ids)
    fmt::format_to(std::back_inserter(lines), "{{\"letter\":{},\"status\":\"{}\",\"at\":\"{}\"}}\n", id, status,
                   now_text());
}

void append_failed_lines(std::span<const std::int64_t> ids, const Reject& reject, std::string& lines) {
  for (const std::int64_t id : ids) {
    fmt::format_to(std::back_inserter(lines), "{{\"letter\":{}", id);
    const auto add = [&](std::string_view key, std::string_view text) {
      fmt::format_to(std::back_inserter(lines), ",\"{}\":", key);
      append_json_string(error_text(text), lines);
    };
    add("code", reject.code);
    add("column_name", reject.column);
    add("error", reject.message);
    add("excerpt", reject.excerpt);
    lines += "}\n";
  }
}

// Twice: what has become of a letter stands behind it.
Result<> read_letter_file(const LetterFile& file, const LetterFilter& filter, bool payloads, const LetterSink& sink,
                          const std::function<void(std::int64_t line)>& strange) {
  BATCHOUT_TRY(const auto marks, read_marks(file, strange));
  if (!marks) return {};
  Lines lines(file.path, file.shown);
  if (!lines.is_there()) return lines.unreadable();
  std::map<std::tuple<std::string, std::string, std::int64_t>, std::int64_t> carriers;
  std::size_t left = filter.limit.value_or(static_cast<std::size_t>(-1));
  Fields fields;
  while (left > 0) {
    BATCHOUT_TRY(const bool more, lines.next(fields));
    if (!more) break;
    if (fields.contains("letter")) continue;
    Letter letter = read_letter(fields, lines.number(), payloads);
    if (letter.pipeline != file.pipeline) continue;
    std::int64_t& carrier = carriers[{letter.source, letter.unit, letter.position}];
    if (letter.kept > 0 || letter.size == 0) carrier = letter.id;
    letter.carrier = carrier;
    const auto mark = marks->find(letter.id);
    put(mark != marks->end() ? mark->second : Mark(), letter);
    if (!matches(filter, letter)) continue;
    --left;
    BATCHOUT_TRY(const bool go_on, sink(std::move(letter)));
    if (!go_on) break;
  }
  return {};
}

Result<> LetterReader::each(const LetterFilter& filter, bool payloads, const LetterSink& sink) {
  return read_letter_file(file_, filter, payloads, sink, [&](std::int64_t line) { warn_of(line); });
}

Result<> LetterReader::check_new(std::span<const std::int64_t> ids) {
  LetterFilter filter;
  filter.status = "new";
  filter.ids.assign(ids.begin(), ids.end());
  std::ranges::sort(filter.ids);
  std::size_t found = 0;
  BATCHOUT_CHECK(each(filter, false, [&](Letter&&) -> Result<bool> {
    ++found;
    return true;
  }));
  if (found != ids.size()) return not_new_any_more(file_.shown);
  return {};
}

void LetterReader::warn_of(std::int64_t line) {
  if (line <= strange_line_) return;
  strange_line_ = line;
  log_.warning(
      fmt::format("A line of the file of dead letters is none, and is passed over; empty it, but leave its line end, "
                  "since letters are known by the numbers of their lines: {}, line {} [BO558]",
                  file_.shown, line));
}

}  // namespace batchout
