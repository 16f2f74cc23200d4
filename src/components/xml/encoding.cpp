// Detection follows appendix F of the XML recommendation: marks first, then the pattern of the first bytes, then the
// declaration. An HTML page without any statement is UTF-8 if it can be, else windows-1252.

#include "components/xml/encoding.h"

#include <cerrno>

#include <fmt/format.h>

#include "base/ascii.h"
#include "batchout/payloads.h"

namespace batchout::xml {
namespace {

using namespace std::string_view_literals;

// Bytes of a page in which a statement about the encoding is looked for, as the standard of HTML has it.
constexpr std::size_t kCharsetMax = 1024;

struct Mark {
  std::string_view bytes;
  std::string_view encoding;
};
// The longer ones first: those of UTF-32 begin like those of UTF-16.
constexpr Mark kMarks[] = {
    {"\x00\x00\xFE\xFF"sv, "UTF-32BE"}, {"\xFF\xFE\x00\x00"sv, "UTF-32LE"}, {"\xEF\xBB\xBF"sv, "UTF-8"},
    {"\xFE\xFF"sv, "UTF-16BE"},         {"\xFF\xFE"sv, "UTF-16LE"},
};
// How `<` or `<?` begins without a mark; the longer ones first here as well.
constexpr Mark kPatterns[] = {{"\x00\x00\x00<"sv, "UTF-32BE"},
                              {"<\x00\x00\x00"sv, "UTF-32LE"},
                              {"\x00<\x00"sv, "UTF-16BE"},
                              {"<\x00"sv, "UTF-16LE"}};

// How `<?xm` begins in EBCDIC, and what `?>` is. Its variants differ, but not in what declarations are made of.
constexpr std::string_view kEbcdicStart = "\x4C\x6F\xA7\x94";
constexpr std::string_view kEbcdicEnd = "\x6F\x6E";
constexpr std::string_view kEbcdic = "IBM037";

// Those of XML.
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

// What stands behind `key` and an equals sign, quoted or (in HTML) not; empty if there is nothing of the kind.
std::string_view value_of(std::string_view text, std::string_view key) {
  const std::size_t found = text.find(key);
  if (found == std::string_view::npos) return {};
  text = without_blanks(text.substr(found + key.size()));
  if (!text.starts_with('=')) return {};
  text = without_blanks(text.substr(1));
  if (text.starts_with('"') || text.starts_with('\'')) return text.substr(1, text.find(text.front(), 1) - 1);
  return text.substr(0, text.find_first_of(" \t\r\n;\"'/>"));
}

// `<?xml-stylesheet` is none.
bool begins_declaration(std::string_view text) {
  constexpr std::string_view kStart = "<?xml";
  return text.starts_with(kStart) && text.size() > kStart.size() && is_blank(text[kStart.size()]);
}

// Empty without a declaration or without a statement in it, which may stand behind any number of blanks.
std::string_view declared_encoding(std::string_view text) {
  if (!begins_declaration(text)) return {};
  return value_of(text.substr(0, text.find("?>")), "encoding");
}

// Looks for the word, not for a meta element: a page that says `charset=` at its beginning means it.
std::string_view charset_of(std::string_view text) {
  text = text.substr(0, kCharsetMax);
  for (const std::string_view key : {"charset", "CHARSET", "Charset"})
    if (const auto charset = value_of(text, key); !charset.empty()) return charset;
  return {};
}

// Nothing declared is UTF-8 as well, and ASCII is a part of it.
bool is_utf8(std::string_view encoding) {
  for (const std::string_view name : {"UTF-8", "UTF8", "US-ASCII", "ASCII"})
    if (equal_ignoring_case(encoding, name)) return true;
  return encoding.empty();
}

}  // namespace

Decoder::~Decoder() {
  if (converter_) iconv_close(*converter_);
}

// Blanks may stand before the root element, but not before a declaration.
std::expected<std::string_view, Fault> Decoder::decode(std::string_view payload, Form form) {
  const auto text = as_utf8(payload, form);
  if (!text || form == Form::html || text->empty() || !is_blank(text->front())) return text;
  const std::string_view rest = without_blanks(*text);
  if (!begins_declaration(rest)) return text;
  return std::unexpected(
      Fault{kMalformed, fmt::format("the payload is not well-formed: blanks stand before the XML declaration, {}",
                                    place_in(*text, text->size() - rest.size()))});
}

// Converted text is not UTF-8 if its encoding has numbers for more than Unicode.
std::optional<Fault> Decoder::check(const Scanned& scanned) const {
  if (scanned.is_utf8) return std::nullopt;
  if (converted_) return Fault{kBadEncoding, fmt::format("the payload is not {}, as it says", encoding_)};
  return Fault{kBadEncoding, fmt::format("the payload is not UTF-8, at byte {}", mark_size_ + scanned.fault)};
}

// A mark wins over a declaration, which may stem from before a conversion.
std::expected<std::string_view, Fault> Decoder::as_utf8(std::string_view payload, Form form) {
  mark_size_ = 0;
  converted_ = false;
  for (const Mark& mark : kMarks) {
    if (!payload.starts_with(mark.bytes)) continue;
    mark_size_ = mark.bytes.size();
    const std::string_view rest = payload.substr(mark_size_);
    return is_utf8(mark.encoding) ? rest : convert(rest, mark.encoding);
  }
  for (const Mark& pattern : kPatterns)
    if (payload.starts_with(pattern.bytes)) return convert(payload, pattern.encoding);
  if (form == Form::xml && payload.starts_with(kEbcdicStart)) return convert_ebcdic(payload);
  std::string_view encoding = form == Form::xml ? declared_encoding(payload) : charset_of(payload);
  if (form == Form::html && encoding.empty() && !scan(payload).is_utf8) encoding = "WINDOWS-1252";
  return is_utf8(encoding) ? payload : convert(payload, encoding);
}

// The declaration is read first, to find out in which variant it is.
std::expected<std::string_view, Fault> Decoder::convert_ebcdic(std::string_view payload) {
  const auto start = convert(payload.substr(0, payload.find(kEbcdicEnd)), kEbcdic);
  if (!start) return start;
  const std::string declared(declared_encoding(*start));
  return convert(payload, declared.empty() ? kEbcdic : declared);
}

// False if the C library does not know the encoding.
bool Decoder::open(std::string_view encoding) {
  if (converter_ && encoding == encoding_) return true;
  if (converter_) iconv_close(*converter_);
  converter_.reset();
  encoding_ = encoding;
  iconv_t opened = iconv_open("UTF-8", encoding_.c_str());
  // The error value of POSIX is no pointer. NOLINTNEXTLINE(performance-no-int-to-ptr)
  if (opened == reinterpret_cast<iconv_t>(-1)) return false;
  converter_ = opened;
  return true;
}

// The name comes from the payload, so it is checked before it reaches iconv, where slashes have a meaning (//TRANSLIT).
std::expected<std::string_view, Fault> Decoder::convert(std::string_view payload, std::string_view encoding) {
  constexpr std::size_t kNameMax = 40;
  const bool is_name = encoding.size() <= kNameMax && encoding.find_first_not_of(
                                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                          "abcdefghijklmnopqrstuvwxyz"
                                                          "0123456789._:-") == std::string_view::npos;
  if (!is_name || !open(encoding))
    return std::unexpected(Fault{
        kBadEncoding, fmt::format("the encoding of the payload is not known: {}", is_name ? encoding : "not a name")});
  converted_ = true;
  iconv(*converter_, nullptr, nullptr, nullptr, nullptr);
  char* in = const_cast<char*>(payload.data());  // iconv does not write there, whatever its type says.
  std::size_t in_left = payload.size();
  std::size_t done = 0;
  buffer_.resize(payload.size() * 2 + Payloads::kPadding);
  for (;;) {
    char* out = buffer_.data() + done;
    std::size_t out_left = buffer_.size() - done;
    const bool good = iconv(*converter_, &in, &in_left, &out, &out_left) != static_cast<std::size_t>(-1);
    done = buffer_.size() - out_left;
    if (good) break;
    if (errno != E2BIG)
      return std::unexpected(Fault{kBadEncoding, fmt::format("the payload is not {}, as it says, at byte {}", encoding_,
                                                             mark_size_ + payload.size() - in_left)});
    buffer_.resize(buffer_.size() * 2);
  }
  buffer_.resize(done);
  buffer_.append(Payloads::kSeparator).append(Payloads::kPadding, ' ');
  std::string_view text(buffer_.data(), done);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

}  // namespace batchout::xml
