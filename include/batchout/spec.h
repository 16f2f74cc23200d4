// Settings, declared once: the members of a struct and one `field` line each.
//
// From that one place come decoding with all problems at once, the reference pages and the redaction of secrets.
// The templates here only bind members; the work is done behind `Setting`, which knows no Config.

#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "batchout/node.h"
#include "batchout/result.h"

namespace batchout {

/// A text that never appears in messages, logs or printed configurations.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// A length of time: a plain number is seconds, a text has a unit (ms, s, m, h, d), for example "250ms".
struct Duration {
  std::chrono::milliseconds value{0};

  constexpr Duration() = default;
  template <class Number, class Period>
  constexpr Duration(std::chrono::duration<Number, Period> duration)
      : value(std::chrono::duration_cast<std::chrono::milliseconds>(duration)) {}
  bool operator==(const Duration&) const = default;
};

/// A number of bytes: a plain number, or a text with a unit. As in the usual tools k, M, G, T and KiB, MiB, GiB, TiB
/// are powers of 1024, and kB, MB, GB, TB powers of 1000.
struct ByteSize {
  std::uint64_t bytes = 0;

  constexpr ByteSize() = default;
  constexpr ByteSize(std::uint64_t value) : bytes(value) {}
  bool operator==(const ByteSize&) const = default;
};

/// Names of an enum's values 0, 1, … as the configuration writes them. Specialise with
/// `static constexpr std::string_view names[]`.
template <class E>
struct Choices;

struct SpecInfo;

/// One key of a component, as documented.
struct FieldInfo {
  std::string key;
  std::vector<std::string> aliases;
  std::string doc;
  /// Such as "list of text": "list of " and "mapping to " before another type, or one of boolean, integer, number,
  /// text, secret text, time, size, choice, mapping, any; what takes several forms says so in its own words.
  std::string type;
  /// Empty if required, secret or without a default.
  std::string default_text;
  bool required = false;
  bool secret = false;
  std::vector<std::string> choices;
  /// Of the mapping, or of the mappings in it; null if it has no keys of its own. Never freed.
  const SpecInfo* inside = nullptr;
  /// Inclusive; of durations in seconds, of sizes in bytes.
  std::optional<double> min, max;
};

/// One component type, as documented.
struct SpecInfo {
  /// Empty for a mapping inside a component.
  std::string role;
  std::string type;
  std::vector<std::string> aliases;
  std::string doc;
  std::vector<FieldInfo> fields;

  /// True for the type's name and its aliases.
  bool answers_to(std::string_view name) const;
};

/// Where a mapping stands and where its problems go.
struct Decoding {
  /// Key path, for example "outputs.local".
  std::string path;
  std::string file;
  /// Unknown keys are errors and quoted numbers are text; else they are warnings and numbers.
  bool strict = true;
  Problems* problems = nullptr;
  /// Place of problems that have none of their own; else the mapping's own mark.
  Node::Mark mark{};
};

/// One value of a configuration on its way into a member. `read` reports what is wrong and returns false.
class Setting {
 public:
  Setting(const Node& node, const FieldInfo& field, const Decoding& decoding)
      : node_(node), field_(field), decoding_(decoding) {}

  const Node& node() const { return node_; }
  const FieldInfo& field() const { return field_; }
  const Decoding& decoding() const { return decoding_; }

  bool read(bool& out) const;
  bool read(double& out) const;
  bool read(std::string& out) const;
  bool read(Secret& out) const;
  bool read(Duration& out) const;
  bool read(ByteSize& out) const;
  bool read_integer(std::int64_t& out, std::int64_t min, std::int64_t max) const;
  bool read_choice(std::size_t& out, std::span<const std::string_view> names) const;

  /// Calls `read` with each item of a list (or the value itself, as a list of one) or each entry of a mapping.
  bool read_items(const std::function<bool(const Setting&)>& read) const;
  bool read_entries(const std::function<bool(const std::string& key, const Setting&)>& read) const;

