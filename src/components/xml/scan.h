// Looks at every byte of a text once, sixteen at a time: what it consists of, and where the next byte of interest is.

#pragma once

#include <cstddef>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>

namespace batchout::xml {

/// What a text consists of.
struct Scanned {
  /// As far as `fault`.
  bool is_utf8 = true;
  bool has_carriage_returns = false;
  /// Characters that XML does not allow, U+FFFE and U+FFFF included.
  bool has_controls = false;
  /// Where UTF-8 is broken; or where the text ends.
  std::size_t fault = 0;
};

/// Reads no byte beyond the text.
Scanned scan(std::string_view text);

/// Where a run of character data ends, and what is in it.
struct Run {
  /// The next `<`, or `limit`.
  const char* end;
  /// There is an ampersand.
  bool references = false;
  /// There is a closing square bracket.
  bool brackets = false;
};

#ifdef __SSE2__

inline int equal_bytes(__m128i block, char c) {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(c)));
}

/// Finds the end of character data. Reads up to fifteen bytes beyond `limit`.
inline Run find_markup(const char* at, const char* limit) {
  Run run{limit, false, false};
  for (; at < limit; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto markup = static_cast<unsigned>(equal_bytes(block, '<'));
    // Bits before the first `<`, or all.
    const unsigned before = markup == 0 ? 0xFFFF : (markup - 1) & ~markup;
    run.references |= (static_cast<unsigned>(equal_bytes(block, '&')) & before) != 0;
    run.brackets |= (static_cast<unsigned>(equal_bytes(block, ']')) & before) != 0;
    if (markup != 0) {
      const char* const found = at + std::countr_zero(markup);
      run.end = found < limit ? found : limit;
      return run;
    }
  }
  return run;
}

/// An attribute's value from behind its opening quote.
struct Quoted {
  /// The closing quote, or null.
  const char* end;
  /// There is an ampersand or a blank other than a space.
  bool special = false;
};

/// Finds the closing quote; there is none if a `<` or `limit` comes first. Reads up to fifteen bytes beyond `limit`.
inline Quoted find_quote(const char* at, char quote, const char* limit) {
  Quoted found{nullptr, false};
  for (; at < limit; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto stops = static_cast<unsigned>(equal_bytes(block, quote) | equal_bytes(block, '<'));
    const unsigned before = stops == 0 ? 0xFFFF : (stops - 1) & ~stops;
    const __m128i blanks = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
    const unsigned special = static_cast<unsigned>(equal_bytes(block, '&') | _mm_movemask_epi8(blanks));
    found.special |= (special & before) != 0;
    if (stops != 0) {
      const char* const end = at + std::countr_zero(stops);
      if (end < limit && *end == quote) found.end = end;
      return found;
    }
  }
  return found;
}

#else

inline Run find_markup(const char* at, const char* limit) {
  Run run{limit, false, false};
  for (; at < limit && *at != '<'; ++at) {
    run.references |= *at == '&';
    run.brackets |= *at == ']';
  }
  run.end = at;
  return run;
}

struct Quoted {
  const char* end;
  bool special = false;
};

inline Quoted find_quote(const char* at, char quote, const char* limit) {
  Quoted found{nullptr, false};
  for (; at < limit && *at != '<'; ++at) {
    if (*at == quote) {
      found.end = at;
      break;
    }
    found.special |= *at == '&' || static_cast<unsigned char>(*at) < 0x20;
  }
  return found;
}

#endif

}  // namespace batchout::xml
