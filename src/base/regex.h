// Regular expressions: the only place that knows PCRE2.
//
// Patterns are compiled once, for UTF-8 with Unicode classes. Where Python's `re` and PCRE2 read a spelling
// differently (\Z, {,3}, \u20ac) Python's reading counts. No pattern can stall on a text: a search that takes too many
// steps ends as `limit`.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace batchout {

// A compiled pattern. Immutable, cheap to copy, may be used by many threads at once, each with its own Matcher.
class Regex {
 public:
  struct Options {
    bool caseless = false;
    // ^ and $ also at line ends.
    bool multiline = false;
    // . also takes line feeds.
    bool dot_all = false;
    // Blanks and # comments in the pattern do not count.
    bool extended = false;
    // \d, \w, \s and \b know ASCII only.
    bool ascii = false;
    // A match covers the whole subject.
    bool whole = false;

    bool operator==(const Options&) const = default;
  };
  // Why a pattern does not compile.
  struct Problem {
    std::string message;
    // Bytes from the start of the pattern.
    std::size_t offset = 0;
  };
  enum class Outcome : std::uint8_t {
    match,
    no_match,
    limit,  // Given up: too many steps, or too much memory. Neither a match nor none.
  };
  class Matcher;

  // Patterns whose compiled form is larger than kProgramMax are problems as well.
  // Bytes.
  static constexpr std::size_t kProgramMax = 8 << 20;
  static std::expected<Regex, Problem> compile(std::string_view pattern, const Options& options);
  static std::expected<Regex, Problem> compile(std::string_view pattern) { return compile(pattern, Options{}); }

  // Capturing groups, the whole match not counted.
  std::size_t group_count() const;
  // Named groups and their numbers, by name.
  const std::vector<std::pair<std::string, std::size_t>>& names() const;
  std::optional<std::size_t> group_named(std::string_view name) const;
  // Bytes of the compiled forms.
  std::size_t size() const;

 private:
  struct Code;
  explicit Regex(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

// The working memory of searches, for one thread. Nothing is allocated per search once the memory has grown to what
// the patterns need.
class Regex::Matcher {
 public:
  struct Limits {
    // From one starting point.
    std::uint32_t backtracks = 100'000;
    // Of one search and its `next`s, in texts longer than kShort; see `share`.
    std::uint64_t steps = 50'000'000;
    // Bytes, for what has to be remembered on the way.
    std::size_t memory = 8 << 20;
  };
  // Shorter texts are bounded well enough by `backtracks`; their steps are not counted, which is much faster.
  static constexpr std::size_t kShort = 2048;

  explicit Matcher(const Regex& regex) : Matcher(regex, Limits{}) {}
  Matcher(const Regex& regex, const Limits& limits);
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  // Goes on with another pattern, keeping memory and limits.
  void use(const Regex& regex);

  // All searches from now on, of whatever patterns, have these steps together, until the next call: many searches that
  // each stay below their limit cannot add up to a stall. What short texts may cost is counted as well.
  void share(std::uint64_t steps);
  // Takes steps off the shared ones, for other work that belongs to them. False, with none left, if they are too few.
  bool spend(std::uint64_t steps);

  // The first match that starts at byte `from` or later; what stands before it is seen by look-behinds and ^. The
  // subject must be valid UTF-8, `from` the start of a character, and the subject must live as long as groups are asked
  // for.
  Outcome search(std::string_view subject, std::size_t from = 0);
  // After a match: the next one behind it. An empty match may touch a match before it, but not one that was empty.
  Outcome next();

  // Of the last match: what a group matched; nothing if it took no part or does not exist. Group 0 is the whole match.
  std::optional<std::string_view> group(std::size_t number) const;
  // Bytes from the start of the subject to the start of the last match.
  std::size_t position() const;

 private:
  struct Scratch;
  Outcome run(std::size_t from, std::uint32_t options);
  bool is_guarded() const;
  bool may_go_on_plain();
  int run_form(bool guarded, std::size_t from, std::uint32_t options, std::uint32_t backtracks);

  std::shared_ptr<const Code> code_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace batchout
