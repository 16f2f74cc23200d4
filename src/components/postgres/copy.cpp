// The encoders: every value is converted first, then written in the format of the block.

#include "components/postgres/copy.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "components/postgres/wire.h"

namespace batchout::postgres {
namespace {

// Signature, flags (none), length of the header's extension (none).
constexpr std::string_view kBinaryHeader{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};

// ----------------------------------------------------------------------------------------------------------- text

// Shortest digits that read back to the same number, which the server's input functions take.
template <class Number>
void put_number(Number number, std::string& out) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void put_text(const Value& value, Family family, std::string& out) {
  switch (value.form) {
    case Value::Form::null:
      out += "\\N";
      break;
    case Value::Form::integer:
      if (family == Family::boolean)
        out += value.integer != 0 ? 't' : 'f';
      else
        put_number(value.integer, out);
      break;
    case Value::Form::real:
      put_number(value.real, out);
      break;
    case Value::Form::decimal:
    case Value::Form::text:
      put_escaped(value.text, out);
      break;
  }
}

// --------------------------------------------------------------------------------------------------------- binary

// Two's complement in network order; the width is that of the column, whose range the converter has checked.
void put_binary_integer(std::int64_t number, Family family, std::string& out) {
  switch (family) {
    case Family::boolean:
      append_int32(1, out);
      out += static_cast<char>(number);
      break;
    case Family::int2:
      append_int32(2, out);
      append_int16(static_cast<std::uint16_t>(number), out);
      break;
    case Family::int4:
    case Family::date:
      append_int32(4, out);
      append_int32(static_cast<std::uint32_t>(number), out);
      break;
    default:
      append_int32(8, out);
      append_int64(static_cast<std::uint64_t>(number), out);
  }
}

void put_binary_real(double number, Family family, std::string& out) {
  if (family == Family::float4) {
    append_int32(4, out);
    append_int32(std::bit_cast<std::uint32_t>(static_cast<float>(number)), out);
  } else {
    append_int32(8, out);
    append_int64(std::bit_cast<std::uint64_t>(number), out);
  }
}

// The size is known afterwards: its word is written first and filled in then.
void put_binary_numeric(const Decimal& number, std::string& out) {
  const std::size_t at = out.size();
  append_int32(0, out);
  append_numeric(number, out);
  const auto size = static_cast<std::uint32_t>(out.size() - at - 4);
  set_int16(static_cast<std::uint16_t>(size >> 16), out, at);
  set_int16(static_cast<std::uint16_t>(size & 0xFFFF), out, at + 2);
}

// A length of -1 is null.
void put_binary(const Value& value, Family family, std::string& out) {
  const bool versioned = family == Family::jsonb;  // A one before the text of the document.
  switch (value.form) {
    case Value::Form::null:
      append_int32(0xFFFFFFFF, out);
      break;
    case Value::Form::integer:
      put_binary_integer(value.integer, family, out);
      break;
    case Value::Form::real:
      put_binary_real(value.real, family, out);
      break;
    case Value::Form::decimal:
      put_binary_numeric(*value.decimal, out);
      break;
    case Value::Form::text:
      append_int32(static_cast<std::uint32_t>(value.text.size() + (versioned ? 1 : 0)), out);
      if (versioned) out += '\1';
      out.append(value.text);
      break;
  }
}

}  // namespace

// Backspace to carriage return are 8 to 13; CR and LF would end a row, tab a value.
void put_escaped(std::string_view text, std::string& out) {
  const char* begin = text.data();
  const char* const end = begin + text.size();
  for (const char* at = begin; at != end; ++at) {
    const char c = *at;
    if (c != '\\' && (c < '\b' || c > '\r')) continue;
    out.append(begin, at);
    out += '\\';
    out += c == '\\' ? c : "btnvfr"[c - '\b'];
    begin = at + 1;
  }
  out.append(begin, end);
}

Format CopyEncoder::start(const Block& block, std::string& out) {
  turn_to(block);
  if (format_ == Format::binary) out.append(kBinaryHeader);
  return format_;
}

void CopyEncoder::turn_to(const Block& block) {
  format_ = format_of(block);
  shape_ = &block.shape();
  views_.clear();
  for (const Field& field : fields_) views_.push_back(block.column(field.source));
}

Format CopyEncoder::format_of(const Block& block) const {
  const bool binary = std::ranges::all_of(fields_, [&](const Field& field) {
    return binary_possible(block.shape().columns[field.source], field.target->family);
  });
  return binary ? Format::binary : Format::text;
}

// A refused row leaves nothing: the buffer goes back to where the row began.
std::optional<RefusedCell> CopyEncoder::append_row(std::size_t row, const Tail& tail, std::string& out) {
  const std::size_t begin = out.size();
  const int extras = extras_.sequence + extras_.absent + extras_.kind + extras_.payload;
  if (format_ == Format::binary)
    append_int16(static_cast<std::uint16_t>(fields_.size() + static_cast<std::size_t>(extras)), out);
  absent_.clear();
  Value value;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Refusal refusal = convert(fields_[i], tail.kind, views_[i].cell(row), value);
    if (refusal != Refusal::none) {
      out.resize(begin);
      return RefusedCell{i, refusal, fields_[i].key && refusal == Refusal::null};
    }
    if (i > 0 && format_ == Format::text) out += '\t';
    put(value, fields_[i].target->family, out);
  }
  put_tail(tail, out);
  if (format_ == Format::text) out += '\n';
  return std::nullopt;
}

