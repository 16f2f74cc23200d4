// Short forms are read by the types of the settings; names are looked up afterwards, when there is a plan.

#include "plan/declared_tests.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "config/wording.h"

namespace batchout {
namespace {

bool is_scalar(const Node& node) {
  return !node.is_null() && !node.is_list() && !node.is_mapping();
}

bool is_reject_code(std::string_view code) {
  return code.size() == 5 && code.starts_with("BO4") &&
         code.find_first_not_of("0123456789", 3) == std::string_view::npos;
}

bool has_lines(std::string_view file) {
  return file.ends_with(".ndjson") || file.ends_with(".jsonl");
}

bool is_table_file(std::string_view file) {
  return has_lines(file) || file.ends_with(".csv");
}

TestPlace own_place(const Setting& setting) {
  const Node::Mark own = setting.node().mark();
  return {own.line > 0 ? own : setting.decoding().mark, setting.decoding().path};
}

bool is_table_of_the_only_writer(const Node& node) {
  return is_scalar(node) || node.is_list();
}

}  // namespace

bool GivenPayload::in_lines() const {
  return split ? *split == PayloadSplit::lines : file && has_lines(*file);
}

void GivenPayload::describe(Spec<GivenPayload>& s) {
  s.named("", "payload", "One payload, or a file of payloads.")
      .field("text", &GivenPayload::text, "The payload itself.")
      .field("json", &GivenPayload::json, "A value of YAML; the payload is the same value as JSON.")
      .field("file", &GivenPayload::file,
             "A file with the payload; relative paths begin at the configuration's folder.")
      .field("split", &GivenPayload::split,
             "How the file is cut into payloads; without it by lines if it ends with .ndjson or .jsonl.")
      .field("meta", &GivenPayload::meta, "What the input would know beside the bytes, of each payload of a file.")
      .check(
          "", [](const GivenPayload& c) { return c.text.has_value() + c.json.has_value() + c.file.has_value() == 1; },
          "needs one of text, json and file")
      .check("split", [](const GivenPayload& c) { return !c.split || c.file; }, "only a file can be split");
}

void ExpectedTable::describe(Spec<ExpectedTable>& s) {
  s.named("", "table", "The rows that a writer is to get.")
      .field("rows", &ExpectedTable::rows, "A list of rows: each a list of values, or a mapping of columns to values.")
      .field("file", &ExpectedTable::file,
             "A file with the rows, .csv, .jsonl or .ndjson; relative paths begin at the configuration's folder.")
      .check(
          "file", [](const ExpectedTable& c) { return !c.file || is_table_file(*c.file); },
          "the name of a file with rows ends with .csv, .jsonl or .ndjson")
      .field("columns", &ExpectedTable::columns,
             "The columns that are compared, in the order of the rows' values; without it all, or those that the rows "
             "name.")
      .field("ordered", &ExpectedTable::ordered, "Whether the order of the rows counts.")
      .check(
          "", [](const ExpectedTable& c) { return c.rows.has_value() != c.file.has_value(); },
          "needs rows or file, and not both");
}

void TestSettings::describe(Spec<TestSettings>& s) {
  s.named("", "tests", "Tests by their names: payloads, and the rows that are made of them. `batchout test` runs them.")
      .field("payloads", &TestSettings::payloads, "What is read in place of the inputs; of the only one, or by input.")
      .required()
      .field("expect", &TestSettings::expect,
             "The rows of the only writer, or by writer or output: a list of rows, or a file of them.")
      .field("rejects", &TestSettings::rejects, "How many payloads and rows are refused, by code, such as BO401: 1.")
      .check(
          "rejects",
          [](const TestSettings& c) {
            return std::ranges::all_of(c.rejects, is_reject_code, &decltype(c.rejects)::value_type::first);
          },
          "rejects have codes such as BO401")
      .field("env", &TestSettings::env, "Variables that the configuration takes from the environment.")
      .check(
          "", [](const TestSettings& c) { return !c.expect.tables.empty() || !c.rejects.empty(); },
          "needs something to compare: expect or rejects");
}

bool SettingType<GivenPayload>::read(const Setting& setting, GivenPayload& out) {
  out.place = own_place(setting);
  if (is_scalar(setting.node())) return setting.read(out.text.emplace());
  Decoding own = setting.decoding();
  own.mark = out.place.mark;
  return description_of<GivenPayload>().decode(setting.node(), own, &out);
}

namespace {

/// Whether a mapping is one payload, not payloads by inputs. Metadata alone is none, and may be the name of an input.
bool is_payload(const Node& node) {
  const std::vector<FieldInfo>& fields = description_of<GivenPayload>().info.fields;
  if (node.entries().size() == 1 && node.entries().front().key == "meta") return false;
  return !node.entries().empty() && std::ranges::all_of(node.entries(), [&](const Node::Entry& entry) {
    return std::ranges::find(fields, entry.key, &FieldInfo::key) != fields.end();
  });
}

// One payload need not be in a list.
bool read_payloads(const Setting& setting, GivenPayloads& out) {
  out.place = own_place(setting);
  if (!setting.node().is_mapping()) return SettingType<std::vector<GivenPayload>>::read(setting, out.payloads);
  return SettingType<GivenPayload>::read(setting, out.payloads.emplace_back());
}

}  // namespace

bool SettingType<TestPayloads>::read(const Setting& setting, TestPayloads& out) {
  if (!setting.node().is_mapping() || is_payload(setting.node()))
    return read_payloads(setting, out.inputs.emplace_back());
  return setting.read_entries([&](const std::string& input, const Setting& entry) {
    GivenPayloads& given = out.inputs.emplace_back();
    const bool good = read_payloads(entry, given);
    given.input = input;
    given.place.mark = entry.decoding().mark;
    return good;
  });
}

bool SettingType<ExpectedTable>::read(const Setting& setting, ExpectedTable& out) {
  const Node& node = setting.node();
  out.place = own_place(setting);
  if (node.is_list()) {
    out.rows = node;
    return true;
  }
  if (!is_scalar(node)) return description_of<ExpectedTable>().decode(node, setting.decoding(), &out);
  if (!setting.read(out.file.emplace())) return false;
  return is_table_file(*out.file) ||
         setting.wrong("BO206", "the name of a file with rows ends with .csv, .jsonl or .ndjson");
}

bool SettingType<TestExpectation>::read(const Setting& setting, TestExpectation& out) {
  if (is_table_of_the_only_writer(setting.node()))
    return SettingType<ExpectedTable>::read(setting, out.tables.emplace_back());
  return setting.read_entries([&](const std::string& writer, const Setting& entry) {
    ExpectedTable& table = out.tables.emplace_back();
    const bool good = SettingType<ExpectedTable>::read(entry, table);
    table.writer = writer;
    table.place.mark = entry.decoding().mark;
    return good;
  });
}

namespace {

/// Looks up what tests name, and compares what they say of rows with the columns that there are.
class TestResolver {
 public:
  TestResolver(const Plan& plan, const std::string& file, Problems& problems)
      : plan_(plan), file_(file), problems_(problems) {
    for (const PlannedInput& input : plan.inputs)
      if (known_inputs_.insert(input.name).second) inputs_.push_back(input.name);
    for (const PlannedWriter& writer : plan.writers) {
      writers_.emplace(writer.name, &writer);
      for (const std::size_t output : writer.outputs) {
        const auto [found, added] = writers_of_outputs_.emplace(plan.outputs[output].name, &writer);
        if (!added) found->second = nullptr;
      }
    }
  }

