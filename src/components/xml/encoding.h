// Payloads as UTF-8: byte order marks, encoding declarations of XML and `charset` of HTML are honoured here, so that
// everything behind reads one encoding only.

#pragma once

#include <iconv.h>

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "components/xml/fault.h"
#include "components/xml/scan.h"

namespace batchout::xml {

/// Turns payloads into UTF-8. Keeps its buffer and the last converter; not thread-safe. The C library's iconv does the
/// work; UTF-8 itself is passed without a copy and without a check.
class Decoder {
 public:
  Decoder() = default;
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// The payload without byte order mark; Payloads::kPadding readable bytes follow it. It is a part of `payload` if
  /// that is UTF-8 already (valid or not), else it lives until the next call. An XML declaration that is not the first
  /// thing is refused here, since it may be too late for its encoding.
  std::expected<std::string_view, Fault> decode(std::string_view payload, Form form);

  /// Refuses the text that was decoded last, of which `scanned` is told, if it is not UTF-8.
  std::optional<Fault> check(const Scanned& scanned) const;

 private:
  std::expected<std::string_view, Fault> as_utf8(std::string_view payload, Form form);
  std::expected<std::string_view, Fault> convert(std::string_view payload, std::string_view encoding);
  std::expected<std::string_view, Fault> convert_ebcdic(std::string_view payload);
  bool open(std::string_view encoding);

  std::string buffer_;
  // Of the converter.
  std::string encoding_;
  std::optional<iconv_t> converter_;
  // Of the last payload: bytes of its mark, and whether it was converted.
  std::size_t mark_size_ = 0;
  bool converted_ = false;
};

}  // namespace batchout::xml
