// The section `tests` of our own dialect: payloads, and the rows that each writer is to get of them.
//
// What is said is checked with the rest of the configuration, against the plan; files that a test names are read only
// when the test is run.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "batchout/node.h"
#include "batchout/spec.h"
#include "plan/given_metadata.h"
#include "plan/plan.h"

namespace batchout {

/// Where something stands in the configuration, for problems. `key`: key path, for example "tests.empty.expect".
struct TestPlace {
  Node::Mark mark;
  std::string key;
};

/// How a file is cut into payloads.
enum class PayloadSplit : std::uint8_t { none, lines };

/// One payload, or a file with some. One of the first three is given.
struct GivenPayload {
  std::optional<std::string> text;
  std::optional<Node> json;
  std::optional<std::string> file;
  /// Without it the end of the file's name tells.
  std::optional<PayloadSplit> split;
  /// Of every payload of a file.
  std::optional<GivenMetadata> meta;
  TestPlace place{};

  /// Whether each line of the file is a payload.
  bool in_lines() const;
  static void describe(Spec<GivenPayload>& s);
};

/// What an input gives. The name may be empty as it is written: the only input is meant.
struct GivenPayloads {
  std::string input;
  TestPlace place;
  std::vector<GivenPayload> payloads;
};

/// The rows of a writer; they are written in the configuration or stand in a file.
struct ExpectedTable {
  /// As written the name of an output, too, or empty: the only writer is meant.
  std::string writer;
  TestPlace place{};
  /// Empty: all columns, or those that the rows name.
  std::vector<std::string> columns;
  std::optional<Node> rows;
  std::optional<std::string> file;
  bool ordered = true;

  static void describe(Spec<ExpectedTable>& s);
};

/// In place of the inputs, by their names or for the only one.
struct TestPayloads {
  std::vector<GivenPayloads> inputs;
};

/// By writers, or of the only one.
struct TestExpectation {
  std::vector<ExpectedTable> tables;
};

struct TestSettings {
  TestPayloads payloads;
  TestExpectation expect;
  /// Number of refused payloads and rows by code.
  std::map<std::string, std::uint64_t> rejects;
  /// Variables over those of the process.
  std::map<std::string, std::string> env;

  static void describe(Spec<TestSettings>& s);
};

struct DeclaredTest {
  std::string name;
  Node::Mark mark;
  TestSettings settings;
};

/// The tests of a configuration of our own dialect, in its order; without those that are reported to `problems`.
std::vector<DeclaredTest> read_tests(const Node& config, const std::string& file, Problems& problems);

/// Puts names of inputs and writers of `plan` in place of what is written. What does not fit the plan is reported:
/// names that it does not have, columns that a writer does not get, rows with another number of values.
void resolve_tests(std::vector<DeclaredTest>& tests, const Plan& plan, const std::string& file, Problems& problems);

/// The rows that a writer gets; without columns if no reader names the inputs that they would come from.
const TableShape& shape_of(const PlannedWriter& writer);

/// Where a list item of a test stands, or the test's part itself if the item has no place.
TestPlace place_of(const Node& item, std::size_t position, const TestPlace& around);

/// The configuration without its tests: their texts are nothing to interpolate.
Node without_tests(const Node& config);

template <>
struct Choices<PayloadSplit> {
  static constexpr std::string_view names[] = {"none", "lines"};
};

/// A text is the payload itself.
template <>
struct SettingType<GivenPayload> : AnySettingType {
  static std::string name() { return "text or mapping"; }
  static std::string print(const GivenPayload&) { return {}; }
  static const SpecInfo* inside() { return &description_of<GivenPayload>().info; }
  static bool read(const Setting& setting, GivenPayload& out);
};

/// A list or a text belongs to the only input.
template <>
struct SettingType<TestPayloads> : AnySettingType {
  static std::string name() { return "list, text, or mapping by input"; }
  static std::string print(const TestPayloads&) { return {}; }
  static const SpecInfo* inside() { return &description_of<GivenPayload>().info; }
  static bool read(const Setting& setting, TestPayloads& out);
};

/// A text is a file, a list the rows.
template <>
struct SettingType<ExpectedTable> : AnySettingType {
  static std::string name() { return "list, text or mapping"; }
  static std::string print(const ExpectedTable&) { return {}; }
  static const SpecInfo* inside() { return &description_of<ExpectedTable>().info; }
  static bool read(const Setting& setting, ExpectedTable& out);
};

/// A list or a text belongs to the only writer.
template <>
struct SettingType<TestExpectation> : AnySettingType {
  static std::string name() { return "list, text, or mapping by writer"; }
  static std::string print(const TestExpectation&) { return {}; }
  static const SpecInfo* inside() { return &description_of<ExpectedTable>().info; }
  static bool read(const Setting& setting, TestExpectation& out);
};

}  // namespace batchout
