// Delimiters, quotes and line ends are found 64 bytes at a time, as bits of a mask; the bytes between are not looked
// at.

#include "components/csv/table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <fmt/format.h>

namespace batchout::csv {
namespace {

// Goes from one character that means something to the next.
class Marks {
 public:
  Marks(const char* begin, const char* end, const Format& format) : block_(begin), end_(end), format_(format) {
    if (block_ < end_) mask_ = mask_of(block_);
  }

  // The next one, or the end.
  const char* next() {
    while (mask_ == 0) {
      if (end_ - block_ <= kBlock) return end_;
      block_ += kBlock;
      mask_ = mask_of(block_);
    }
    const char* const found = block_ + std::countr_zero(mask_);
    mask_ &= mask_ - 1;
    return found;
  }

 private:
  static constexpr std::ptrdiff_t kBlock = 64;

  std::uint64_t mask_of(const char* block) const {
    const std::uint64_t mask = all_of(block);
    const std::ptrdiff_t left = end_ - block;
    return left < kBlock ? mask & ((std::uint64_t{1} << left) - 1) : mask;
  }

#ifdef __SSE2__
  std::uint64_t all_of(const char* block) const {
    const __m128i delimiter = _mm_set1_epi8(format_.delimiter);
    const __m128i quote = _mm_set1_epi8(format_.quote != '\0' ? format_.quote : format_.delimiter);
    const __m128i line_feed = _mm_set1_epi8('\n');
    const __m128i carriage_return = _mm_set1_epi8('\r');
    std::uint64_t mask = 0;
    for (int part = 0; part < 4; ++part) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * part));
      const __m128i inner = _mm_or_si128(_mm_cmpeq_epi8(bytes, delimiter), _mm_cmpeq_epi8(bytes, quote));
      const __m128i outer = _mm_or_si128(_mm_cmpeq_epi8(bytes, line_feed), _mm_cmpeq_epi8(bytes, carriage_return));
      const auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(inner, outer)));
      mask |= std::uint64_t{bits} << (16 * part);
    }
    return mask;
  }
#else
  std::uint64_t all_of(const char* block) const {
    std::uint64_t mask = 0;
    for (int i = 0; i < kBlock; ++i) {
      const char c = block[i];
      const bool marks =
          c == format_.delimiter || c == '\n' || c == '\r' || (format_.quote != '\0' && c == format_.quote);
      mask |= std::uint64_t{marks} << i;
    }
    return mask;
  }
#endif

  const char* block_;
  const char* end_;
  Format format_;
  std::uint64_t mask_ = 0;
};

// From 1. CR LF is one line end.
std::size_t line_at(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < std::min(offset, text.size()); ++i)
    line += text[i] == '\n' || (text[i] == '\r' && !text.substr(i + 1).starts_with('\n')) ? 1 : 0;
  return line;
}

}  // namespace

// ------------------------------------------------------------------------------------------------------------ parse

class Table::Reader {
 public:
  Reader(Table& table, std::string_view text, const Format& format, std::size_t row_size_max)
      : table_(table),
        text_(text),
        format_(format),
        row_size_max_(static_cast<std::ptrdiff_t>(row_size_max)),
        end_(text.data() + text.size()),
        begin_(text.data()),
        row_begin_(begin_),
        marks_(begin_, end_, format) {}

  std::optional<Fault> run() {
    while (!fault_ && begin_ != nullptr) read_field();
    return std::move(fault_);
  }

 private:
  // A field, and what ends it.
  void read_field() {
    const char* stop = marks_.next();
    if (stop < end_ && *stop == format_.quote && format_.quote != '\0') {
      if (stop != begin_) return refuse("a quote in a field without quotes around it", stop);
      stop = read_quoted();
      if (fault_) return;
    } else {
      table_.places_.push_back({offset_of(begin_), static_cast<std::uint32_t>(stop - begin_)});
    }
    if (stop == end_ || *stop != format_.delimiter) return end_row(stop);
    begin_ = stop + 1;
    if (begin_ - row_begin_ > row_size_max_) refuse_row();
  }

