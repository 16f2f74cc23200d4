// Once a payload has been read nothing can fail, so cells are appended straight away, one column after the other.

#include "components/csv/program.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/cast.h"
#include "data/slot.h"

namespace batchout::csv {
namespace {

constexpr std::size_t kExcerptMax = 256;  // Bytes.

void refuse(const Payloads& payloads, std::size_t payload, Fault fault, Extraction& out) {
  const auto& entry = payloads.entry(payload);
  Reject reject;
  reject.stage = Reject::Stage::extract;
  reject.code = fault.code;
  reject.message = std::move(fault.reason);
  reject.excerpt = payloads.bytes(payload).substr(0, kExcerptMax);
  reject.unit = entry.unit;
  reject.position = entry.position;
  out.rejects.push_back(std::move(reject));
}

// From the beginning, or from the end if it is negative.
std::optional<std::size_t> position_in(std::int64_t position, std::size_t count) {
  if (position < 0) position += static_cast<std::int64_t>(count);
  if (position < 0 || position >= static_cast<std::int64_t>(count)) return std::nullopt;
  return static_cast<std::size_t>(position);
}

}  // namespace

Path path_or_nothing(const Template& path) {
  if (auto parsed = parse_path(path)) return std::move(*parsed);
  return {0, std::vector<Template::Piece>()};
}

CsvProgram::CsvProgram(const Projection& projection, const Reading& reading)
    : projection_(projection),
      document_(reading),
      named_(projection.columns.size()),
      entries_(projection.levels.size()) {
  for (const auto& level : projection.levels) level_paths_.push_back(path_or_nothing(level.path));
  for (const auto& column : projection.columns) column_paths_.push_back(path_or_nothing(column.path));
}

void CsvProgram::run(const Payloads& payloads, Extraction& out) {
  for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
    // Refused elsewhere, in the words of its input.
    if (payloads.entry(payload).state == Payloads::State::broken || !payloads.fault(payload).empty()) continue;
    if (auto fault = extract(payloads, payload, out)) {
      refuse(payloads, payload, std::move(*fault), out);
      continue;
    }
    const auto& entry = payloads.entry(payload);
    out.payloads.push_back(static_cast<std::uint32_t>(payload));
    out.values->units.push_back(entry.unit);
    out.values->positions.push_back(entry.position);
  }
}

std::optional<Fault> CsvProgram::extract(const Payloads& payloads, std::size_t payload, Extraction& out) {
  const Payloads::State state = payloads.entry(payload).state;
  if (state == Payloads::State::missing) return Fault{kMissing, "the source has no value here"};
  if (state == Payloads::State::too_large) return Fault{kTooLarge, "the payload is larger than the limit"};
  if (auto fault = document_.read(payloads.bytes(payload), projection_.limits.string_size_max)) return fault;
  if (auto fault = check_size()) return fault;
  values_.clear();
  entries_[kPayloadLevel].assign(1, Entry{});
  const auto levels = static_cast<LevelId>(entries_.size());
  for (LevelId level = 1; level < levels; ++level)
    if (!find_entries(level))
      return Fault{kTooManyRows, fmt::format("the payload would make more rows than are allowed, {}",
                                             projection_.limits.rows_per_payload_max)};
  for (LevelId level = 0; level < levels; ++level) append_entries(level, out);
  for (std::size_t column = 0; column < projection_.columns.size(); ++column) {
    const auto& shape = projection_.columns[column];
    for (std::uint32_t entry = 0; entry < entries_[shape.level].size(); ++entry)
      append_cast(shape.cast, cell(column, entry), out.values->columns[column], out.failures[column]);
  }
  return std::nullopt;
}

// All rows as one value are as large as a value may be, or they are none.
std::optional<Fault> CsvProgram::check_size() const {
  const bool whole = std::ranges::any_of(column_paths_, [](const Path& path) { return !path.row; });
  if (!whole || document_.size() <= projection_.limits.string_size_max) return std::nullopt;
  return Fault{kTooLong, "all rows as one value are longer than the limit"};
}

// ------------------------------------------------------------------------------------------------------- entries

// False if there are too many.
bool CsvProgram::find_entries(LevelId level) {
  const auto& index = projection_.levels[level];
  const Path& path = level_paths_[level];
  const std::size_t max = projection_.limits.rows_per_payload_max;
  entries_[level].clear();
  if (path.field) return true;  // A text has no elements.
  for (std::uint32_t parent = 0; parent < entries_[index.parent].size(); ++parent) {
    if (path.row) {
      if (const auto row = row_of(*path.row, index.parent, parent)) add_fields(level, parent, *row);
    } else if (index.kind != IndexKind::for_object) {
      if (document_.rows() > max) return false;
      for (std::size_t row = 0; row < document_.rows(); ++row) {
        const Cell position{Tag::integer, static_cast<std::int64_t>(row), 0, {}};
        entries_[level].push_back({parent, index.kind == IndexKind::for_list ? position : Cell{}});
      }
    }
    if (entries_[level].size() > max) return false;
  }
  return true;
}

