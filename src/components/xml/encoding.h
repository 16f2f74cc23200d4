// Payloads as UTF-8: byte order marks, encoding declarations of XML and `charset` of HTML are honoured here, so that
// everything behind reads one encoding only.

#pragma once

#include <iconv.h>

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "components/xml/fault.h"

namespace batchout::xml {

/// Turns payloads into UTF-8. Keeps its buffer and the last converter; not thread-safe. The C library's iconv does the
/// work; UTF-8 itself is passed without a copy and without a check.
class Decoder {
 public:
  Decoder() = default;
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  /// The payload without byte order mark and, for XML, without leading blanks; Payloads::kPadding readable bytes follow
  /// it. It is a part of `payload` if that is UTF-8 already (valid or not), else it lives until the next call.
  std::expected<std::string_view, Fault> decode(std::string_view payload, Form form);

 private:
  std::expected<std::string_view, Fault> convert(std::string_view payload, std::string_view encoding);
  std::expected<std::string_view, Fault> convert_ebcdic(std::string_view payload);
  bool open(std::string_view encoding);

  std::string buffer_;
  // Of the converter.
  std::string encoding_;
  std::optional<iconv_t> converter_;
};

}  // namespace batchout::xml
