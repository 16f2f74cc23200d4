// The settings of an output of type kafka are decoded by that type; its rows would be letters.

#include "plan/letter_place.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/files.h"
#include "config/scalar.h"
#include "config/wording.h"
#include "data/letter_store.h"
#include "registry/registry.h"

namespace batchout {
namespace {

constexpr std::string_view kPath = "pipeline.dead_letters";
constexpr std::string_view kHint =
    "true keeps them in a table beside the rows, in one transaction with them, false logs and counts them; {file: "
    "PATH} and {kafka: {bootstrap_servers: …, topic: …}} keep them elsewhere, at least once";

/// Settings of outputs that speak of columns.
constexpr std::string_view kOfRows[] = {"topic_column", "keys", "key", "headers", "values"};

// A variable has only texts.
std::optional<bool> boolean_in(const Node& setting) {
  if (setting.type() == Node::Type::boolean) return setting.boolean();
  if (setting.from_environment() && setting.is_text()) return boolean_word(setting.text());
  return std::nullopt;
}

class Placing {
 public:
  Placing(const Registry& registry, const std::string& file, Plan& plan, Problems& problems)
      : registry_(registry), file_(file), plan_(plan), problems_(problems) {}

  void place(const Node& setting) {
    if (!setting.is_mapping() || setting.entries().size() != 1)
      return refuse("BO203", setting, {}, "expected true, false, {file: …} or {kafka: …}");
    const Node::Entry& entry = setting.entries().front();
    if (entry.key == "file") return add_file(entry.value);
    if (entry.key == "kafka") return add_kafka(entry.value);
    problems_.push_back({Problem::Severity::error, "BO201", file_, entry.mark.line, entry.mark.column,
                         std::string(kPath), fmt::format("there is no place {}", in_quotes(entry.key)),
                         std::string(kHint)});
  }

 private:
  void refuse(std::string_view code, const Node& node, std::string_view key, std::string message) {
    problems_.push_back({Problem::Severity::error, std::string(code), file_, node.mark().line, node.mark().column,
                         key.empty() ? std::string(kPath) : fmt::format("{}.{}", kPath, key), std::move(message),
                         std::string(kHint)});
  }

  void add(Make<Store> make) { plan_.stores.push_back({"dead_letters", std::move(make)}); }

  void add_file(const Node& path) {
    if (!path.is_text() || path.text().empty() || path.text() == "-")
      return refuse("BO203", path, "file", "needs the path of a file");
    const std::string key = "file:" + path_key(plan_.folder, path.text());
    for (const PlannedOutput& output : plan_.outputs)
      if (output.make.store_key(plan_.folder) == key)
        return refuse("BO205", path, "file",
                      fmt::format("is the file that outputs.{} writes to, which would be no table then", output.name));
    add([path = path.text()](const Context& context) -> Result<std::unique_ptr<Store>> {
      return std::make_unique<LetterStore>(path, context);
    });
  }

  void add_kafka(const Node& settings) {
    const auto* const type = Registry::Types::find(registry_.types().outputs, "kafka");
    if (type == nullptr) return refuse("BO204", settings, "kafka", "this build has no outputs of type kafka");
    if (!settings.is_mapping()) return refuse("BO203", settings, "kafka", "needs the settings of such an output");
    for (const std::string_view key : kOfRows)
      if (const Node* const node = settings.find(key); node != nullptr)
        return refuse("BO201", *node, fmt::format("kafka.{}", key), "is about columns, and letters have none");
    const auto make = type->decoder(settings, {.path = fmt::format("{}.kafka", kPath),
                                               .file = file_,
                                               .strict = true,
                                               .problems = &problems_,
                                               .mark = settings.mark()});
    if (make) add(make->store);
  }

  const Registry& registry_;
  const std::string& file_;
  Plan& plan_;
  Problems& problems_;
};

}  // namespace

void place_letters(const Node& setting, const Registry& registry, const std::string& file, Plan& plan,
                   Problems& problems) {
  const std::optional<bool> wanted = boolean_in(setting);
  plan.dead_letters = wanted.value_or(true);
  plan.insists_on_letters = plan.dead_letters && setting.mark().line > 0;
  if (setting.is_null() || wanted) return;
  if (setting.is_text() && setting.text() == "table") return;
  Placing(registry, file, plan, problems).place(setting);
}

bool is_for_letters(const Plan& plan, std::size_t store) {
  return std::ranges::none_of(plan.outputs, [&](const PlannedOutput& output) { return output.store == store; });
}

}  // namespace batchout
