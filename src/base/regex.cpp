// PCRE2 behind Regex. Every pattern is compiled twice: the plain form runs on short texts, under PCRE2's own limit of
// backtracks. That limit counts neither characters passed over nor starting points, so `\s+\s*\d` over a megabyte of
// blanks would run for hours under it. The guarded form has a callout before each item, which counts both and ends the
// search. It runs on longer texts, and, where searches share their steps, for whatever takes more than few backtracks
// or comes after the first kilobytes.

#include "base/regex.h"

#include <algorithm>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace batchout {
namespace {

// For each object of PCRE2 the call that gives it back.
struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

PCRE2_SPTR units(std::string_view text) {
  // PCRE2 10.42 refuses a null pointer, also with length 0.
  return reinterpret_cast<PCRE2_SPTR>(text.data() != nullptr ? text.data() : "");
}

// A pattern in PCRE2's spelling, and the offsets where bytes were put in.
struct Spelled {
  std::string pattern;
  std::vector<std::size_t> inserted;

  std::size_t offset_as_written(std::size_t offset) const {
    const auto before = std::ranges::count_if(inserted, [offset](std::size_t at) { return at < offset; });
    return offset - static_cast<std::size_t>(before);
  }
};

// True for what follows an opening brace in Python's "at most n": a comma, digits, a closing brace.
bool is_at_most(std::string_view rest) {
  std::size_t at = 1;
  if (!rest.starts_with(',')) return false;
  while (at < rest.size() && rest[at] >= '0' && rest[at] <= '9') ++at;
  return at > 1 && at < rest.size() && rest[at] == '}';
}

// The hexadecimal digits of an escape such as \u20ac, whose letter is `letter`; empty if it is another one.
std::string_view code_point(char letter, std::string_view rest) {
  const std::size_t size = letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  const std::string_view digits = rest.substr(0, size);
  const bool all = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  return digits.size() == size && all ? digits : std::string_view();
}

// \u20ac as \x{20ac}.
void put_code_point(std::string_view digits, Spelled& out) {
  out.pattern += 'x';
  out.inserted.push_back(out.pattern.size());
  out.pattern += '{';
  out.pattern += digits;
  out.inserted.push_back(out.pattern.size());
  out.pattern += '}';
}

// Python's \Z is PCRE2's \z (the very end), and its {,3} is {0,3}; inside of classes nothing of this differs.
Spelled spell(std::string_view written) {
  Spelled out;
  bool in_class = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    out.pattern += c;
    if (c == '\\' && i + 1 < written.size()) {
      ++i;
      if (const auto digits = code_point(written[i], written.substr(i + 1)); !digits.empty()) {
        put_code_point(digits, out);
        i += digits.size();
      } else {
        out.pattern += written[i] == 'Z' && !in_class ? 'z' : written[i];
      }
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (written.substr(i + 1).starts_with('^')) out.pattern += written[++i];
      if (written.substr(i + 1).starts_with(']')) out.pattern += written[++i];  // A member when it comes first.
    } else if (c == '{' && is_at_most(written.substr(i + 1))) {
      out.inserted.push_back(out.pattern.size());
      out.pattern += '0';
    }
  }
  return out;
}

// \C would match single bytes, so it is refused: a match must not end inside of a character. Without UCP the classes
// know ASCII only.
std::uint32_t flags_of(const Regex::Options& options) {
  std::uint32_t flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
  if (!options.ascii) flags |= PCRE2_UCP;
  if (options.caseless) flags |= PCRE2_CASELESS;
  if (options.multiline) flags |= PCRE2_MULTILINE;
  if (options.dot_all) flags |= PCRE2_DOTALL;
  if (options.extended) flags |= PCRE2_EXTENDED;
  if (options.whole) flags |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
  return flags;
}