  void resolve(TestSettings& test) {
    for (GivenPayloads& given : test.payloads.inputs) find_input(given);
    std::set<std::string> seen;
    for (ExpectedTable& table : test.expect.tables) {
      const PlannedWriter* writer = find_writer(table);
      if (writer == nullptr) continue;
      check_rows(table, *writer);
      if (!seen.insert(table.writer).second)
        error("BO253", table.place,
              fmt::format("the rows of the writer {} are expected twice", in_quotes(table.writer)),
              "an output and its writer get the same rows: keep one of them");
    }
  }

 private:
  void error(std::string_view code, const TestPlace& place, std::string message, std::string hint = {}) {
    problems_.push_back({Problem::Severity::error, std::string(code), file_, place.mark.line, place.mark.column,
                         place.key, std::move(message), std::move(hint)});
  }

  void find_input(GivenPayloads& given) {
    if (given.input.empty()) refuse_likeness(given);
    if (given.input.empty() && inputs_.size() == 1) given.input = inputs_.front();
    if (known_inputs_.contains(given.input)) return;
    if (given.input.empty())
      return error("BO247", given.place,
                   "there are several inputs, so it is not clear which of them the payloads are for",
                   fmt::format("write payloads: {{{}: […]}}", inputs_.front()));
    error("BO230", given.place, fmt::format("there is no input {}", in_quotes(given.input)),
          suggestion(problems_, given.input, [&] { return inputs_; }, "known are"));
  }

