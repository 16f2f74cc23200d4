// Patterns are I-Regexps in translation; the engine bounds each search, the finder's budget of steps their number.

#include "components/json/pattern.h"

#include "components/json/i_regexp.h"

namespace batchout::json {
namespace {

// In steps of the finder, from whose budget they come.
constexpr std::uint64_t kStepsToCompile = 1'000;
constexpr std::uint64_t kStepsToSearch = 20;
constexpr std::size_t kBytesPerStep = 64;

// Tighter than for whole payloads: one document may ask for very many searches.
constexpr Regex::Matcher::Limits kLimits{.backtracks = 10'000, .steps = 5'000'000, .memory = 1 << 20};

}  // namespace

Pattern::Pattern(std::string_view written, bool whole) : translated_(translate_i_regexp(written)), whole_(whole) {}

// The first caller compiles, others wait for it.
const Regex* Pattern::regex() const {
  std::call_once(compiled_, [this] {
    if (!translated_) return;
    Regex::Options options;
    options.whole = whole_;
    auto compiled = Regex::compile(*translated_, options);
    if (compiled) regex_.emplace(std::move(*compiled));
  });
  return regex_ ? &*regex_ : nullptr;
}

// The subject is known to be UTF-8, since the document is.
bool Patterns::matches(const Pattern& pattern, std::string_view text, std::uint64_t& steps) {
  const Regex* const regex = exhausted_ ? nullptr : pattern.regex();
  if (regex == nullptr) return false;
  steps += kStepsToSearch + text.size() / kBytesPerStep;
  if (matcher_)
    matcher_->use(*regex);
  else
    matcher_.emplace(*regex, kLimits);
  const Regex::Outcome outcome = matcher_->search(text);
  exhausted_ = outcome == Regex::Outcome::limit;
  return outcome == Regex::Outcome::match;
}

// The key tells the two uses of one expression apart. When there are too many, all are forgotten: documents that bring
// ever new ones pay for each.
bool Patterns::matches(std::string_view written, bool whole, std::string_view text, std::uint64_t& steps) {
  key_.assign(written).push_back(whole ? '^' : '*');
  auto found = known_.find(key_);
  if (found == known_.end()) {
    if (known_.size() >= kKnownMax) known_.clear();
    steps += kStepsToCompile;
    found = known_.try_emplace(key_, written, whole).first;
  }
  return matches(found->second, text, steps);
}

}  // namespace batchout::json
