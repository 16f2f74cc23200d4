// Plain values are written into a buffer on the stack, texts are appended in runs between the characters to escape.

#include "data/render.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"
#include "base/time_text.h"

namespace batchout {
namespace {

static_assert(kPlainSizeMax >= kTimeSizeMax && kPlainSizeMax >= kRealSizeMax && kPlainSizeMax >= kDateSizeMax);

constexpr std::string_view kHexDigits = "0123456789abcdef";

// UTF-8 beyond ASCII stays as it is, DEL as well.
bool must_be_escaped(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// Short forms where JSON has them, else four hexadecimal digits.
void append_escaped(char c, std::string& out) {
  // From 0x08 on; '\0' where there is no short form.
  constexpr char kShort[] = {'b', 't', 'n', '\0', 'f', 'r'};
  out += '\\';
  if (c == '"' || c == '\\') {
    out += c;
  } else if (c >= 8 && c <= 13 && c != 11) {
    out += kShort[c - 8];
  } else {
    out += "u00";
    out += kHexDigits[static_cast<std::size_t>(c >> 4)];
    out += kHexDigits[static_cast<std::size_t>(c & 15)];
  }
}

}  // namespace

char* write_plain(char* out, const Cell& cell, const TimeZone* zone) {
  switch (cell.tag) {
    case Tag::boolean:
      return cell.integer != 0 ? std::copy_n("true", 4, out) : std::copy_n("false", 5, out);
    case Tag::integer:
      return write_integer(out, cell.integer);
    case Tag::real:
      return write_real(out, cell.real);
    case Tag::date:
      return write_date(out, cell.integer);
    case Tag::datetime:
      return write_time(out, cell.integer, zone);
    default:
      return out;
  }
}

void append_text(const Cell& cell, const TimeZone* zone, std::string& out) {
  if (is_textual(cell.tag)) {
    out += cell.text;
    return;
  }
  char buffer[kPlainSizeMax];
  out.append(buffer, write_plain(buffer, cell, zone));
}

// JSON has no infinity and no NaN: they are null, as a cell without a value is.
void append_json(const Cell& cell, const TimeZone* zone, std::string& out) {
  if (cell.empty() || (cell.tag == Tag::real && !std::isfinite(cell.real))) {
    out += "null";
  } else if (cell.tag == Tag::text) {
    append_json_string(cell.text, out);
  } else if (cell.tag == Tag::date || cell.tag == Tag::datetime) {
    out += '"';
    append_text(cell, zone, out);
    out += '"';
  } else {
    append_text(cell, zone, out);
  }
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (auto at = text.begin(); at != text.end();) {
    const auto special = std::find_if(at, text.end(), must_be_escaped);
    out.append(at, special);
    if (special == text.end()) break;
    append_escaped(*special, out);
    at = special + 1;
  }
  out += '"';
}

}  // namespace batchout
