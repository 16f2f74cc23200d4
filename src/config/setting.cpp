// One value of a configuration on its way into a member.
//
// Messages say what is expected and what is there. Two rules protect secrets: `what` is the only way of a value into a
// message, and it names only the type of what is secret or came from the environment.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "batchout/spec.h"
#include "config/quantity.h"
#include "config/scalar.h"
#include "config/wording.h"

namespace batchout {
namespace {

std::string_view type_name(Node::Type type) {
  switch (type) {
    case Node::Type::null:
      return "nothing";
    case Node::Type::boolean:
      return "boolean";
    case Node::Type::integer:
      return "integer";
    case Node::Type::real:
      return "number";
    case Node::Type::text:
      return "text";
    case Node::Type::list:
      return "a list";
    case Node::Type::mapping:
      return "a mapping";
  }
  return "something else";
}

// A number as text, as written in the file where it comes from one.
std::string scalar_text(const Node& node) {
  if (!node.written().empty()) return node.written();
  if (node.type() == Node::Type::boolean) return node.boolean() ? "true" : "false";
  if (node.type() == Node::Type::integer) return fmt::format("{}", node.integer());
  if (node.type() == Node::Type::real) return fmt::format("{}", node.real());
  return {};
}

// Null is none: it has no text.
bool is_scalar(const Node& node) {
  return !node.is_list() && !node.is_mapping() && !node.is_null();
}

// A bound at the edge of 64 bits is that of the member's type and says nothing to people. Inclusive on both sides, as
// FieldInfo has them.
std::string bounds_text(double min, double max) {
  const double most = static_cast<double>(std::numeric_limits<std::int64_t>::max());
  if (max >= most) return fmt::format("at least {}", min);
  if (min <= -most) return fmt::format("at most {}", max);
  return fmt::format("between {} and {}", min, max);
}

}  // namespace

// Where a text may stand for a number or a truth value.
bool Setting::lenient() const {
  return node_.from_environment() || !decoding_.strict;
}

// Values are quoted and cut by `in_quotes`; what is secret shows its type alone, which helps against a list in place of
// a text.
std::string Setting::what() const {
  if (node_.from_environment()) return "the value of a variable";
  std::string type(type_name(node_.type()));
  if (field_.secret || !is_scalar(node_)) return type;
  return std::move(type) + " " + (node_.is_text() ? in_quotes(node_.text()) : in_quotes(scalar_text(node_)));
}

// A value that came from a variable or a default may have no place; the mapping's stands in for it. Without a better
// hint, what the setting is for shows what is expected.
bool Setting::wrong(std::string_view code, std::string message, std::string hint) const {
  if (hint.empty()) hint = field_.doc;
  const Node::Mark mark = node_.mark().line > 0 ? node_.mark() : decoding_.mark;
  if (decoding_.problems != nullptr)
    decoding_.problems->push_back({Problem::Severity::error, std::string(code), decoding_.file, mark.line, mark.column,
                                   decoding_.path, std::move(message), std::move(hint)});
  return false;
}

// Bounds of the field; without any, everything but NaN is in range.
bool Setting::in_range(double number) const {
  const double min = field_.min.value_or(-std::numeric_limits<double>::infinity());
  const double max = field_.max.value_or(std::numeric_limits<double>::infinity());
  if (number >= min && number <= max) return true;
  return wrong("BO205", fmt::format("must be {}, but is {}", bounds_text(min, max), what()));
}

// Leniently also the words of YAML in quotes, and 0 and 1, which Python takes for truth values.
bool Setting::read(bool& out) const {
  std::optional<bool> value;
  if (node_.type() == Node::Type::boolean) value = node_.boolean();
  if (lenient()) {
    if (node_.is_text()) value = boolean_word(node_.text());
    const std::string text = scalar_text(node_);
    if (text == "1" || text == "0") value = text == "1";
  }
  if (!value) return wrong("BO203", "expected true or false, found " + what());
  out = *value;
  return true;
}

// Infinities and NaN are refused: no setting means them.
bool Setting::read_number(double& out, std::string_view expected) const {
  std::optional<double> value;
  if (node_.type() == Node::Type::integer) value = static_cast<double>(node_.integer());
  if (node_.type() == Node::Type::real && std::isfinite(node_.real())) value = node_.real();
  if (node_.is_text() && lenient()) value = decimal_real(node_.text());
  if (!value) return wrong("BO203", fmt::format("expected {}, found {}", expected, what()));
  out = *value;
  return true;
}

bool Setting::read(double& out) const {
  return read_number(out, "a number") && in_range(out);
}

// A real without a fraction is an integer as long as doubles are exact: JSON writes 1e6. `min` and `max` are those of
// the member's type; bounds of the field are looked at first, because they say more.
bool Setting::read_integer(std::int64_t& out, std::int64_t min, std::int64_t max) const {
  std::optional<std::int64_t> value;
  if (node_.type() == Node::Type::integer) value = node_.integer();
  if (node_.is_text() && lenient()) value = decimal_integer(node_.text());
  if (!value && node_.type() == Node::Type::real && std::trunc(node_.real()) == node_.real()) {
    constexpr double kExactMax = 9'007'199'254'740'992.0;
    if (std::abs(node_.real()) > kExactMax) return wrong("BO205", "the number is too large: " + what());
    value = static_cast<std::int64_t>(node_.real());
  }
  if (!value) return wrong("BO203", "expected an integer, found " + what());
  out = *value;
  if (!in_range(static_cast<double>(out))) return false;
  if (out >= min && out <= max) return true;
  const std::string bounds = bounds_text(static_cast<double>(min), static_cast<double>(max));
  return wrong("BO205", fmt::format("must be {}, but is {}", bounds, what()));
}

// Numbers are text as they were written, 010 included. A boolean mostly is a word that YAML took for one, which only
// the old dialects let pass.
bool Setting::read(std::string& out) const {
  const bool usable = is_scalar(node_) && (lenient() || node_.type() != Node::Type::boolean);
  if (!usable)
    return wrong("BO203", "expected text, found " + what(),
                 node_.type() == Node::Type::boolean ? "put it in quotes" : "");
  out = node_.is_text() ? node_.text() : scalar_text(node_);
  return true;
}

// Messages do not show it: the field of a Secret is marked as secret by the description.
bool Setting::read(Secret& out) const {
  std::string text;
  if (!read(text)) return false;
  out = Secret(std::move(text));
  return true;
}

// `out` is the place in `names`. Case matters, with a suggestion for those who did not know.
bool Setting::read_choice(std::size_t& out, std::span<const std::string_view> names) const {
  const std::vector<std::string> choices(names.begin(), names.end());
  if (!is_scalar(node_))
    return wrong("BO203", "expected text, found " + what(),
                 "choose from " + fmt::format("{}", fmt::join(choices, ", ")));
  // As written: "off" may be the name of a choice although YAML reads it as false.
  const std::string text = scalar_text(node_);
  const auto found = std::ranges::find(choices, text);
  if (found != choices.end()) {
    out = static_cast<std::size_t>(found - choices.begin());
    return true;
  }
  const bool shown = !field_.secret && !node_.from_environment();
  const auto meant = shown ? near_miss(text, choices) : std::nullopt;
  std::string hint = fmt::format("choose from {}", fmt::join(choices, ", "));
  if (meant) hint = fmt::format("did you mean {}? {}", in_quotes(*meant), hint);
  return wrong("BO204", "not one of the choices: " + what(), std::move(hint));
}

// Ranges are declared in seconds, whatever unit the value is written in.
bool Setting::read(Duration& out) const {
  constexpr std::string_view kExpected = "a time like 30, 1.5, \"250ms\", \"30s\", \"5m\" or \"1h\"";
  std::optional<std::chrono::milliseconds> value;
  if (node_.is_text()) value = duration_of(node_.text());
  if (!value) {
    double seconds = 0;
    if (!read_number(seconds, kExpected)) return false;
    value = duration_of_seconds(seconds);
  }
  if (!value) return wrong("BO205", "a time cannot be negative or longer than 285,000 years: " + what());
  out = *value;
  return in_range(static_cast<double>(value->count()) / 1000);
}

// A fraction, which only units can give ("1.5MiB"), is cut off to whole bytes.
bool Setting::read(ByteSize& out) const {
  constexpr std::string_view kExpected = "a size like 1000, \"64k\" or \"16MiB\"";
  std::optional<std::uint64_t> value;
  if (node_.is_text()) value = byte_size_of(node_.text());
  if (!value) {
    double bytes = 0;
    if (!read_number(bytes, kExpected)) return false;
    value = byte_size_of(bytes);
  }
  if (!value) return wrong("BO205", "a size cannot be negative or larger than 8 PiB: " + what());
  out = *value;
  return in_range(static_cast<double>(*value));
}

// One wrong item does not hide the next; a single value is a list of one, because people write it so.
bool Setting::read_items(const std::function<bool(const Setting&)>& read) const {
  if (is_scalar(node_)) return read(*this);
  if (!node_.is_list()) return wrong("BO203", "expected a list, found " + what());
  bool good = true;
  Decoding item = decoding_;
  for (std::size_t i = 0; i < node_.items().size(); ++i) {
    item.path = join_path(decoding_.path, i);
    good = read(Setting(node_.items()[i], field_, item)) && good;
  }
  return good;
}

// Problems name the entry's key, and stand where the key does.
bool Setting::read_entries(const std::function<bool(const std::string&, const Setting&)>& read) const {
  if (!node_.is_mapping()) return wrong("BO203", "expected a mapping, found " + what());
  bool good = true;
  Decoding entry = decoding_;
  for (const auto& [key, mark, value, inherited] : node_.entries()) {
    entry.path = join_path(decoding_.path, key);
    entry.mark = mark;
    good = read(key, Setting(value, field_, entry)) && good;
  }
  return good;
}

// ------------------------------------------------------------------------------------------------------- defaults

std::string Setting::text_of(bool value) {
  return value ? "true" : "false";
}

std::string Setting::text_of(double value) {
  return fmt::format("{}", value);
}

std::string Setting::text_of(const std::string& value) {
  return value.empty() ? "" : in_quotes(value);
}

std::string Setting::text_of(const Secret&) {
  return {};
}

std::string Setting::text_of(Duration value) {
  return duration_text(value.value);
}

std::string Setting::text_of(ByteSize value) {
  return byte_size_text(value.bytes);
}

}  // namespace batchout
