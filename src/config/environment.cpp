// What a component's mapping gets from outside before it is decoded.
//
// Values of variables are marked as such: they are always text, so decoding converts them, and they are often secrets,
// so no message shows them.

#include "config/environment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "config/wording.h"

namespace batchout {
namespace {

constexpr std::string_view kFromEnvironment = "from_env";

// Python's truth value: the original kept a value of the file only if it was true in this sense.
bool is_given(const Node* node) {
  if (node == nullptr) return false;
  switch (node->type()) {
    case Node::Type::null:
      return false;
    case Node::Type::boolean:
      return node->boolean();
    case Node::Type::integer:
      return node->integer() != 0;
    case Node::Type::real:
      return node->real() != 0;
    case Node::Type::text:
      return !node->text().empty();
    case Node::Type::list:
      return !node->items().empty();
    case Node::Type::mapping:
      return !node->entries().empty();
  }
  return false;
}

// At `mark`, or at the component if the value has no place of its own, for example because a variable gave it.
void report(const Decoding& decoding, Node::Mark mark, std::string_view code, std::string path, std::string message,
            std::string hint) {
  if (mark.line == 0) mark = decoding.mark;
  if (decoding.problems != nullptr)
    decoding.problems->push_back({Problem::Severity::error, std::string(code), decoding.file, mark.line, mark.column,
                                  std::move(path), std::move(message), std::move(hint)});
}

// The mapping again, with `values` at the places of their keys, and those of new keys at the end. One pass with a
// table, since a search for each value would make a hostile `from_env` quadratic.
Node with_values(const Node& mapping, const std::vector<Node::Entry>& values) {
  std::unordered_map<std::string_view, const Node::Entry*> by_key;
  for (const Node::Entry& value : values) by_key[value.key] = &value;
  Node out = Node::mapping();
  out.set_mark(mapping.mark());
  for (const Node::Entry& entry : mapping.entries()) {
    const auto value = by_key.find(entry.key);
    out.add(value == by_key.end() ? entry : Node::Entry{entry.key, entry.mark, value->second->value});
    if (value != by_key.end()) by_key.erase(value);
  }
  for (const Node::Entry& value : values)
    if (by_key.contains(value.key)) out.add(value);
  return out;
}

// `mark` is where the variable is named: problems of the value point there.
Node environment_text(std::string value, Node::Mark mark) {
  Node text(std::move(value));
  text.set_from_environment(true);
  text.set_mark(mark);
  return text;
}

}  // namespace

// The value is copied at once, so a later change of the environment cannot move it.
Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

// Spellings are not compared here, only the description knows them: decoding prefers own entries over inherited ones.
void merge_defaults(Node& component, const Node& defaults) {
  if (!component.is_mapping() || !defaults.is_mapping()) return;
  std::unordered_set<std::string> own;
  for (const Node::Entry& entry : component.entries()) own.insert(entry.key);
  for (Node::Entry entry : defaults.entries()) {
    if (own.contains(entry.key)) continue;
    entry.inherited = true;
    component.add(std::move(entry));
  }
}

// `from_env` itself stays in the mapping: decoding knows the key and skips it. All variables are looked at, so that
// every missing one is reported in one go.
void resolve_environment(Node& component, const Environment& environment, const Decoding& decoding) {
  const Node* found = component.find(kFromEnvironment);
  if (found == nullptr || found->is_null()) return;
  const std::string path = join_path(decoding.path, kFromEnvironment);
  if (!found->is_mapping())
    return report(decoding, found->mark(), "BO208", path, "from_env is not a mapping",
                  "write one `setting: VARIABLE` a line");
  std::unordered_map<std::string_view, const Node*> in_file;
  for (const Node::Entry& entry : component.entries()) in_file.emplace(entry.key, &entry.value);
  std::vector<Node::Entry> values;
  for (const auto& [setting, mark, variable, inherited] : found->entries()) {
    if (!variable.is_text() || variable.text().empty()) {
      report(decoding, variable.mark(), "BO208", join_path(path, setting),
             "expected the name of an environment variable", {});
      continue;
    }
    auto value = environment(variable.text());
    const auto fallback = in_file.find(setting);
    if (value)
      // The key's mark is that inside `from_env`: problems with the key point to the line that brought it in.
      values.push_back({setting, mark, environment_text(*std::move(value), variable.mark())});
    else if (fallback == in_file.end() || !is_given(fallback->second))
      report(decoding, variable.mark(), "BO207", join_path(decoding.path, setting),
             fmt::format("the environment variable {} is not set", in_quotes(variable.text())),
             "set it, or give the setting a value in the file");
  }
  Node resolved = with_values(component, values);
  component = std::move(resolved);
}

}  // namespace batchout
