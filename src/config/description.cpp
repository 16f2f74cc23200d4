// Decoding a mapping by its description: every key is looked at, every problem is reported.
//
// Three passes, so that one mistake does not hide another: keys that no field knows, then each field with its value,
// then the checks between values.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "batchout/spec.h"
#include "config/wording.h"

namespace batchout {
namespace {

// Keys of every component that are read before its settings are.
constexpr std::string_view kFrameworkKeys[] = {"type", "from_env"};

// The key of a field or one of its older names.
bool spells(const FieldInfo& field, std::string_view key) {
  return field.key == key || std::ranges::find(field.aliases, key) != field.aliases.end();
}

// One call of `decode`. Order of problems: unknown keys as written, fields and checks as described. Borrows all three
// for the call. Nothing here knows the struct: members are reached through the functions of the description.
class MappingDecoder {
 public:
  MappingDecoder(const Description& description, const Node& node, const Decoding& decoding)
      : description_(description), node_(node), decoding_(decoding) {}

  // `config` is the plain struct behind the description, with its defaults in place; it is filled as far as possible.
  bool decode(void* config) {
    refuse_unknown_keys();
    for (const Description::Field& field : description_.fields) read(field, config);
    for (const Description::Check& check : description_.checks) run(check, config);
    return good_;
  }

 private:
  // The inside of a key: its path, and a place for values that have none.
  Decoding inside(std::string_view key, Node::Mark mark) const {
    Decoding inner = decoding_;
    inner.path = join_path(decoding_.path, key);
    inner.mark = mark.line > 0 ? mark : own_mark();
    return inner;
  }
  // Where the mapping itself stands, for what has no place of its own: a missing key.
  Node::Mark own_mark() const { return decoding_.mark.line > 0 ? decoding_.mark : node_.mark(); }

  void report(Problem::Severity severity, std::string_view code, const Decoding& at, std::string message,
              std::string hint) {
    if (severity == Problem::Severity::error) good_ = false;
    if (decoding_.problems != nullptr)
      decoding_.problems->push_back({severity, std::string(code), at.file, at.mark.line, at.mark.column, at.path,
                                     std::move(message), std::move(hint)});
  }
  // The original ignored names that it did not know, so its configurations may hold some.
  Problem::Severity severity_of_names() const {
    return decoding_.strict ? Problem::Severity::error : Problem::Severity::warning;
  }

  // Only components have a type and an environment; a mapping inside of one has its fields and nothing else.
  bool is_known(std::string_view key) const {
    const bool is_component = !description_.info.role.empty();
    if (is_component && std::ranges::find(kFrameworkKeys, key) != std::end(kFrameworkKeys)) return true;
    return std::ranges::any_of(description_.info.fields, [&](const FieldInfo& field) { return spells(field, key); });
  }

  // Inherited keys are exempt: the defaults of a section reach components of different types. Aliases are suggested,
  // too, since whoever comes from the original knows only those.
  void refuse_unknown_keys() {
    std::vector<std::string> known;
    for (const FieldInfo& field : description_.info.fields) {
      known.push_back(field.key);
      known.insert(known.end(), field.aliases.begin(), field.aliases.end());
    }
    for (const Node::Entry& entry : node_.entries()) {
      if (entry.inherited || is_known(entry.key)) continue;
      report(severity_of_names(), "BO201", inside(entry.key, entry.mark), "unknown key",
             suggestion(entry.key, known, "known keys:"));
    }
  }

  // The entry that counts for a field: own ones before inherited ones, and the environment before the file. Null if no
  // key of the mapping belongs to the field. A second key of the same rank is reported and loses.
  const Node::Entry* choose(const FieldInfo& field) {
    const Node::Entry* chosen = nullptr;
    for (const Node::Entry& entry : node_.entries()) {
      if (!spells(field, entry.key)) continue;
      if (chosen == nullptr || rank(entry) > rank(*chosen))
        chosen = &entry;
      else if (rank(entry) == rank(*chosen))
        report(severity_of_names(), "BO209", inside(entry.key, entry.mark),
               "the same setting is also given as " + in_quotes(chosen->key), "remove one of them");
    }
    return chosen;
  }
  // The larger one counts.
  static int rank(const Node::Entry& entry) {
    if (entry.value.from_environment()) return 2;
    return entry.inherited ? 0 : 1;
  }

  // Null means absent, except for members that can hold it. A required field does not take null, even if its member
  // could hold it.
  void read(const Description::Field& field, void* config) {
    const FieldInfo& info = description_.info.fields[field.info];
    const Node::Entry* entry = choose(info);
    const bool given = entry != nullptr && (!entry->value.is_null() || field.takes_null);
    bool good = true;
    if (entry != nullptr && given) {
      const Decoding inner = inside(entry->key, entry->mark);
      good = field.read(Setting(entry->value, info, inner), config);
    }
    if (info.required && (!given || entry->value.is_null())) good = refuse_missing(info, entry);
    if (good) return;
    good_ = false;
    failed_.insert(info.key);
  }

  // Silent where the environment has been blamed for the same key already. Always false.
  bool refuse_missing(const FieldInfo& info, const Node::Entry* entry) {
    const Decoding at = inside(info.key, entry != nullptr ? entry->mark : Node::Mark{});
    const auto blamed = [&](const Problem& problem) { return problem.code == "BO207" && problem.path == at.path; };
    if (decoding_.problems == nullptr || std::ranges::none_of(*decoding_.problems, blamed))
      report(Problem::Severity::error, "BO202", at, "required, but not given", info.doc);
    return false;
  }

  // A check of a key that was refused already would repeat that in other words.
  void run(const Description::Check& check, const void* config) {
    if (failed_.contains(check.key) || check.holds(config)) return;
    Decoding at = decoding_;
    at.mark = own_mark();
    if (!check.key.empty()) {
      const Node::Entry* entry = entry_of(check.key);
      const bool has_mark = entry != nullptr && entry->value.mark().line > 0;
      at = inside(entry != nullptr ? entry->key : check.key, has_mark ? entry->value.mark() : Node::Mark{});
    }
    report(Problem::Severity::error, "BO206", at, check.message, {});
  }

  // Where a check's problem is shown: the entry as it is written, be it by an alias of the key.
  const Node::Entry* entry_of(std::string_view key) const {
    const auto field = std::ranges::find(description_.info.fields, key, &FieldInfo::key);
    for (const Node::Entry& entry : node_.entries())
      if (entry.key == key || (field != description_.info.fields.end() && spells(*field, entry.key))) return &entry;
    return nullptr;
  }

  const Description& description_;
  const Node& node_;
  const Decoding& decoding_;
  // Keys of fields that were refused, by their own names, not as written.
  std::set<std::string> failed_;
  bool good_ = true;
};

}  // namespace

// Case matters, as it did in the original.
bool SpecInfo::answers_to(std::string_view name) const {
  return type == name || std::ranges::find(aliases, name) != aliases.end();
}

// A value that is no mapping at all has no key: the problem stands where the mapping should.
bool Description::decode(const Node& node, const Decoding& decoding, void* config) const {
  if (!node.is_mapping()) {
    const FieldInfo whole;
    return Setting(node, whole, decoding)
        .wrong("BO203", "expected a mapping of settings", "write one `key: value` a line");
  }
  return MappingDecoder(*this, node, decoding).decode(config);
}

}  // namespace batchout
