// One struct and one description per column type; what they share is in the structs they derive from.

#include "plan/columns.h"

#include <array>

#include "base/time_format.h"

namespace batchout {
namespace {

// In the order of its names below, which is that of kKinds in `cast`.
enum class OldCast : std::uint8_t { string, integer, floating, boolean, timestamp, datetime, date };
// The values are those of TimeParser, to which they are cast.
enum class DeclaredParser : std::uint8_t { iso, unix, custom, lenient };

}  // namespace

template <>
struct Choices<OldCast> {
  static constexpr std::string_view names[] = {"string",    "integer",  "float", "boolean",
                                               "timestamp", "datetime", "date"};
};
template <>
struct Choices<DeclaredParser> {
  static constexpr std::string_view names[] = {"iso", "unix", "custom", "lenient"};
};
template <>
struct Choices<OnError> {
  static constexpr std::string_view names[] = {"null", "reject_row", "reject_payload", "stop"};
};
template <>
struct Choices<NulPolicy> {
  static constexpr std::string_view names[] = {"reject", "strip", "replace"};
};

namespace {

/// Keys of every column. Members that a type does not describe keep their defaults.
struct AnyColumn {
  std::string extractor;
  std::optional<std::string> path, position, resolved_path;
  std::vector<Node> processors;
  OnError on_error = OnError::null;

  /// Where the value comes from; exactly one of the three is given once the checks have passed.
  ValuePlace place() const {
    if (position) return {"position", *position, OriginColumn::Source::position};
    if (resolved_path) return {"resolved_path", *resolved_path, OriginColumn::Source::resolved_path};
    return {"path", path.value_or(""), std::nullopt};
  }

  /// The shared fields, for a Config that derives from this struct; they stand first in the reference.
  template <class Config>
  static void describe_any(Spec<Config>& s) {
    s.field("path", &Config::path, "Where the value is; {index} stands for the value of an index.")
        .field("position", &Config::position, "In place of a path: an index whose position in its list is the value.")
        .field("resolved_path", &Config::resolved_path,
               "In place of a path: a path whose text, with the values of the indexes, is the value.")
        .check(
            "path", [](const Config& c) { return c.path || c.position || c.resolved_path; },
            "required, unless position or resolved_path is given")
        .check(
            "path",
            [](const Config& c) {
              return c.path.has_value() + c.position.has_value() + c.resolved_path.has_value() < 2;
            },
            "a column has only one of path, position and resolved_path");
    s.field("processors", &Config::processors, "Change the value, in order, before it is cast.");
    s.field(
        "on_error", &Config::on_error,
        "What becomes of a value that does not fit: null empties the cell, reject_row and reject_payload leave rows "
        "out, stop ends the run.");
  }
};

/// Keys of the columns that name an extractor with settings of its own.
struct ColumnOfExtractor : AnyColumn {
  std::optional<Strategy> strategy;

  template <class Config>
  static void describe_strategy(Spec<Config>& s) {
    s.field("strategy", &Config::strategy,
            "Which of several matches of the path counts; without it that of the extractor (batchout: 1).");
  }
};

/// Columns of the 0.3.0 dialect that need no settings beside those of every column, but for `nul`, which only texts
/// declare. One struct for all of them: name, sentence and kind differ.
template <Kind kind>
struct PlainColumn : ColumnOfExtractor {
  NulPolicy nul = NulPolicy::reject;

  static constexpr std::string_view type();
  static constexpr std::string_view doc();

  static void describe(Spec<PlainColumn>& s) {
    s.named("column", type(), doc());
    s.field("extractor", &PlainColumn::extractor, "Name of the extractor that finds the value; needed with path.");
    describe_any(s);
    describe_strategy(s);
    if (kind == Kind::text)
      s.field(
          "nul", &PlainColumn::nul,
          "NUL characters in texts: reject leaves them to the target, which refuses the row if it cannot hold them; "
          "strip takes them out, replace puts U+FFFD there.");
  }
  Cast cast() const {
    Cast cast;
    cast.kind = kind;
    cast.nul = nul;
    return cast;
  }
};

template <>
constexpr std::string_view PlainColumn<Kind::text>::type() {
  return "string";
}
template <>
constexpr std::string_view PlainColumn<Kind::text>::doc() {
  return "Text.";
}
template <>
constexpr std::string_view PlainColumn<Kind::integer>::type() {
  return "integer";
}
template <>
constexpr std::string_view PlainColumn<Kind::integer>::doc() {
  return "Whole numbers; fractions are cut off, digits beyond 64 bits are kept.";
}
template <>
constexpr std::string_view PlainColumn<Kind::real>::type() {
  return "float";
}
template <>
constexpr std::string_view PlainColumn<Kind::real>::doc() {
  return "Floating-point numbers.";
}
template <>
constexpr std::string_view PlainColumn<Kind::boolean>::type() {
  return "boolean";
}
template <>
constexpr std::string_view PlainColumn<Kind::boolean>::doc() {
  return "True or false: JSON booleans, 0 and 1, and the usual words.";
}

template <>
constexpr std::string_view PlainColumn<Kind::decimal>::type() {
  return "decimal";
}
template <>
constexpr std::string_view PlainColumn<Kind::decimal>::doc() {
  return "Numbers with all their digits, as they are written.";
}
template <>
constexpr std::string_view PlainColumn<Kind::json>::type() {
  return "json";
}
template <>
constexpr std::string_view PlainColumn<Kind::json>::doc() {
  return "Any value as JSON text; objects and lists as they stand in the payload.";
}

// Datetimes and dates of the 0.3.0 dialect. A zone that is left out is UTC; one that is null leaves naive times naive,
// as in the original.
template <Kind kind>
struct TimeColumn : ColumnOfExtractor {
  DeclaredParser parser = DeclaredParser::iso;
  std::string format;
  std::optional<std::string> timezone = "UTC";

