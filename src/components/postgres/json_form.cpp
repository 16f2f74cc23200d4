// Numbers, truth values, JSON and arrays stay what they are; everything else is text. The forms are those of the
// original's driver where they can be read back, else the server's.

#include "components/postgres/json_form.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "data/render.h"

namespace batchout::postgres {
namespace {

void append_real(std::string_view text, std::string& out) {
  if (text.find_first_not_of("+-.0123456789eE") != std::string_view::npos) return append_json_string(text, out);
  out += text;
  if (text.find_first_of(".eE") == std::string_view::npos) out += ".0";
}

// "2019-11-01 01:02:03.5+02" gets ".500000" and "+02:00".
void append_time(std::string_view text, std::string& out) {
  std::string time;
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::size_t dot = text.find('.', colon);
  const std::size_t sign = std::min(text.find_first_of("+-", colon), text.size());
  const std::size_t clock = std::min(text.find(' ', colon), sign);
  time = text.substr(0, clock);
  if (dot < clock) time.append(6 - std::min<std::size_t>(clock - dot - 1, 6), '0');
  std::string_view rest = text.substr(std::min(clock, text.size()));
  if (clock == sign && sign < text.size()) {
    const std::string_view offset = rest.substr(0, rest.find(' '));
    time += offset;
    if (!offset.contains(':')) time += ":00";
    rest.remove_prefix(offset.size());
  }
  append_json_string(time.append(rest), out);
}

struct Interval {
  std::int64_t days = 0;
  std::int64_t microseconds = 0;
};

// "-04:05:06.5"; false if it is something else.
bool read_clock(std::string_view text, std::int64_t& microseconds) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t parts[3] = {};
  for (int i = 0; i < 3; ++i) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), parts[i]);
    if (code != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (i < 2 && !text.starts_with(':')) return false;
    if (i < 2) text.remove_prefix(1);
  }
  std::int64_t fraction = 0;
  if (text.starts_with('.')) {
    std::string digits(text.substr(1, 6));
    digits.resize(6, '0');
    std::from_chars(digits.data(), digits.data() + digits.size(), fraction);
  }
  constexpr std::int64_t kHoursMax = 1'000'000'000;
  if (parts[0] > kHoursMax) return false;
  microseconds = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1'000'000 + fraction;
  if (negative) microseconds = -microseconds;
  return true;
}

// None with years or months, which have no length.
std::optional<Interval> read_interval(std::string_view text) {
  Interval read;
  while (!text.empty()) {
    const std::string_view first = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(first.size() + 1, text.size()));
    if (first.contains(':')) {
      if (!read_clock(first, read.microseconds)) return std::nullopt;
      continue;
    }
    const std::string_view unit = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(unit.size() + 1, text.size()));
    constexpr std::int64_t kDaysMax = 10'000'000;
    const auto [end, code] = std::from_chars(first.data(), first.data() + first.size(), read.days);
    if (code != std::errc() || !unit.starts_with("day") || read.days > kDaysMax || read.days < -kDaysMax)
      return std::nullopt;
  }
  return read;
}

// "1 day, 2:03:04": what is negative is so in its days only.
void append_interval(std::string_view text, std::string& out) {
  const auto read = read_interval(text);
  if (!read) return append_json_string(text, out);
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;
  const std::int64_t total = read->days * kDay + read->microseconds;
  const std::int64_t days = total / kDay - (total % kDay < 0 ? 1 : 0);
  const std::int64_t rest = total - days * kDay;
  const std::int64_t seconds = rest / 1'000'000;
  std::string written;
  if (days != 0) written = fmt::format("{} day{}, ", days, days == 1 || days == -1 ? "" : "s");
  written += fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (rest % 1'000'000 != 0) written += fmt::format(".{:06}", rest % 1'000'000);
  append_json_string(written, out);
}

// Reads "{1,NULL,{\"a b\"}}". False if the text is no array; `out` is of no use then.
class Array {
 public:
  Array(JsonForm form, char delimiter, std::string_view text, std::string& out)
      : form_(form), delimiter_(delimiter), text_(text), out_(out) {}

  bool append() {
    // "[2:3]={…}" says where its numbers begin, which lists do not.
    if (text_.starts_with('[')) text_.remove_prefix(std::min(text_.find('=') + 1, text_.size()));
    int depth = 0;
    do {
      if (text_.empty()) return false;
      const char c = text_.front();
      if (c == '{') {
        ++depth;
        take('[');
      } else if (depth == 0) {
        return false;
      } else if (c == '}') {
        --depth;
        take(']');
      } else if (c == delimiter_) {
        take(',');
      } else {
        element();
      }
    } while (depth > 0);
    return text_.empty();
  }

 private:
  void take(char json) {
    out_ += json;
    text_.remove_prefix(1);
  }

  void element() {
    if (text_.starts_with('"')) return quoted();
    std::size_t end = 0;
    while (end < text_.size() && text_[end] != delimiter_ && text_[end] != '}') ++end;
    const std::string_view value = text_.substr(0, end);
    if (value == "NULL")
      out_ += "null";
    else
      append_as(form_, value, out_);
    text_.remove_prefix(end);
  }

  void quoted() {
    std::string value;
    std::size_t at = 1;
    for (; at < text_.size() && text_[at] != '"'; ++at) {
      if (text_[at] == '\\' && at + 1 < text_.size()) ++at;
      value += text_[at];
    }
    append_as(form_, value, out_);
    text_.remove_prefix(std::min(at + 1, text_.size()));
  }

  JsonForm form_;
  char delimiter_;
  std::string_view text_;
  std::string& out_;
};

}  // namespace

void append_as(JsonForm form, std::string_view text, std::string& out) {
  switch (form) {
    case JsonForm::boolean:
      out += text == "t" ? "true" : "false";
      break;
    case JsonForm::integer:
    case JsonForm::json:
      out += text;
      break;
    case JsonForm::real:
      append_real(text, out);
      break;
    case JsonForm::time:
      append_time(text, out);
      break;
    case JsonForm::interval:
      append_interval(text, out);
      break;
    case JsonForm::text:
      append_json_string(text, out);
      break;
  }
}

// Types of the category that are written otherwise, such as int2vector, are texts.
void append_array(JsonForm form, char delimiter, std::string_view text, std::string& out) {
  const std::size_t before = out.size();
  if (Array(form, delimiter, text, out).append()) return;
  out.resize(before);
  append_json_string(text, out);
}

}  // namespace batchout::postgres