std::string message_of(int code) {
  PCRE2_UCHAR text[256];
  if (pcre2_get_error_message(code, text, sizeof text) < 0) return "the pattern is not valid";
  return reinterpret_cast<const char*>(text);
}

std::size_t size_of(const pcre2_code* code) {
  std::size_t size = 0;
  std::size_t jit_size = 0;
  pcre2_pattern_info(code, PCRE2_INFO_SIZE, &size);
  pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &jit_size);
  return size + jit_size;
}

// Only LF ends a line, as in Python; PCRE2's default depends on how it was built.
std::expected<Owned<pcre2_code>, Regex::Problem> compile_form(const Spelled& spelled, std::uint32_t flags) {
  const Owned<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
  if (context == nullptr) return std::unexpected(Regex::Problem{"out of memory", 0});
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE offset = 0;
  Owned<pcre2_code> code(
      pcre2_compile(units(spelled.pattern), spelled.pattern.size(), flags, &error, &offset, context.get()));
  if (code == nullptr) return std::unexpected(Regex::Problem{message_of(error), spelled.offset_as_written(offset)});
  // Without it (no executable memory) the same matches are found by the interpreter.
  pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE);
  if (size_of(code.get()) > Regex::kProgramMax) return std::unexpected(Regex::Problem{"the pattern is too large", 0});
  return code;
}

std::vector<std::pair<std::string, std::size_t>> names_of(const pcre2_code* code) {
  std::uint32_t count = 0;
  std::uint32_t entry_size = 0;
  PCRE2_SPTR table = nullptr;
  pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entry_size);
  pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, static_cast<void*>(&table));
  std::vector<std::pair<std::string, std::size_t>> names;
  // An entry is a group's number in two bytes, then its name with a NUL; entries are in order of names.
  for (std::uint32_t i = 0; i < count; ++i) {
    const PCRE2_SPTR entry = table + std::size_t{i} * entry_size;
    names.emplace_back(reinterpret_cast<const char*>(entry + 2), std::size_t{entry[0]} << 8 | entry[1]);
  }
  return names;
}

// What the guarded form has left, and where in the subject it was counted last.
struct Steps {
  std::uint64_t left = 0;
  std::size_t at = 0;
};

// Called before each item of the pattern. A jump back costs as much as one forward, since both re-read text. Any
// negative number ends the search as an error.
int count_steps(pcre2_callout_block* block, void* data) {
  Steps& steps = *static_cast<Steps*>(data);
  const std::size_t at = block->current_position;
  const std::size_t passed = at > steps.at ? at - steps.at : steps.at - at;
  steps.at = at;
  if (passed >= steps.left) {
    steps.left = 0;
    return PCRE2_ERROR_CALLOUT;
  }
  steps.left -= passed + 1;
  return 0;
}

// Of searches that share their steps: backtracks from one starting point, and bytes that may be searched so in all.
// Together they take half a second at most.
constexpr std::uint32_t kPlainBacktracks = 500;
constexpr std::size_t kPlainBytes = 256 * 1024;
// What they may search so beyond these backtracks: bytes that are read again for each of them, if it reads all. Takes a
// tenth of a second at most, and a search that is given up a tenth of what it takes with its steps counted.
constexpr std::uint64_t kPlainSteps = 160'000'000;
constexpr std::size_t kSearchCost = 64;  // Bytes that a search counts for beside those of its text.

}  // namespace

// Both forms have the same groups.
struct Regex::Code {
  Owned<pcre2_code> plain;
  Owned<pcre2_code> guarded;
  std::uint32_t groups = 0;
  std::vector<std::pair<std::string, std::size_t>> names;
};