  static void describe(Spec<TimeColumn>& s) {
    constexpr bool has_time = kind == Kind::datetime;
    s.named("column", has_time ? "datetime" : "date", has_time ? "Points in time." : "Calendar dates.");
    if (has_time) s.alias("timestamp");
    s.field("extractor", &TimeColumn::extractor, "Name of the extractor that finds the value; needed with path.");
    describe_any(s);
    describe_strategy(s);
    s.field("parser", &TimeColumn::parser, "How the value is written.")
        .field("format", &TimeColumn::format, "With parser: custom, the format in strptime's letters.")
        .field("timezone", &TimeColumn::timezone, "IANA name of the zone of values without one; null: none.")
        .check(
            "format", [](const TimeColumn& c) { return c.parser != DeclaredParser::custom || !c.format.empty(); },
            "needed with parser: custom")
        .check(
            "format", [](const TimeColumn& c) { return c.format.empty() || !time_format_problem(c.format); },
            "has a directive that is unknown, repeated or cut off; the letters are those of strptime")
        .check(
            "timezone", [](const TimeColumn& c) { return !c.timezone || c.zone() != nullptr; },
            "not a time zone known here; use an IANA name such as Europe/Berlin");
  }
  // Zones are read as leniently as times are.
  const TimeZone* zone() const {
    if (!timezone) return nullptr;
    return parser == DeclaredParser::lenient ? TimeZone::find_lenient(*timezone) : TimeZone::find(*timezone);
  }
  Cast cast() const {
    Cast cast;
    cast.kind = kind;
    cast.parser = static_cast<TimeParser>(parser);
    cast.format = format;
    cast.zone = zone();
    return cast;
  }
};

/// The one column type of the 0.0.1 dialect. It says itself how matches are picked, since extractors of that dialect
/// have no settings.
struct ExtractedColumn : AnyColumn {
  OldCast declared_cast = OldCast::string;
  Strategy strategy = Strategy::take_first;
  std::optional<std::string> timezone = "UTC";

  static void describe(Spec<ExtractedColumn>& s) {
    s.named("column", "extracted", "A value of the payload, cast (dialect 0.0.1).");
    describe_any(s);
    s.field("cast", &ExtractedColumn::declared_cast, "Type of the column.").required();
    s.field("extractor", &ExtractedColumn::extractor,
            "Type of the extractor that finds the value; jsonpath_rw if left out.");
    s.field("strategy", &ExtractedColumn::strategy, "Which of several matches of the path counts.");
    s.field("timezone", &ExtractedColumn::timezone, "Zone to which points in time are converted.")
        .check(
            "timezone",
            [](const ExtractedColumn& c) { return !c.timezone || TimeZone::find_lenient(*c.timezone) != nullptr; },
            "not a time zone known here; use an IANA name such as Europe/Berlin, or an offset such as +03:00");
  }
  Cast cast() const {
    // By OldCast. `timestamp` is the only one of the original for points in time; `datetime` is its name in 0.3.0.
    static constexpr std::array kKinds = {Kind::text,     Kind::integer,  Kind::real, Kind::boolean,
                                          Kind::datetime, Kind::datetime, Kind::date};
    Cast cast;
    cast.kind = kKinds[static_cast<std::size_t>(declared_cast)];
    cast.parser = TimeParser::lenient;
    cast.zone = timezone ? TimeZone::find_lenient(*timezone) : nullptr;
    return cast;
  }
};

// Nothing if decoding reported an error. Zones are looked up here once; the cast only borrows them, since they live
// as long as the program.
template <class Config>
std::optional<ColumnSettings> decode_as(const Node& node, const Decoding& decoding) {
  auto config = decode<Config>(node, decoding);
  if (!config) return std::nullopt;
  ColumnSettings settings;
  settings.cast = config->cast();
  settings.cast.on_error = config->on_error;
  settings.extractor = std::move(config->extractor);
  settings.place = config->place();
  settings.processors = std::move(config->processors);
  if constexpr (requires { config->strategy; }) settings.strategy = config->strategy;
  return settings;
}

// What the two public functions need of a Config, without its type. The description lives as long as the program.
struct ColumnType {
  const Description& (*description)();
  std::optional<ColumnSettings> (*decode)(const Node&, const Decoding&);
};

template <class Config>
constexpr ColumnType column_type() {
  return {&description_of<Config>, &decode_as<Config>};
}

// All types, in the order of the reference.
constexpr std::array kTypes = {
    column_type<PlainColumn<Kind::text>>(),
    column_type<PlainColumn<Kind::integer>>(),
    column_type<PlainColumn<Kind::real>>(),
    column_type<PlainColumn<Kind::boolean>>(),
    column_type<PlainColumn<Kind::decimal>>(),
    column_type<PlainColumn<Kind::json>>(),
    column_type<TimeColumn<Kind::datetime>>(),
    column_type<TimeColumn<Kind::date>>(),
    column_type<ExtractedColumn>(),
};

}  // namespace

// Copies: whoever prints a reference may keep them.
std::vector<SpecInfo> column_types(bool old_ones) {
  std::vector<SpecInfo> types;
  for (const ColumnType& type : kTypes)
    if (old_ones || type.description().info.type != "extracted") types.push_back(type.description().info);
  return types;
}

std::optional<ColumnSettings> decode_column(std::string_view type, const Node& node, const Decoding& decoding) {
  for (const ColumnType& candidate : kTypes)
    if (candidate.description().info.answers_to(type)) return candidate.decode(node, decoding);
  return std::nullopt;
}

}  // namespace batchout
