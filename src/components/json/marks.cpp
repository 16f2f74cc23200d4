// 64 bytes at a time become masks, one bit a byte. What has an odd number of quotes that are not escaped up to itself
// is inside of a text.

#include "components/json/marks.h"

#include <bit>

#include "components/json/bytes.h"
#include "components/json/scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 warns of what its own intrinsics leave undefined on purpose (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace batchout::json {
namespace {

constexpr std::size_t kBlock = 64;  // Bytes.

// The document is read for the first time here, and whoever waits for memory waits for every byte: shuffled keys gained
// 3 to 12 % by asking for the next one meanwhile.
constexpr std::size_t kAhead = 1024;  // Bytes.

// Where such bytes are in a block.
struct Masks {
  std::uint64_t quotes = 0;
  std::uint64_t backslashes = 0;
  std::uint64_t marks = 0;
  std::uint64_t controls = 0;
  std::uint64_t non_ascii = 0;

  // Of the last block of a text, of which only the first bytes count.
  void cut(std::size_t size) {
    const std::uint64_t valid = (std::uint64_t{1} << size) - 1;
    for (std::uint64_t* mask : {&quotes, &backslashes, &marks, &controls, &non_ascii}) *mask &= valid;
  }
};

// The bytes behind backslashes that are not such bytes themselves. One by one: messages have few of them.
std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t& carried) {
  std::uint64_t escaped = carried;
  carried = 0;
  for (backslashes &= ~escaped; backslashes != 0;) {
    const std::uint64_t first = backslashes & -backslashes;
    escaped |= first << 1;
    carried = first >> 63;
    backslashes &= ~(first | first << 1);
  }
  return escaped;
}

// The quotes that begin and end texts.
[[gnu::always_inline]] inline std::uint64_t quotes_of(const Masks& masks, Marks::Progress& progress) {
  if ((masks.backslashes | progress.escaped) == 0) [[likely]]
    return masks.quotes;
  progress.has_escapes |= masks.backslashes;
  return masks.quotes & ~escaped_bytes(masks.backslashes, progress.escaped);
}

// The marks outside of texts; every bit of `parity` says whether the number of quotes up to it is odd.
[[gnu::always_inline]] inline std::uint64_t marks_of(const Masks& masks, std::uint64_t quotes, std::uint64_t parity,
                                                     Marks::Progress& progress) {
  const std::uint64_t inside = parity ^ progress.inside;
  progress.inside = inside >> 63 != 0 ? ~std::uint64_t{0} : 0;
  progress.faults |= masks.controls & inside;
  progress.non_ascii |= masks.non_ascii;
  const std::uint64_t marks = masks.marks & ~inside;
  progress.loose_texts |= quotes & inside & ~(marks << 1 | progress.marked);
  progress.marked = marks >> 63;
  return marks;
}

Masks masks_of(const char* at) {
  Masks masks;
  for (std::size_t i = 0; i < kBlock; i += kStep) {
    const Bytes bytes(at + i);
    masks.quotes |= std::uint64_t{bytes.equal_to('"')} << i;
    masks.backslashes |= std::uint64_t{bytes.equal_to('\\')} << i;
    masks.marks |= std::uint64_t{bytes.marks()} << i;
    masks.controls |= std::uint64_t{bytes.controls()} << i;
    masks.non_ascii |= std::uint64_t{bytes.non_ascii()} << i;
  }
  return masks;
}

// One by one those of a block that begins at `at`.
inline std::uint32_t* append(std::uint64_t found, std::size_t at, std::uint32_t* marks) {
  for (; found != 0; found &= found - 1)
    *marks++ = static_cast<std::uint32_t>(at + static_cast<std::size_t>(std::countr_zero(found)));
  return marks;
}

std::uint32_t* scan_common(std::string_view text, std::uint32_t* marks, Marks::Progress& progress) {
  for (std::size_t at = 0; at < text.size(); at += kBlock) {
    __builtin_prefetch(text.data() + at + kAhead);
    Masks masks = masks_of(text.data() + at);
    if (text.size() - at < kBlock) masks.cut(text.size() - at);
    const std::uint64_t quotes = quotes_of(masks, progress);
    std::uint64_t parity = quotes;
    for (int bits = 1; bits < 64; bits *= 2) parity ^= parity << bits;
    marks = append(marks_of(masks, quotes, parity, progress), at, marks);
  }
  return marks;
}

#if defined(__x86_64__)

constexpr std::size_t kNumbersAtOnce = 16;

struct alignas(kBlock) Numbers {
  std::uint8_t of[kBlock];
};
constexpr Numbers kNumbers = [] {
  Numbers numbers{};
  for (std::size_t i = 0; i < kBlock; ++i) numbers.of[i] = static_cast<std::uint8_t>(i);
  return numbers;
}();

[[gnu::target("avx512f,avx512bw")]] inline Masks masks_of(__m512i bytes) {
  // The marks by their low four bits; brackets differ from braces in a bit that is set for all.
  const __m512i known = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
  const __m512i wanted = _mm512_shuffle_epi8(known, bytes);
  Masks masks;
  masks.quotes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'));
  masks.backslashes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
  masks.marks = _mm512_cmpeq_epi8_mask(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), wanted);
  masks.controls = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
  masks.non_ascii = _mm512_movepi8_mask(bytes);
  return masks;
}

[[gnu::target("avx512f,avx512bw,avx512vbmi2,pclmul,popcnt")]]
std::uint32_t* scan_wide(std::string_view text, std::uint32_t* marks, Marks::Progress& progress) {
  const __m512i numbers = _mm512_load_si512(kNumbers.of);
  Marks::Progress now = progress;
  for (std::size_t at = 0; at < text.size(); at += kBlock) {
    __builtin_prefetch(text.data() + at + kAhead);
    Masks masks = masks_of(_mm512_loadu_si512(text.data() + at));
    if (text.size() - at < kBlock) [[unlikely]]
      masks.cut(text.size() - at);
    const std::uint64_t quotes = quotes_of(masks, now);
    const __m128i parity =
        _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(quotes)), _mm_set1_epi8(-1), 0);
    const std::uint64_t found = marks_of(masks, quotes, static_cast<std::uint64_t>(_mm_cvtsi128_si64(parity)), now);
    const auto count = static_cast<std::size_t>(_mm_popcnt_u64(found));
    if (count > kNumbersAtOnce) [[unlikely]] {
      marks = append(found, at, marks);
      continue;
    }
    const __m128i which = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(found, numbers));
    _mm512_storeu_si512(marks, _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(at)), _mm512_cvtepu8_epi32(which)));
    marks += count;
  }
  progress = now;
  return marks;
}

bool is_wide() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("popcnt");
}

#endif

}  // namespace

Marks::Marks(Way way) : scan_(scan_common) {
#if defined(__x86_64__)
  if (way == Way::fastest && is_wide()) scan_ = scan_wide;
#endif
}

bool Marks::scan(std::string_view text) {
  marks_.clear();
  std::uint32_t* const first = marks_.room(text.size() + kBlock + 2);
  Progress progress;
  std::uint32_t* const last = scan_(text, first, progress);
  count_ = static_cast<std::size_t>(last - first);
  last[0] = last[1] = static_cast<std::uint32_t>(text.size());
  has_plain_texts_ = (progress.has_escapes | progress.loose_texts) == 0;
  if ((progress.faults | progress.inside) != 0) return false;
  return progress.non_ascii == 0 || is_utf8(text);
}

}  // namespace batchout::json