std::expected<Regex, Regex::Problem> Regex::compile(std::string_view pattern, const Options& options) {
  const Spelled spelled = spell(pattern);
  const std::uint32_t flags = flags_of(options);
  auto plain = compile_form(spelled, flags);
  if (!plain) return std::unexpected(std::move(plain).error());
  auto guarded = compile_form(spelled, flags | PCRE2_AUTO_CALLOUT);
  if (!guarded) return std::unexpected(std::move(guarded).error());
  auto code = std::make_shared<Code>();
  pcre2_pattern_info(plain->get(), PCRE2_INFO_CAPTURECOUNT, &code->groups);
  code->names = names_of(plain->get());
  code->plain = std::move(*plain);
  code->guarded = std::move(*guarded);
  return Regex(std::move(code));
}

std::size_t Regex::group_count() const {
  return code_->groups;
}

const std::vector<std::pair<std::string, std::size_t>>& Regex::names() const {
  return code_->names;
}

std::size_t Regex::size() const {
  return size_of(code_->plain.get()) + size_of(code_->guarded.get());
}

std::optional<std::size_t> Regex::group_named(std::string_view name) const {
  for (const auto& [known, number] : code_->names)
    if (known == name) return number;
  return std::nullopt;
}

// Behind a pointer: the match context holds the address of `steps`, which must not move.
struct Regex::Matcher::Scratch {
  Limits limits;
  Owned<pcre2_match_context> context;
  Owned<pcre2_jit_stack> stack;
  Owned<pcre2_match_data> data;
  // Room in `data`.
  std::uint32_t pairs = 0;
  Steps steps;
  // The steps are those of all searches.
  bool shared = false;
  // Of `kPlainBytes`, what is left.
  std::size_t plain_bytes = 0;
  // Of `kPlainSteps`.
  std::uint64_t plain_steps = 0;
  std::string_view subject;
  bool found = false;
};

// Memory that cannot be had makes every search end as `limit`.
Regex::Matcher::Matcher(const Regex& regex, const Limits& limits) : scratch_(std::make_unique<Scratch>()) {
  Scratch& s = *scratch_;
  s.limits = limits;
  s.context.reset(pcre2_match_context_create(nullptr));
  s.stack.reset(pcre2_jit_stack_create(std::min<std::size_t>(32 * 1024, limits.memory), limits.memory, nullptr));
  if (s.context != nullptr) {
    pcre2_set_match_limit(s.context.get(), limits.backtracks);
    pcre2_set_depth_limit(s.context.get(), limits.backtracks);
    pcre2_set_heap_limit(s.context.get(), static_cast<std::uint32_t>(limits.memory / 1024));
    pcre2_set_callout(s.context.get(), count_steps, &s.steps);
    pcre2_jit_stack_assign(s.context.get(), nullptr, s.stack.get());
  }
  use(regex);
}

Regex::Matcher::~Matcher() = default;
Regex::Matcher::Matcher(Matcher&&) noexcept = default;
Regex::Matcher& Regex::Matcher::operator=(Matcher&&) noexcept = default;

// Match data serves any pattern with no more groups than it has room for.
void Regex::Matcher::use(const Regex& regex) {
  code_ = regex.code_;
  Scratch& s = *scratch_;
  s.found = false;
  if (s.data != nullptr && s.pairs > code_->groups) return;
  s.pairs = std::max<std::uint32_t>(code_->groups + 1, 8);
  s.data.reset(pcre2_match_data_create(s.pairs, nullptr));
}

Regex::Outcome Regex::Matcher::search(std::string_view subject, std::size_t from) {
  scratch_->subject = subject;
  if (!scratch_->shared) scratch_->steps.left = scratch_->limits.steps;
  return run(from, 0);
}

void Regex::Matcher::share(std::uint64_t steps) {
  scratch_->shared = true;
  scratch_->steps.left = steps;
  scratch_->plain_bytes = kPlainBytes;
  scratch_->plain_steps = kPlainSteps;
}

bool Regex::Matcher::spend(std::uint64_t steps) {
  const bool enough = steps < scratch_->steps.left;
  scratch_->steps.left = enough ? scratch_->steps.left - steps : 0;
  return enough;
}

