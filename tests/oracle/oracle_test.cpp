// Runs every case of this folder as the original was run, and compares what reaches outputs, files and tables.
//
// not-yet.txt lists cases whose topic is not built yet; a listed case that passes fails the run, so that the list can
// only get shorter. Cases of compat `quirk` may differ where differences.txt says why.

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "batchout/pipeline.h"
#include "config/load.h"
#include "naive_extractor.h"
#include "recorder.h"
#include "registry/registry.h"

namespace batchout::oracle {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = BATCHOUT_ORACLE_FOLDER;
constexpr std::size_t kCases = 162;  // All of the suite: a missing case is a failure, not a skip.

std::string text_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// First words of the lines that are not comments.
std::set<std::string> ids_of(const char* file) {
  std::set<std::string> ids;
  std::istringstream lines(text_of(kFolder / file));
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] != '#') ids.insert(line.substr(0, line.find(' ')));
  return ids;
}

std::vector<fs::path> cases() {
  std::vector<fs::path> found;
  for (const char* dialect : {"v0.0.1", "v0.3.0"})
    for (const auto& entry : fs::directory_iterator(kFolder / dialect)) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

Node expected_of(const fs::path& folder) {
  Problems problems;
  auto node = load_file(folder / "expected.json", problems);
  EXPECT_TRUE(node) << folder;
  return node ? *node : Node();
}

std::string show(const Node& node) {
  switch (node.type()) {
    case Node::Type::null:
      return "null";
    case Node::Type::boolean:
      return node.boolean() ? "true" : "false";
    case Node::Type::integer:
      return fmt::format("{}", node.integer());
    case Node::Type::real:
      return fmt::format("{}r", node.real());
    case Node::Type::text:
      return '"' + node.text() + '"';
    default:
      return "?";
  }
}

/// Equal as the suite says: integers and floats differ, true and false may stand for 1 and 0, never the other way.
bool equal(const Node& expected, const Node& actual) {
  if (actual.type() == Node::Type::boolean && expected.type() == Node::Type::integer)
    return expected.integer() == (actual.boolean() ? 1 : 0);
  if (expected.type() != actual.type()) return false;
  switch (expected.type()) {
    case Node::Type::boolean:
      return expected.boolean() == actual.boolean();
    case Node::Type::integer:
      return expected.integer() == actual.integer();
    case Node::Type::real:
      return expected.real() == actual.real();
    case Node::Type::text:
      return expected.text() == actual.text();
    default:
      return true;
  }
}

std::string show(const Row& row) {
  std::string text;
  for (const Node& cell : row) text += (text.empty() ? "" : ", ") + show(cell);
  return "[" + text + "]";
}

/// Runs one case in a copy of its folder. The result is empty if everything agrees, else what does not.
class Case {
 public:
  /// `naive`: JSON is read by the evaluator that judges ours elsewhere. `converted`: the configuration is rewritten in
  /// our own dialect first.
  explicit Case(const fs::path& folder, bool naive = false, bool converted = false)
      : source_(folder), expected_(expected_of(folder)), naive_(naive), converted_(converted) {}

  std::string run() {
    work_ = fs::temp_directory_path() / fmt::format("batchout-oracle-{}-{}", getpid(), source_.filename().string());
    fs::remove_all(work_);
    fs::copy(source_, work_, fs::copy_options::recursive);
    fs::permissions(work_, fs::perms::owner_all, fs::perm_options::add);
    set_environment();
    const std::string difference = run_in_copy();
    unset_environment();
    fs::remove_all(work_);
    return difference;
  }

  bool needs(std::string_view server) const {
    const Node* requires_ = expected_.find("requires");
    return requires_ != nullptr &&
           std::ranges::any_of(requires_->items(), [&](const Node& item) { return item.text() == server; });
  }
  bool is_refused() const {
    const Node* const error = expected_.find("error");
    return error != nullptr && !error->is_null();
  }
  bool is_quirk() const { return expected_.find("compat")->text() == "quirk"; }

 private:
  void set_environment() {
    if (const Node* environment = expected_.find("env"))
      for (const auto& entry : environment->entries()) setenv(entry.key.c_str(), entry.value.written().c_str(), 1);
    if (!needs("postgres")) return;
    for (const char* name : {"HOST", "PORT", "USER", "PASSWORD"})
      setenv(fmt::format("ORACLE_PG_{}", name).c_str(), getenv(fmt::format("BATCHOUT_TEST_PG_{}", name).c_str()), 1);
    setenv("ORACLE_PG_DB", getenv("BATCHOUT_TEST_PG_DBNAME"), 1);
    setenv("PGPASSWORD", getenv("BATCHOUT_TEST_PG_PASSWORD"), 1);
  }
  void unset_environment() {
    if (const Node* environment = expected_.find("env"))
      for (const auto& entry : environment->entries()) unsetenv(entry.key.c_str());
  }

  std::string run_in_copy() {
    if (fs::exists(work_ / "setup.sql")) psql("setup.sql");
    read_topic();
    if (converted_) {
      const auto converted = Pipeline::convert(work_ / "config.yaml", registry());
      if (!converted) return "cannot be converted: " + converted.error().back().text();
      std::ofstream(work_ / "config.yaml") << converted->text;
    }
    auto pipeline = Pipeline::from_file(work_ / "config.yaml", registry());
    if (is_refused()) return pipeline ? "the configuration is accepted" : "";
    if (!pipeline) {
      std::string text = "the configuration is refused:";
      for (const Problem& problem : pipeline.error()) text += "\n  " + problem.text();
      return text;
    }
    const std::int64_t batches = expected_.find("batches")->integer();
    for (std::int64_t i = 0; i < batches; ++i)
      if (const auto result = pipeline->run_once(); !result) return "the run failed: " + result.error().message;
    return compare_outputs() + compare_files() + compare_tables();
  }

  Registry registry() {
    Registry registry;
    add_stand_ins(registry, recording_, topic_);
    add_components(registry);
    if (naive_) use_naive_extractor(registry);
    return registry;
  }

  void read_topic() {
    if (!fs::exists(work_ / "messages")) return;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(work_ / "messages")) files.push_back(entry.path());
    std::ranges::sort(files);
    for (const auto& file : files) topic_.messages.push_back(text_of(file));
  }

  std::string compare_outputs() {
    std::string difference;
    for (const Node::Entry& output : expected_.find("outputs")->entries()) {
      std::vector<Row> rows;
      for (const Node& delivery : output.value.items())
        for (const Node& row : delivery.find("rows")->items()) rows.push_back(row.items());
      difference += compare_rows(output.key, std::move(rows), recording_[output.key]);
    }
    return difference;
  }

  std::string compare_rows(const std::string& name, std::vector<Row> expected, std::vector<Row> actual) {
    if (expected_.find("order")->text() == "any") {
      const auto by_text = [](const Row& a, const Row& b) { return show(a) < show(b); };
      std::ranges::sort(expected, by_text);
      std::ranges::sort(actual, by_text);
    }
    if (std::ranges::equal(expected, actual,
                           [](const Row& a, const Row& b) { return std::ranges::equal(a, b, equal); }))
      return "";
    std::string text = name + ": expected";
    for (const Row& row : expected) text += "\n  " + show(row);
    text += "\n but got";
    for (const Row& row : actual) text += "\n  " + show(row);
    return text + "\n";
  }

  std::string compare_files() {
    std::string difference;
    if (const Node* files = expected_.find("files"))
      for (const auto& entry : files->entries())
        if (const std::string text = text_of(work_ / entry.key); text != entry.value.text())
          difference += fmt::format("{}: expected\n{}\n but got\n{}\n", entry.key, entry.value.text(), text);
    return difference;
  }

  std::string compare_tables() {
    const Node* tables = expected_.find("tables");
    if (tables == nullptr) return "";
    std::string difference;
    std::istringstream queries(text_of(work_ / "check.sql"));
    std::size_t number = 0;
    for (std::string query; std::getline(queries, query, ';');) {
      if (std::ranges::all_of(query, [](unsigned char c) { return std::isspace(c); })) continue;
      std::ofstream(work_ / "query.sql") << "select coalesce(json_agg(json_build_array(q.*)), '[]') from (" << query
                                         << ") q";
      difference += compare_table(tables->items()[number++], psql("query.sql"));
    }
    return difference;
  }

  /// The server's answer holds each row as one record; records compare by their values in order.
  static std::string compare_table(const Node& table, const std::string& answer) {
    Problems problems;
    const auto actual = load_json(answer, "", problems);
    if (!actual) return "the tables cannot be queried: " + answer;
    std::vector<Row> rows;
    for (const Node& row : actual->items()) {
      Row& cells = rows.emplace_back();
      for (const auto& entry : row.items().front().entries()) cells.push_back(entry.value);
    }
    const Node& expected_rows = table.is_mapping() ? *table.find("rows") : table;
    std::vector<Row> expected;
    for (const Node& row : expected_rows.items()) expected.push_back(row.items());
    if (std::ranges::equal(expected, rows, [](const Row& a, const Row& b) { return std::ranges::equal(a, b, equal); }))
      return "";
    std::string text = "table: expected";
    for (const Row& row : expected) text += "\n  " + show(row);
    text += "\n but got";
    for (const Row& row : rows) text += "\n  " + show(row);
    return text + "\n";
  }

  std::string psql(const char* file) {
    const std::string command = fmt::format(
        "psql -X -q -At -v ON_ERROR_STOP=1 -h '{}' -p {} -U '{}' -d '{}' -f '{}' 2>&1", getenv("ORACLE_PG_HOST"),
        getenv("ORACLE_PG_PORT"), getenv("ORACLE_PG_USER"), getenv("ORACLE_PG_DB"), (work_ / file).string());
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer{};
    while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), count);
    EXPECT_EQ(pclose(pipe), 0) << out;
    return out;
  }

  fs::path source_;
  fs::path work_;
  Node expected_;
  bool naive_;
  bool converted_;
  Recording recording_;
  Topic topic_;
};