void CopyEncoder::put_tail(const Tail& tail, std::string& out) {
  Value value;
  value.form = Value::Form::integer;
  value.integer = tail.sequence;
  if (extras_.sequence) put_next(value, Family::int8, out);
  value.form = Value::Form::text;
  value.text = absent_;
  if (extras_.absent) put_next(value, Family::text, out);
  const char kind = static_cast<char>(tail.kind);
  value.text = {&kind, 1};
  if (extras_.kind) put_next(value, Family::text, out);
  value.form = Value::Form::integer;
  value.integer = tail.payload;
  if (extras_.payload) put_next(value, Family::int8, out);
}

namespace {

// A row that deletes needs no more than what finds the row, and when it was.
bool is_wanted(const CopyEncoder::Field& field, RowKind kind) {
  switch (kind) {
    case RowKind::removed:
    case RowKind::removed_late:
      return field.key || field.required;
    case RowKind::emptied:
      return field.within;
    case RowKind::refused:
      return field.within || field.key;
    case RowKind::row:
      break;
  }
  return true;
}

}  // namespace

// An absent cell that may keep what is there is sent as null, also where the column takes none.
Refusal CopyEncoder::convert(const Field& field, RowKind kind, const Cell& cell, Value& value) {
  const bool needed = field.key || field.required || field.within;
  const bool kept = extras_.absent && cell.tag == Tag::absent && !needed;
  if (extras_.absent) absent_ += kept ? '1' : '0';
  if (kept || !is_wanted(field, kind)) {
    value.form = Value::Form::null;
    return Refusal::none;
  }
  const Refusal refusal = converter_.convert(cell, *field.target, shape_->columns[field.source].zone, format_, value);
  const bool null = value.form == Value::Form::null && refusal != Refusal::characters;
  return null && needed ? Refusal::null : refusal;
}

void CopyEncoder::put_next(const Value& value, Family family, std::string& out) const {
  if (format_ == Format::text) out += '\t';
  put(value, family, out);
}

void CopyEncoder::end(std::string& out) const {
  if (format_ == Format::binary) append_int16(0xFFFF, out);
}

void CopyEncoder::put(const Value& value, Family family, std::string& out) const {
  if (format_ == Format::binary)
    put_binary(value, family, out);
  else
    put_text(value, family, out);
}

}  // namespace batchout::postgres