  /// `payloads: {file: …}` is a file, even if an input has the name; who reads it could think otherwise.
  void refuse_likeness(const GivenPayloads& given) {
    if (given.payloads.size() != 1 || given.payloads.front().place.key != given.place.key) return;
    if (given.payloads.front().text) return;  // The same is meant either way.
    for (const FieldInfo& field : description_of<GivenPayload>().info.fields)
      if (known_inputs_.contains(field.key))
        error("BO247", given.place,
              fmt::format("{} is the name of an input and a key of payloads", in_quotes(field.key)),
              "write the payloads of the only input as a list, or name the input otherwise");
  }

  /// By its name, else by that of an output that gets rows from one writer only.
  const PlannedWriter* find_writer(ExpectedTable& table) {
    if (table.writer.empty() && writers_.size() == 1) table.writer = plan_.writers.front().name;
    if (const PlannedWriter* found = writer_of(table.writer)) {
      table.writer = found->name;
      return found;
    }
    if (table.writer.empty())
      error("BO247", table.place, "there are several writers, so it is not clear whose rows these are",
            fmt::format("write expect: {{{}: …}}", plan_.writers.front().name));
    else
      error("BO230", table.place,
            fmt::format("there is no writer and no output {} that gets rows from one writer", in_quotes(table.writer)),
            suggestion(problems_, table.writer, [&] { return names_of_writers(); }, "known are"));
    return nullptr;
  }

  const PlannedWriter* writer_of(const std::string& name) const {
    if (const auto writer = writers_.find(name); writer != writers_.end()) return writer->second;
    const auto output = writers_of_outputs_.find(name);
    return output != writers_of_outputs_.end() ? output->second : nullptr;
  }

  /// Those of outputs with one writer, too: they mean the same.
  std::vector<std::string> names_of_writers() const {
    std::vector<std::string> names;
    for (const PlannedWriter& writer : plan_.writers) names.push_back(writer.name);
    for (const PlannedOutput& output : plan_.outputs)
      if (!writers_.contains(output.name) && writer_of(output.name) != nullptr) names.push_back(output.name);
    return names;
  }

  /// Names of columns, to be gone through and to be asked for.
  struct Columns {
    std::vector<std::string> names;
    std::unordered_set<std::string> known;
  };

  static Columns columns_of(std::vector<std::string> names) {
    Columns out{std::move(names), {}};
    out.known.insert(out.names.begin(), out.names.end());
    return out;
  }

  /// Made once for each writer, since many tests name it.
  const Columns& columns_of(const PlannedWriter& writer) {
    const auto [found, added] = columns_.try_emplace(&writer);
    if (!added) return found->second;
    std::vector<std::string> names;
    for (const ColumnShape& column : shape_of(writer).columns) names.push_back(column.name);
    return found->second = columns_of(std::move(names));
  }