class Oracle : public ::testing::TestWithParam<fs::path> {};

TEST_P(Oracle, AgreesWithTheOriginal) {
  static const std::set<std::string> not_yet = ids_of("not-yet.txt");
  static const std::set<std::string> differences = ids_of("differences.txt");
  const std::string id = GetParam().filename().string();
  Case one(GetParam());
  if (one.needs("postgres") && getenv("BATCHOUT_TEST_PG_HOST") == nullptr) {
    ASSERT_EQ(getenv("CI"), nullptr) << "a server is needed in CI";
    GTEST_SKIP() << "needs PostgreSQL";
  }
  const std::string difference = one.run();
  if (not_yet.contains(id)) {
    EXPECT_NE(difference, "") << "the case passes: remove it from not-yet.txt";
  } else if (differences.contains(id)) {
    EXPECT_TRUE(one.is_quirk()) << "only a quirk may differ on purpose";
    EXPECT_NE(difference, "") << "the case passes: remove it from differences.txt";
  } else {
    EXPECT_EQ(difference, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, Oracle, ::testing::ValuesIn(cases()), [](const auto& instance) {
  std::string name = instance.param.filename().string();
  std::ranges::replace_if(name, [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
});

TEST(OracleSuite, PassesAtLeastNinetyCoreCases) {
  const std::set<std::string> not_yet = ids_of("not-yet.txt");
  const auto passes = [&](const fs::path& folder) {
    return !not_yet.contains(folder.filename().string()) && expected_of(folder).find("compat")->text() == "core";
  };
  EXPECT_GE(std::ranges::count_if(cases(), passes), 90);
}

// What judges the extractor is judged by the original. Each case that reads JSON at all is run with it.
TEST(OracleSuite, NaiveEvaluatorAgreesWithTheOriginal) {
  const std::set<std::string> not_yet = ids_of("not-yet.txt");
  std::size_t count = 0;
  for (const fs::path& folder : cases()) {
    Case one(folder, true);
    if (!text_of(folder / "config.yaml").contains("jsonpath") && folder.parent_path().filename() != "v0.0.1") continue;
    if (one.is_quirk() || one.is_refused() || one.needs("postgres") || not_yet.contains(folder.filename().string()))
      continue;
    EXPECT_EQ(one.run(), "") << folder.filename();
    ++count;
  }
  EXPECT_GE(count, 90u);
}

// What `batchout convert` writes gives what the original gives, or differs from it as the old configuration does.
TEST(OracleSuite, ConvertedConfigurationsGiveTheSame) {
  const std::set<std::string> not_yet = ids_of("not-yet.txt");
  const std::set<std::string> differences = ids_of("converted-differences.txt");
  std::size_t count = 0;
  for (const fs::path& folder : cases()) {
    const std::string id = folder.filename().string();
    Case one(folder);
    if (one.is_refused() || not_yet.contains(id)) continue;
    if (one.needs("postgres") && getenv("BATCHOUT_TEST_PG_HOST") == nullptr) continue;
    const std::string expected = one.run();
    if (expected.starts_with("the configuration is refused")) continue;
    const std::string difference = Case(folder, false, true).run();
    if (differences.contains(id))
      EXPECT_NE(difference, expected) << id << ": the case passes: remove it from converted-differences.txt";
    else
      EXPECT_EQ(difference, expected) << id;
    ++count;
  }
  EXPECT_GE(count, 100u);
}

TEST(OracleSuite, IsComplete) {
  EXPECT_EQ(cases().size(), kCases);
}

}  // namespace
}  // namespace batchout::oracle
