// Matches come as JSON; an input wants to know what they say.

#include "plan/finder.h"

#include "base/json_text.h"

namespace batchout {
namespace {

/// True for a list or an object without anything in it.
bool is_empty_container(std::string_view json) {
  const bool container = json.starts_with('[') || json.starts_with('{');
  return container && json.find_first_not_of(" \t\r\n", 1) == json.size() - 1;
}

class PathFinder final : public Finder {
 public:
  PathFinder(std::shared_ptr<const Extractor> extractor, Template path)
      : extractor_(std::move(extractor)), path_(std::move(path)) {}

  std::expected<std::vector<std::string>, std::string> find(std::string_view payload) const override {
    auto matches = extractor_->find(path_, payload);
    if (!matches) return std::unexpected(std::move(matches.error().message));
    std::vector<std::string> found;
    for (Extractor::Found& match : *matches) {
      std::string& value = match.value;
      if (value == "null" || is_empty_container(value)) continue;
      if (!value.starts_with('"')) {
        found.push_back(std::move(value));
      } else if (value != "\"\"") {
        append_unescaped(value, found.emplace_back());
      }
    }
    return found;
  }

 private:
  std::shared_ptr<const Extractor> extractor_;
  Template path_;
};

}  // namespace

std::expected<std::shared_ptr<const Finder>, Extractor::PathProblem> make_finder(
    std::shared_ptr<const Extractor> extractor, const std::string& path) {
  Template compiled{path, {path}};
  if (auto problem = extractor->check(compiled)) return std::unexpected(std::move(*problem));
  return std::make_shared<const PathFinder>(std::move(extractor), std::move(compiled));
}

Make<Input> with_finders(Make<Input> make, Finders finders) {
  if (finders.empty()) return make;
  return [make = std::move(make), finders = std::move(finders)](const Context& context) {
    Context own = context;
    own.finders = finders;
    return make(own);
  };
}

}  // namespace batchout