  // Returns what stands behind the closing quote.
  const char* read_quoted() {
    const char* const open = begin_;
    std::uint32_t flags = kQuoted;
    for (;;) {
      const char* const quote = marks_.next();
      if (quote == end_) {
        refuse("a quote is not closed", open);
        return end_;
      }
      if (*quote != format_.quote) continue;
      const char* const behind = quote + 1;
      if (behind < end_ && *behind == format_.quote) {
        marks_.next();
        flags |= kDoubled;
        continue;
      }
      table_.places_.push_back({offset_of(open + 1), static_cast<std::uint32_t>(quote - open - 1) | flags});
      // Only a delimiter, a line end or the end of the text can be the next mark, and has to stand right here.
      if (marks_.next() != behind) refuse("a character behind a closing quote", behind);
      return behind;
    }
  }

  void end_row(const char* stop) {
    const std::size_t first = table_.ends_.back();
    const bool empty = stop == row_begin_;
    if (empty) table_.places_.pop_back();
    if (stop - row_begin_ > row_size_max_) return refuse_row();
    if (table_.places_.size() > kFieldsMax) return refuse_table();
    if (table_.places_.size() > first) table_.ends_.push_back(static_cast<std::uint32_t>(table_.places_.size()));
    if (stop == end_) {
      begin_ = nullptr;
      return;
    }
    if (*stop == '\r' && stop + 1 < end_ && stop[1] == '\n') stop = marks_.next();
    begin_ = row_begin_ = stop + 1;
  }

  void refuse(std::string_view what, const char* where) {
    fault_ = Fault{kMalformed, fmt::format("{}, in line {}", what, line_at(text_, offset_of(where)))};
  }
  void refuse_row() {
    fault_ = Fault{kTooLong, fmt::format("a row is longer than {} bytes, in line {}", row_size_max_,
                                         line_at(text_, offset_of(row_begin_)))};
  }
  void refuse_table() { fault_ = Fault{kTooLarge, fmt::format("the payload has more than {} fields", kFieldsMax)}; }

  std::uint32_t offset_of(const char* place) const { return static_cast<std::uint32_t>(place - text_.data()); }

  Table& table_;
  std::string_view text_;
  Format format_;
  std::ptrdiff_t row_size_max_;
  const char* end_;
  // Of the field at hand; null behind the last one.
  const char* begin_;
  const char* row_begin_;
  Marks marks_;
  std::optional<Fault> fault_;
};

std::optional<Fault> Table::parse(std::string_view text, const Format& format, std::size_t row_size_max) {
  text_ = text;
  format_ = format;
  places_.clear();
  ends_.assign(1, 0);
  return Reader(*this, text, format, row_size_max).run();
}

// ----------------------------------------------------------------------------------------------------------- fields

Table::Field Table::field(std::size_t row, std::size_t column) const {
  const Place place = places_[ends_[row] + column];
  return {place.begin, place.size & ~(kQuoted | kDoubled), (place.size & kQuoted) != 0, (place.size & kDoubled) != 0};
}

std::string_view Table::value(const Field& field, std::string& memory) const {
  std::string_view rest = source(field);
  if (!field.doubled) return rest;
  memory.clear();
  for (std::size_t quote = rest.find(format_.quote); quote != std::string_view::npos;
       quote = rest.find(format_.quote)) {
    memory += rest.substr(0, quote + 1);
    rest.remove_prefix(quote + 2);
  }
  memory += rest;
  return memory;
}

std::size_t Table::end_of(std::size_t row) const {
  const Field last = field(row, width(row) - 1);
  return last.begin + last.size + (last.quoted ? 1 : 0);
}

std::size_t Table::line_of(std::size_t row) const {
  return line_at(text_, field(row, 0).begin);
}

}  // namespace batchout::csv