  /// Reports a problem at this value; always false. `message` ends with `what()` where the value helps.
  bool wrong(std::string_view code, std::string message, std::string hint = {}) const;
  /// Names and values of the types above, for people.
  static std::string name_of(bool) { return "boolean"; }
  static std::string name_of(double) { return "number"; }
  static std::string name_of(const std::string&) { return "text"; }
  static std::string name_of(const Secret&) { return "secret text"; }
  static std::string name_of(Duration) { return "time"; }
  static std::string name_of(ByteSize) { return "size"; }
  static std::string text_of(bool value);
  static std::string text_of(double value);
  static std::string text_of(const std::string& value);
  static std::string text_of(const Secret& value);
  static std::string text_of(Duration value);
  static std::string text_of(ByteSize value);
  /// The value for messages, for example `text "abc"`; only its type if it is secret or from the environment.
  std::string what() const;

 private:
  bool read_number(double& out, std::string_view expected) const;
  bool in_range(double number) const;
  bool lenient() const;

  const Node& node_;
  const FieldInfo& field_;
  const Decoding& decoding_;
};

/// A description without its Config: what `decode` works with.
struct Description {
  struct Field {
    /// Index in `info.fields`.
    std::size_t info = 0;
    /// Null is a value; for other fields it means the default.
    bool takes_null = false;
    std::function<bool(const Setting&, void* config)> read;
  };
  struct Check {
    std::string key;
    std::function<bool(const void* config)> holds;
    std::string message;
  };

  SpecInfo info;
  std::vector<Field> fields;
  std::vector<Check> checks;

  /// Fills `config` from a mapping and reports every problem; false if one of them is an error.
  bool decode(const Node& node, const Decoding& decoding, void* config) const;
};

template <class C>
const Description& description_of();

struct AnySettingType {
  static constexpr bool takes_null = false;
  static std::vector<std::string> choices() { return {}; }
  static const SpecInfo* inside() { return nullptr; }
};

/// How values of a member's type are read, named and printed; here those that a Setting reads by itself.
template <class T>
struct SettingType : AnySettingType {
  static std::string name() { return Setting::name_of(T{}); }
  static std::string print(const T& value) { return Setting::text_of(value); }
  static bool read(const Setting& setting, T& out) { return setting.read(out); }
};

/// Describes a Config: `named` first, then fields, each followed by its modifiers, then checks.
template <class C>
class Spec {
 public:
  explicit Spec(Description& description) : description_(description) {}

  Spec& named(std::string_view role, std::string_view type, std::string_view doc) {
    description_.info.role = role;
    description_.info.type = type;
    description_.info.doc = doc;
    return *this;
  }
  /// Another name of the type.
  Spec& alias(std::string_view type) {
    description_.info.aliases.emplace_back(type);
    return *this;
  }

  template <class T, class Owner>
    requires std::derived_from<C, Owner>
  Spec& field(std::string_view key, T Owner::* member, std::string_view doc) {
    FieldInfo info;
    info.key = key;
    info.doc = doc;
    info.type = SettingType<T>::name();
    info.default_text = SettingType<T>::print(defaults_.*member);
    info.secret = std::is_same_v<T, Secret> || std::is_same_v<T, std::optional<Secret>>;
    info.choices = SettingType<T>::choices();
    info.inside = SettingType<T>::inside();
    description_.fields.push_back(
        {description_.info.fields.size(), SettingType<T>::takes_null, [member](const Setting& setting, void* config) {
           return SettingType<T>::read(setting, static_cast<C*>(config)->*member);
         }});
    description_.info.fields.push_back(std::move(info));
    return *this;
  }

  /// A second spelling of the last field's key.
  Spec& also(std::string_view key) {
    last().aliases.emplace_back(key);
    return *this;
  }
  Spec& required() {
    last().required = true;
    last().default_text.clear();
    return *this;
  }
  Spec& secret() {
    last().secret = true;
    last().default_text.clear();
    return *this;
  }
  /// Inclusive bounds; of durations in seconds, of sizes in bytes, of lists for each item.
  Spec& range(double min, double max) {
    last().min = min;
    last().max = max;
    return *this;
  }

  /// `holds` is asked once all values are known, unless `key` itself was wrong; `message` is reported at `key`.
  Spec& check(std::string_view key, std::predicate<const C&> auto holds, std::string_view message) {
    description_.checks.push_back({std::string(key),
                                   [holds](const void* config) { return holds(*static_cast<const C*>(config)); },
                                   std::string(message)});
    return *this;
  }

 private:
  FieldInfo& last() { return description_.info.fields.back(); }

