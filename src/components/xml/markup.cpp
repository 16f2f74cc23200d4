// Each function reads one kind of markup, and gives up on what libxml2 may see in another way.

#include "components/xml/markup.h"

#include <string_view>

namespace batchout::xml {
namespace {

// The rest of `<?xml version="1.0" encoding="…" standalone="…"?>`. Null for anything that libxml2 might refuse or read
// in another encoding. The version is required; the others follow in this order or not at all.
const char* behind_declaration(const char* at) {
  const auto setting = [&at](std::string_view name, std::string_view& value) {
    const char* const start = skip_blanks(at);
    if (start == at || std::string_view(start, name.size()) != name) return false;
    const char* here = skip_blanks(start + name.size());
    if (*here != '=') return false;
    here = skip_blanks(here + 1);
    const char quote = *here++;
    const char* const begin = here;
    here = name_end(here);
    if ((quote != '"' && quote != '\'') || *here != quote) return false;
    value = {begin, here};
    at = here + 1;
    return true;
  };
  std::string_view value;
  if (!setting("version", value) || value != "1.0") return nullptr;
  if (setting("encoding", value) &&
      (value.empty() || lower(value[0]) < 'a' || lower(value[0]) > 'z' || value.contains(':')))
    return nullptr;
  if (setting("standalone", value) && value != "yes" && value != "no") return nullptr;
  at = skip_blanks(at);
  return at[0] == '?' && at[1] == '>' ? at + 2 : nullptr;
}

}  // namespace

// A document type is left to the tree: behind_outer_markup knows none.
const char* behind_prolog(const char* at, const char* end) {
  const std::string_view text(at, end);
  if (text.starts_with("<?xml") && text.size() > 5 && is(text[5], kBlank)) {
    at = behind_declaration(at + 5);
    if (at == nullptr) return nullptr;
  }
  return behind_outer_markup(at, end);
}

const char* behind_outer_markup(const char* at, const char* end) {
  for (;;) {
    at = skip_blanks(at);
    if (at >= end) return end;  // The separator behind a payload begins with a blank.
    if (*at != '<') return nullptr;
    if (at[1] == '?')
      at = behind_instruction(at + 2, end);
    else if (at[1] == '!')
      at = behind_comment(at + 2, end);
    else
      return at;
    if (at == nullptr) return nullptr;
  }
}

// Two hyphens end a comment; without a bracket behind them they are a mistake.
const char* behind_comment(const char* at, const char* end) {
  if (at[0] != '-' || at[1] != '-' || at + 2 >= end) return nullptr;
  const std::string_view rest(at + 2, end);
  const std::size_t size = rest.find("--");
  if (size > kRunMax || size + 2 >= rest.size() || rest[size + 2] != '>') return nullptr;
  return rest.data() + size + 3;
}

// Targets that libxml2 treats or warns about are left to the tree: xml in any case, names with a colon, catalogues of
// oasis.
const char* behind_instruction(const char* at, const char* end) {
  if (at >= end || !is(*at, kNameStart)) return nullptr;
  const char* const after = name_end(at);
  const std::string_view target(at, after);
  const bool reserved =
      target.size() >= 3 && equal_ignoring_case(target.substr(0, 3), "xml") && target != "xml-stylesheet";
  if (reserved || target.contains(':') || target.starts_with("oasis") || target.size() > kNameMax) return nullptr;
  if (after + 1 < end && after[0] == '?' && after[1] == '>') return after + 2;
  if (!is(*after, kBlank) || after >= end) return nullptr;
  const std::string_view rest(after, end);
  const std::size_t size = rest.find("?>");
  return size > kRunMax ? nullptr : after + size + 2;
}

}  // namespace batchout::xml