// As Python's finditer: an empty match is tried only once at a place.
Regex::Outcome Regex::Matcher::next() {
  if (!scratch_->found) return Outcome::no_match;
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(scratch_->data.get());
  // A look-ahead with \K may put the start behind the end; going on from the later one always gets further.
  const std::size_t from = std::max(ends[0], ends[1]);
  return run(from, ends[0] >= ends[1] ? PCRE2_NOTEMPTY_ATSTART : 0);
}

// UTF-8 is not checked again, which would read the whole subject for each `next`: broken UTF-8 is undefined behaviour
// in PCRE2. Whatever else comes than a match or none is one of the limits.
Regex::Outcome Regex::Matcher::run(std::size_t from, std::uint32_t options) {
  Scratch& s = *scratch_;
  s.found = false;
  if (s.context == nullptr || s.data == nullptr) return Outcome::limit;
  if (from > s.subject.size()) return Outcome::no_match;
  int result = PCRE2_ERROR_MATCHLIMIT;
  bool guarded = is_guarded();
  if (!guarded) {
    result = run_form(false, from, options, s.shared ? kPlainBacktracks : s.limits.backtracks);
    guarded = s.shared && result < 0 && result != PCRE2_ERROR_NOMATCH;
  }
  if (guarded && may_go_on_plain()) {
    result = run_form(false, from, options, s.limits.backtracks);
    guarded = false;
  }
  if (guarded) result = run_form(true, from, options, s.limits.backtracks);
  s.found = result >= 0;
  if (s.found) return Outcome::match;
  return result == PCRE2_ERROR_NOMATCH ? Outcome::no_match : Outcome::limit;
}

// A limit below kShort can only be kept by counting.
bool Regex::Matcher::is_guarded() const {
  const Scratch& s = *scratch_;
  return s.subject.size() > kShort || s.limits.steps < kShort || (s.shared && s.plain_bytes == 0);
}

// Counts all that the search may take.
bool Regex::Matcher::may_go_on_plain() {
  Scratch& s = *scratch_;
  const std::uint64_t most = std::uint64_t{s.limits.backtracks} * s.subject.size();
  if (is_guarded() || most > s.plain_steps) return false;
  s.plain_steps -= most;
  return true;
}

int Regex::Matcher::run_form(bool guarded, std::size_t from, std::uint32_t options, std::uint32_t backtracks) {
  Scratch& s = *scratch_;
  s.steps.at = from;
  pcre2_set_match_limit(s.context.get(), backtracks);
  const int result = pcre2_match((guarded ? code_->guarded : code_->plain).get(), units(s.subject), s.subject.size(),
                                 from, options | PCRE2_NO_UTF_CHECK, s.data.get(), s.context.get());
  if (!s.shared) return result;
  const std::size_t end = result >= 0 ? pcre2_get_ovector_pointer(s.data.get())[1] : s.subject.size();
  const std::size_t passed = std::max(end, from) - from + kSearchCost;
  // Where no match can begin PCRE2 passes over many bytes at a time, without a callout.
  if (guarded) return spend(passed / 16) ? result : PCRE2_ERROR_MATCHLIMIT;
  s.plain_bytes -= std::min(s.plain_bytes, passed);
  return result;
}

// With \K in a look-ahead a start can lie behind its end; such a group has no text.
std::optional<std::string_view> Regex::Matcher::group(std::size_t number) const {
  const Scratch& s = *scratch_;
  if (!s.found || number > code_->groups || number >= pcre2_get_ovector_count(s.data.get())) return std::nullopt;
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(s.data.get()) + 2 * number;
  if (ends[0] == PCRE2_UNSET || ends[0] > ends[1]) return std::nullopt;
  return s.subject.substr(ends[0], ends[1] - ends[0]);
}

std::size_t Regex::Matcher::position() const {
  return scratch_->found ? pcre2_get_ovector_pointer(scratch_->data.get())[0] : 0;
}

}  // namespace batchout
