// The form is that of Ant's JUnit task as Jenkins, GitLab and others read it: testsuites, testsuite, testcase, failure
// (something differs) and error (it could not be run).

#include "app/cli/junit.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace batchout::cli {
namespace {

/// Bytes of the character at the beginning of a text, 0 if XML 1.0 cannot have it or it is no UTF-8. Lengths only: what
/// payloads give has been checked already, and names of files are not forged byte by byte.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return lead < 0x20 || lead == 0x7F ? 0 : 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return 0;
  for (const char c : text.substr(1, size - 1))
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) return 0;
  return text.starts_with("\xEF\xBF\xBE") || text.starts_with("\xEF\xBF\xBF") ? 0 : size;
}

/// For texts and values of attributes. What XML cannot have is shown as the numbers of its bytes.
std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const char c = text.front();
    if (c == '\n' || c == '<' || c == '>' || c == '&' || c == '"')
      out += fmt::format("&#{};", static_cast<int>(c));
    else if (size == 0)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// `kind`: failure or error. The first line is the message.
std::string complaint(std::string_view kind, const std::vector<std::string>& lines) {
  return fmt::format("      <{0} message=\"{1}\">{2}</{0}>\n", kind, lines.empty() ? "" : xml_text(lines.front()),
                     xml_text(fmt::format("{}", fmt::join(lines, "\n"))));
}

std::string case_of(const TestedConfig& tested, const TestResult& test) {
  const std::string open = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.6f}\"",
                                       xml_text(test.name), xml_text(tested.file), seconds(test.time));
  if (test.passed()) return open + "/>\n";
  return fmt::format("{}>\n{}    </testcase>\n", open, complaint(test.error ? "error" : "failure", lines_of(test)));
}

/// A configuration that is refused has one case, so that nobody takes it for one without tests.
std::string suite_of(const TestedConfig& tested) {
  std::string cases;
  std::size_t failures = 0, errors = 0;
  std::chrono::nanoseconds time{};
  for (const TestResult& test : tested.tests) {
    cases += case_of(tested, test);
    errors += test.error.has_value();
    failures += !test.passed() && !test.error;
    time += test.time;
  }
  if (has_errors(tested.problems)) {
    std::vector<std::string> lines;
    for (const Problem& problem : tested.problems) lines.push_back(problem.text());
    cases += fmt::format("    <testcase name=\"configuration\" classname=\"{}\">\n{}    </testcase>\n",
                         xml_text(tested.file), complaint("error", lines));
    ++errors;
  }
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.6f}\">\n{}  </testsuite>\n",
      xml_text(tested.file), tested.tests.size() + (has_errors(tested.problems) ? 1 : 0), failures, errors,
      seconds(time), cases);
}

}  // namespace

std::vector<std::string> lines_of(const TestResult& test) {
  std::vector<std::string> lines;
  for (const Problem& difference : test.differences) lines.push_back(difference.text());
  if (test.error)
    lines.push_back(fmt::format("{}{}{} [{}]", test.error->place, test.error->place.empty() ? "" : ": ",
                                test.error->message, test.error->code));
  if (!test.passed())
    for (const std::string& line : test.log) lines.push_back("logged: " + line);
  return lines;
}

std::string write_junit(const std::string& file, const std::vector<TestedConfig>& all) {
  std::string suites;
  for (const TestedConfig& tested : all) suites += suite_of(tested);
  errno = 0;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n" << suites << "</testsuites>\n";
  stream.close();
  if (stream) return {};
  return errno == 0 ? "unknown error" : std::generic_category().message(errno);
}

}  // namespace batchout::cli