void CsvProgram::add_fields(LevelId level, std::uint32_t parent, std::size_t row) {
  const IndexKind kind = projection_.levels[level].kind;
  const auto& names = document_.names();
  for (std::size_t column = 0; column < document_.width(row); ++column) {
    Cell value{Tag::integer, static_cast<std::int64_t>(column), 0, {}};
    if (kind == IndexKind::for_object) {
      if (column >= names.size()) return;
      value = {Tag::text, 0, 0, names[column]};
    } else if (kind == IndexKind::from_list) {
      value = document_.cell(row, column, memory_);
      if (value.text.data() == memory_.data()) value.text = values_.emplace_back(value.text);
    }
    entries_[level].push_back({parent, value});
  }
}

void CsvProgram::append_entries(LevelId level, Extraction& out) const {
  auto& entries = out.levels[level];
  if (level == kPayloadLevel) {
    ++entries.count;
    return;
  }
  const auto& index = projection_.levels[level];
  std::size_t next = 0;
  for (std::uint32_t of = 0; of < entries_[index.parent].size(); ++of) {
    for (; next < entries_[level].size() && entries_[level][next].parent == of; ++next) {
      ++entries.count;
      if (index.keeps_values) entries.values.append(entries_[level][next].value);
    }
    entries.begin.push_back(entries.count);
  }
}

// --------------------------------------------------------------------------------------------------------- cells

Cell CsvProgram::cell(std::size_t column, std::uint32_t entry) {
  const Path& path = column_paths_[column];
  if (!path.row) {
    list_.clear();
    document_.append_rows(list_);
    return {Tag::json, 0, 0, list_};
  }
  const auto row = row_of(*path.row, projection_.columns[column].level, entry);
  if (!row) return {};
  if (path.field) return field_cell(*path.field, column, *row, entry);
  list_.clear();
  document_.append_row(*row, list_);
  return {Tag::json, 0, 0, list_};
}

Cell CsvProgram::field_cell(const Path::Field& field, std::size_t column, std::size_t row, std::uint32_t entry) {
  if (const auto* position = std::get_if<std::int64_t>(&field)) {
    const auto place = position_in(*position, document_.width(row));
    return place ? document_.cell(row, *place, memory_) : Cell{};
  }
  if (const auto* pieces = std::get_if<std::vector<Template::Piece>>(&field))
    return filled_cell(*pieces, column, row, entry);
  Named& named = named_[column];
  if (named.version != document_.names_version()) {
    find_named(std::get<std::string>(field), named.columns);
    named.version = document_.names_version();
  }
  return cell_of(named.columns, row, projection_.columns[column].strategy);
}

// A slot alone may stand for a position; everything else is a name.
Cell CsvProgram::filled_cell(const std::vector<Template::Piece>& pieces, std::size_t column, std::size_t row,
                             std::uint32_t entry) {
  const LevelId level = projection_.columns[column].level;
  filled_.clear();
  for (const auto& piece : pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      filled_ += *literal;
      continue;
    }
    const auto& wanted = std::get<Template::Slot>(piece);
    const Cell& value = slot(wanted.level, level, entry);
    if (pieces.size() == 1 && value.tag == Tag::integer && wanted.format.empty()) {
      const auto place = position_in(value.integer, document_.width(row));
      return place ? document_.cell(row, *place, memory_) : Cell{};
    }
    if (!append_slot(value, wanted.format, filled_)) return {};
  }
  find_named(filled_, found_);
  return cell_of(found_, row, projection_.columns[column].strategy);
}

// Several fields may have one name.
Cell CsvProgram::cell_of(const std::vector<std::size_t>& columns, std::size_t row, Strategy strategy) {
  if (strategy == Strategy::take_all) return list_of(columns, row);
  const bool from_end = strategy == Strategy::take_last || strategy == Strategy::take_last_not_null;
  const bool any = strategy == Strategy::take_first || strategy == Strategy::take_last;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Cell found = document_.cell(row, columns[from_end ? columns.size() - 1 - i : i], memory_);
    if (any ? found.tag != Tag::absent : found.tag == Tag::text) return found;
  }
  return {};
}

Cell CsvProgram::list_of(const std::vector<std::size_t>& columns, std::size_t row) {
  list_ = "[";
  for (const std::size_t column : columns) {
    const Cell found = document_.cell(row, column, memory_);
    if (found.tag == Tag::absent) continue;
    if (list_.size() > 1) list_ += ',';
    append_json(found, nullptr, list_);
  }
  if (list_.size() == 1) return {};
  list_ += ']';
  return {Tag::json, 0, 0, list_};
}

void CsvProgram::find_named(std::string_view name, std::vector<std::size_t>& columns) const {
  columns.clear();
  for (std::size_t column = 0; column < document_.names().size(); ++column)
    if (document_.names()[column] == name) columns.push_back(column);
}

std::optional<std::size_t> CsvProgram::row_of(const Path::Row& row, LevelId level, std::uint32_t entry) const {
  if (const auto* position = std::get_if<std::int64_t>(&row)) return position_in(*position, document_.rows());
  const Cell& value = slot(std::get<LevelId>(row), level, entry);
  return value.tag == Tag::integer ? position_in(value.integer, document_.rows()) : std::nullopt;
}

// The value of the entry of `of` around an entry of `level`.
const Cell& CsvProgram::slot(LevelId of, LevelId level, std::uint32_t entry) const {
  for (; level != of; level = projection_.levels[level].parent) entry = entries_[level][entry].parent;
  return entries_[level][entry].value;
}

}  // namespace batchout::csv
