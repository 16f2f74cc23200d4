// The key is the pattern and one byte for its options.

#include "components/regex/filled_patterns.h"

namespace batchout::regex {
namespace {

char bits_of(const Regex::Options& options) {
  const int bits = (options.caseless ? 1 : 0) | (options.multiline ? 2 : 0) | (options.dot_all ? 4 : 0) |
                   (options.extended ? 8 : 0) | (options.ascii ? 16 : 0) | (options.whole ? 32 : 0);
  return static_cast<char>(bits);
}

}  // namespace

const Regex* FilledPatterns::find(const std::string& pattern, const Regex::Options& options, Regex::Matcher& matcher) {
  key_.assign(pattern).push_back(bits_of(options));
  auto known = patterns_.find(key_);
  if (known == patterns_.end()) {
    if (!matcher.spend(kCompileSteps + 64 * pattern.size())) return nullptr;
    if (size_ > kSizeMax) {
      patterns_.clear();
      size_ = 0;
    }
    auto compiled = Regex::compile(pattern, options);
    size_ += sizeof(std::string) + 2 * key_.size() + (compiled ? compiled->size() : 0);
    known = patterns_.emplace(key_, compiled ? std::optional(std::move(*compiled)) : std::nullopt).first;
  }
  return known->second ? &*known->second : nullptr;
}

}  // namespace batchout::regex