  Description& description_;
  C defaults_{};
};

/// The description of a Config, made at the first call.
template <class C>
const Description& description_of() {
  static const Description description = [] {
    Description made;
    Spec<C> spec(made);
    C::describe(spec);
    return made;
  }();
  return description;
}

template <class Config>
SpecInfo spec_of() {
  return description_of<Config>().info;
}

/// The settings in a mapping, or nothing if an error was reported.
template <class Config>
std::optional<Config> decode(const Node& node, const Decoding& decoding) {
  Config config{};
  if (!description_of<Config>().decode(node, decoding, &config)) return std::nullopt;
  return config;
}

template <class T>
  requires(std::integral<T> && !std::same_as<T, bool>)
struct SettingType<T> : AnySettingType {
  static std::string name() { return "integer"; }
  static std::string print(const T& value) { return std::to_string(value); }
  static bool read(const Setting& setting, T& out) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    constexpr auto max = std::cmp_less(std::numeric_limits<T>::max(), most)
                             ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                             : most;
    std::int64_t number = 0;
    if (!setting.read_integer(number, static_cast<std::int64_t>(std::numeric_limits<T>::min()), max)) return false;
    out = static_cast<T>(number);
    return true;
  }
};

template <class T>
  requires std::is_enum_v<T>
struct SettingType<T> : AnySettingType {
  static std::string name() { return "choice"; }
  static std::string print(const T& value) { return std::string(Choices<T>::names[static_cast<std::size_t>(value)]); }
  static std::vector<std::string> choices() { return {std::begin(Choices<T>::names), std::end(Choices<T>::names)}; }
  static bool read(const Setting& setting, T& out) {
    std::size_t number = 0;
    if (!setting.read_choice(number, Choices<T>::names)) return false;
    out = static_cast<T>(number);
    return true;
  }
};

template <>
struct SettingType<Node> : AnySettingType {
  static constexpr bool takes_null = true;
  static std::string name() { return "any"; }
  static std::string print(const Node&) { return {}; }
  static bool read(const Setting& setting, Node& out) {
    out = setting.node();
    return true;
  }
};

template <class T>
struct SettingType<std::optional<T>> : SettingType<T> {
  static constexpr bool takes_null = true;
  static std::string print(const std::optional<T>& value) { return value ? SettingType<T>::print(*value) : ""; }
  static bool read(const Setting& setting, std::optional<T>& out) {
    if (setting.node().is_null()) {
      out.reset();
      return true;
    }
    return SettingType<T>::read(setting, out.emplace());
  }
};

template <class T>
struct SettingType<std::vector<T>> : SettingType<T> {
  static constexpr bool takes_null = false;
  static std::string name() { return "list of " + SettingType<T>::name(); }
  static std::string print(const std::vector<T>& values) {
    std::string text;
    for (const T& value : values) text += (text.empty() ? "" : ", ") + SettingType<T>::print(value);
    return "[" + text + "]";
  }
  static bool read(const Setting& setting, std::vector<T>& out) {
    out.clear();
    return setting.read_items([&out](const Setting& item) {
      T value{};
      const bool good = SettingType<T>::read(item, value);
      if (good) out.push_back(std::move(value));
      return good;
    });
  }
};

template <class T>
struct SettingType<std::map<std::string, T>> : SettingType<T> {
  static constexpr bool takes_null = false;
  static std::string name() { return "mapping to " + SettingType<T>::name(); }
  static std::string print(const std::map<std::string, T>& values) {
    std::string text;
    for (const auto& [key, value] : values)
      text += (text.empty() ? "" : ", ") + key + ": " + SettingType<T>::print(value);
    return "{" + text + "}";
  }
  static bool read(const Setting& setting, std::map<std::string, T>& out) {
    out.clear();
    return setting.read_entries(
        [&out](const std::string& key, const Setting& entry) { return SettingType<T>::read(entry, out[key]); });
  }
};

/// A mapping with a description of its own.
template <class T>
  requires requires(Spec<T>& spec) { T::describe(spec); }
struct SettingType<T> : AnySettingType {
  static std::string name() { return "mapping"; }
  static std::string print(const T&) { return {}; }
  static const SpecInfo* inside() { return &description_of<T>().info; }
  static bool read(const Setting& setting, T& out) {
    return description_of<T>().decode(setting.node(), setting.decoding(), &out);
  }
};

}  // namespace batchout