  void check_rows(const ExpectedTable& table, const PlannedWriter& writer) {
    const Columns& all = columns_of(writer);
    const Columns own = columns_of(table.columns);
    for (const std::string& column : table.columns)
      if (!all.known.contains(column))
        error("BO230", table.place,
              fmt::format("the writer {} gets no column {}", in_quotes(table.writer), in_quotes(column)),
              suggestion(problems_, column, [&] { return all.names; }, "these are"));
    if (own.known.size() != own.names.size())
      error("BO253", table.place, "a column is named twice", "name each column once");
    if (!table.rows) return;
    if (!table.rows->is_list())
      return error("BO203", {table.rows->mark(), join_path(table.place.key, "rows")}, "expected a list of rows",
                   "write one row a line: - [value, value], or - {column: value}");
    for (std::size_t i = 0; i < table.rows->items().size(); ++i) {
      const Node& row = table.rows->items()[i];
      check_row(row, own.names.empty() ? all : own, place_of(row, i, table.place));
    }
  }

  void check_row(const Node& row, const Columns& columns, const TestPlace& place) {
    if (row.is_list()) {
      if (row.items().size() == columns.names.size()) return;
      return error("BO253", place,
                   fmt::format("the row needs a value for each column: there are {}, but it has {}",
                               columns.names.size(), row.items().size()),
                   listed(columns) + "a mapping of columns to values may leave some out");
    }
    if (!row.is_mapping()) return error("BO203", place, "expected a row", "write [value, value], or {column: value}");
    for (const Node::Entry& entry : row.entries())
      if (!columns.known.contains(entry.key))
        error("BO230", {entry.mark, join_path(place.key, entry.key)},
              fmt::format("there is no column {} in these rows", in_quotes(entry.key)),
              suggestion(problems_, entry.key, [&] { return columns.names; }, "these are"));
  }

  /// Too many columns, or of too many rows, help nobody.
  std::string listed(const Columns& columns) const {
    constexpr std::size_t kListedMax = 30;
    if (columns.names.size() > kListedMax || problems_.size() >= kHintsMax) return {};
    return fmt::format("the columns are {}; ", fmt::join(columns.names, ", "));
  }

  const Plan& plan_;
  const std::string& file_;
  Problems& problems_;
  std::vector<std::string> inputs_;
  std::unordered_set<std::string> known_inputs_;
  std::unordered_map<std::string, const PlannedWriter*> writers_;
  /// Null for outputs that get rows from several.
  std::unordered_map<std::string, const PlannedWriter*> writers_of_outputs_;
  std::unordered_map<const PlannedWriter*, Columns> columns_;
};

}  // namespace

std::vector<DeclaredTest> read_tests(const Node& config, const std::string& file, Problems& problems) {
  std::vector<DeclaredTest> tests;
  const Node* section = config.find("tests");
  if (section == nullptr || section->is_null()) return tests;
  if (!section->is_mapping()) {
    problems.push_back({Problem::Severity::error, "BO235", file, section->mark().line, section->mark().column, "tests",
                        "a section is a mapping of names to settings",
                        "write tests: {name: {payloads: …, expect: …}}"});
    return tests;
  }
  for (const Node::Entry& entry : section->entries())
    if (auto settings = decode<TestSettings>(entry.value, {.path = join_path("tests", entry.key),
                                                           .file = file,
                                                           .strict = true,
                                                           .problems = &problems,
                                                           .mark = entry.mark}))
      tests.push_back({entry.key, entry.mark, *std::move(settings)});
  return tests;
}

void resolve_tests(std::vector<DeclaredTest>& tests, const Plan& plan, const std::string& file, Problems& problems) {
  TestResolver resolver(plan, file, problems);
  for (DeclaredTest& test : tests) resolver.resolve(test.settings);
}

// All selections of a writer have equal names, and the computed one has those of its query.
const TableShape& shape_of(const PlannedWriter& writer) {
  static const TableShape kNothing;
  return writer.selections.empty() ? kNothing : *writer.selections.front().shape;
}

TestPlace place_of(const Node& item, std::size_t position, const TestPlace& around) {
  return {item.mark().line > 0 ? item.mark() : around.mark, join_path(around.key, position)};
}

Node without_tests(const Node& config) {
  Node out = Node::mapping();
  out.set_mark(config.mark());
  for (const Node::Entry& entry : config.entries())
    if (entry.key != "tests") out.add(entry);
  return out;
}

}  // namespace batchout
