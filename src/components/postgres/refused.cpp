// Words for what is refused, and where it came from.

#include "components/postgres/refused.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/unicode.h"
#include "data/render.h"

namespace batchout::postgres {
namespace {

struct RefusalWords {
  std::string_view code;
  std::string_view sentence;
};

RefusalWords words_of(const RefusedCell& refused) {
  if (refused.key) return {"BO421", "A key is null"};
  switch (refused.refusal) {
    case Refusal::null:
      return {"BO426", "A column that must not be null has no value"};
    case Refusal::range:
      return {"BO423", "A number is beyond the range of its column"};
    case Refusal::length:
      return {"BO425", "A text is longer than its column"};
    case Refusal::characters:
      return {"BO424", "A text has characters that the column cannot hold"};
    case Refusal::mismatch:
    case Refusal::none:
      break;
  }
  return {"BO427", "A value is not of its column's type"};
}

// The first bytes of a cell as text, cut at a whole character; what no log can show is a question mark.
std::string excerpt_of(const Cell& cell, const TimeZone* zone) {
  constexpr std::size_t kBytesMax = 256;
  if (cell.empty()) return {};
  std::string text;
  append_text(cell, zone, text);
  text.resize(cut_size(text, kBytesMax));
  if (!storable_text(text)) std::ranges::replace_if(text, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return text;
}

// Computed rows have no payload.
void name_origin(const Block& block, std::size_t row, Reject& reject) {
  const std::uint32_t origin = block.origins()[row];
  if (origin == Block::kNone) return;
  reject.unit = block.values().units[origin];
  reject.position = block.values().positions[origin];
}

}  // namespace

Reject refused_row(const Block& block, std::size_t row, const Error& error) {
  Reject reject;
  reject.stage = Reject::Stage::write;
  reject.code = error.code;
  reject.message = error.message;
  name_origin(block, row, reject);
  return reject;
}

Reject refused_cell(const Block& block, std::size_t row, const RefusedCell& refused, const Merge::Column& column,
                    const std::string& table) {
  const TargetColumn& target = *column.target;
  const RefusalWords words = words_of(refused);
  Reject reject;
  reject.stage = Reject::Stage::write;
  reject.code = words.code;
  reject.column = target.name;
  reject.message = fmt::format("{}: {}.{} ({})", words.sentence, table, target.name, target.type);
  reject.excerpt = excerpt_of(block.column(column.source).cell(row), block.shape().columns[column.source].zone);
  name_origin(block, row, reject);
  return reject;
}

}  // namespace batchout::postgres
