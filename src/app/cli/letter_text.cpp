// What comes from payloads is shown escaped: it must not draw on a terminal.

#include "app/cli/letter_text.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "app/cli/console.h"
#include "app/cli/text_table.h"

namespace batchout::cli {
namespace {

constexpr std::array<std::string_view, 8> kHeads = {"id",    "created", "status", "stage",
                                                    "place", "code",    "from",   "error"};
using Line = std::array<std::string, kHeads.size()>;

std::string clipped(std::string text) {
  constexpr std::size_t kCharactersMax = 100;
  std::size_t characters = 0, at = 0;
  for (; at < text.size(); ++at)
    if ((text[at] & 0xC0) != 0x80 && ++characters > kCharactersMax) break;
  if (at < text.size()) text.replace(at, std::string::npos, "…");
  return text;
}

Line line_of(const Letter& letter) {
  const std::string tries = letter.attempts > 1 ? fmt::format(", {} tries", letter.attempts) : "";
  return {std::to_string(letter.id),
          letter.created_at,
          letter.status + tries,
          letter.stage,
          escaped(letter.place),
          escaped(letter.code),
          escaped(letter.source.empty() ? "" : fmt::format("{} {} {}", letter.source, letter.unit, letter.position)),
          clipped(escaped(letter.error))};
}

std::string row_text(const Letter& letter) {
  if (letter.row == kWholePayload) return "the whole payload";
  if (letter.row == kUnknownRow) return "one of several; which is not known";
  return fmt::format("{} of {}, counted from 0", letter.row, letter.rows);
}

void print_payload(const Letter& letter) {
  if (letter.size == 0) return;
  if (letter.payload.empty()) return fmt::print("payload: {} bytes, of which none are kept\n", letter.size);
  const std::string cut =
      letter.payload.size() < letter.size ? fmt::format(", the first {} of", letter.payload.size()) : "";
  std::string json;
  append_json(letter, true, json);
  const std::string_view mark = ",\"payload_base64\":\"";
  const std::size_t base64 = json.rfind(mark);
  if (base64 != std::string::npos && !json.contains(",\"payload\":\"")) {
    const std::size_t begin = base64 + mark.size();
    return fmt::print("payload:{} {} bytes, in Base64\n{}\n", cut, letter.size,
                      std::string_view(json).substr(begin, json.find('"', begin) - begin));
  }
  fmt::print("payload:{} {} bytes\n", cut, letter.size);
  // Line ends and tabs belong to how it looks.
  for (std::size_t at = 0; at < letter.payload.size();) {
    const std::size_t end = std::min(letter.payload.find_first_of("\n\t", at), letter.payload.size());
    fmt::print("{}", escaped(std::string_view(letter.payload).substr(at, end - at)));
    if (end < letter.payload.size()) fmt::print("{}", letter.payload[end]);
    at = end + 1;
  }
  if (!letter.payload.ends_with('\n')) fmt::print("\n");
}

}  // namespace

// The last column is not padded.
void print_letters(const std::vector<Letter>& letters) {
  std::vector<Line> lines;
  Line& heads = lines.emplace_back();
  for (std::size_t c = 0; c < kHeads.size(); ++c) heads[c] = kHeads[c];
  for (const Letter& letter : letters) lines.push_back(line_of(letter));
  std::array<std::size_t, kHeads.size()> widths{};
  for (const Line& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], width_of(line[c]));
  for (const Line& line : lines) {
    for (std::size_t c = 0; c + 1 < line.size(); ++c)
      fmt::print("{}{:{}}", line[c], "", widths[c] - width_of(line[c]) + 2);
    fmt::print("{}\n", line.back());
  }
}

void print_letter(const Letter& letter) {
  const auto line = [](std::string_view name, const std::string& text) {
    if (!text.empty()) fmt::print("{:10} {}\n", fmt::format("{}:", name), escaped(text));
  };
  line("letter", std::to_string(letter.id));
  line("status", letter.status);
  line("created", letter.created_at);
  line("resolved", letter.resolved_at);
  line("tries", std::to_string(letter.attempts));
  line("pipeline", letter.pipeline);
  line("input", letter.input);
  line("source", letter.source);
  line("unit", letter.unit);
  line("position",
       letter.next ? fmt::format("{}, up to {}", letter.position, *letter.next) : std::to_string(letter.position));
  line("stage", letter.stage);
  line("place", letter.place);
  line("target", letter.target);
  line("row", row_text(letter));
  line("writer", letter.writer);
  line("values", letter.values);
  line("code", letter.error_class.empty() ? letter.code : fmt::format("{}, {}", letter.code, letter.error_class));
  line("column", letter.column);
  line("error", letter.error);
  line("excerpt", letter.excerpt);
  line("metadata", letter.metadata);
  line("batch", letter.batch > 0 ? std::to_string(letter.batch) : "");
  line("version", letter.version);
  line("config", letter.config_hash);
  line("sha256", letter.payload_sha256);
  print_payload(letter);
}

std::string letters_text(std::size_t count) {
  return fmt::format("{} letter{}", count, count == 1 ? "" : "s");
}

}  // namespace batchout::cli
