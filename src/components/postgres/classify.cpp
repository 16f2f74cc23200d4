// SQLSTATE to verdict, and server messages to errors.

#include "components/postgres/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/unicode.h"

namespace batchout::postgres {
namespace {

constexpr std::string_view kConstraint = "BO534", kTrigger = "BO432";
// As if we had found them ourselves.
constexpr std::string_view kRange = "BO423", kCharacters = "BO424", kLength = "BO425", kType = "BO427";
constexpr std::string_view kTooLarge = "BO433";

struct Rule {
  std::string_view prefix;  // A whole SQLSTATE or the beginning of one.
  Verdict verdict;
  // It may pass by itself or not: nobody can tell from the state.
  bool open = false;
  // Of a row. What a state does not tell was said by a function.
  std::string_view code = kTrigger;
};

constexpr Rule row(std::string_view prefix, std::string_view code) {
  return {prefix, Verdict::row, false, code};
}

// The first rule that fits counts, so single codes stand before their class. Every class of the server has one
// (PostgreSQL documentation, appendix A).
constexpr std::array kRules = {
    // What functions say on purpose, by classes in which the server itself never fails.
    Rule{"00", Verdict::row},
    Rule{"01", Verdict::row},
    Rule{"02", Verdict::row},
    Rule{"03", Verdict::row},
    Rule{"09", Verdict::row},
    Rule{"08", Verdict::environment},    // Connection.
    Rule{"0A", Verdict::configuration},  // Not supported.
    // Statements that a function must not run there, whatever the row is: transactions, locators, grants, roles,
    // diagnostics outside of a handler, privileges that others rest on.
    Rule{"0B", Verdict::configuration},
    Rule{"0F", Verdict::configuration},
    Rule{"0L", Verdict::configuration},
    Rule{"0P", Verdict::configuration},
    Rule{"0Z", Verdict::configuration},
    Rule{"2B", Verdict::configuration},
    Rule{"2D", Verdict::configuration},
    Rule{"20", Verdict::row},       // A CASE of a trigger that has no answer for the row.
    Rule{"21", Verdict::internal},  // One key twice in one statement: we had to prevent that.
    // Values that a type does not take.
    row("22001", kLength),
    row("22003", kRange),
    row("22008", kRange),
    row("22012", kRange),
    row("22015", kRange),
    row("22021", kCharacters),
    row("22P05", kCharacters),
    row("22", kType),
    row("23", kConstraint),
    Rule{"27", Verdict::row},  // A trigger has changed the row that the statement changes.
    row("44", kConstraint),    // WITH CHECK OPTION of a view.
    // Cursors, statements and savepoints that are not there, objects that are not ready, foreign servers whose words
    // fit everything from a lost connection to a bad value.
    Rule{"24", Verdict::environment, true},
    Rule{"26", Verdict::environment, true},
    Rule{"34", Verdict::environment, true},
    Rule{"3B", Verdict::environment, true},
    Rule{"25P03", Verdict::environment},  // Idle timeouts.
    Rule{"25P04", Verdict::environment},
    Rule{"25006", Verdict::environment},  // Read-only after a failover.
    Rule{"25", Verdict::environment, true},
    Rule{"28", Verdict::configuration},  // Login.
    Rule{"2F005", Verdict::row},         // A function came to its end without RETURN.
    Rule{"2F", Verdict::configuration},
    Rule{"38000", Verdict::row},  // Raised by a function in Python, Perl, Tcl.
    Rule{"38", Verdict::configuration},
    Rule{"39", Verdict::configuration},
    Rule{"3D", Verdict::configuration},  // No such database.
    Rule{"3F", Verdict::configuration},  // No such schema.
    row("40002", kConstraint),
    Rule{"40", Verdict::environment},     // Serialization failure, deadlock.
    row("42804", kType),                  // A cast of a value.
    Rule{"42", Verdict::configuration},   // Privileges, missing tables and columns.
    Rule{"53", Verdict::environment},     // Disk, memory, connections: never the fault of a row.
    row("54", kTooLarge),                 // Program limits, for example an index row that is too large.
    Rule{"55P03", Verdict::environment},  // Lock timeout.
    Rule{"55", Verdict::environment, true},
    Rule{"57P04", Verdict::configuration},  // The database was dropped.
    Rule{"57", Verdict::environment},       // Shutdown, crash, starting up, statement timeout.
    Rule{"58", Verdict::environment},       // Files of the server.
    Rule{"72", Verdict::environment},       // A snapshot that is too old.
    Rule{"F0", Verdict::configuration},     // Files of the server's configuration.
    Rule{"HV00N", Verdict::environment},    // A foreign server that cannot be reached.
    Rule{"HV", Verdict::environment, true},
    Rule{"P0", Verdict::row},            // Raised by a trigger.
    Rule{"XX", Verdict::configuration},  // Possible corruption: nothing may be retried into it.
    // Raised by a function of the database that guards positions, see docs/errors/BO536.md.
    Rule{"BO001", Verdict::fenced},
};

bool is_sqlstate(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
}

// Only functions of the database make states of their own. What is no state was not said by a server.
Rule rule_of(std::string_view sqlstate) {
  for (const Rule& rule : kRules)
    if (sqlstate.starts_with(rule.prefix)) return rule;
  return {{}, sqlstate.size() == 5 && is_sqlstate(sqlstate) ? Verdict::row : Verdict::environment};
}

// States that say something else where a function or a policy has said them of a row: a RAISE may take any of them,
// the privilege of a row is not that of a table, and only this one routine means a key that comes twice.
bool blames_row(const ServerFailure& failure) {
  const Rule rule = rule_of(failure.sqlstate);
  const bool stops = rule.open || rule.verdict == Verdict::configuration || rule.verdict == Verdict::internal;
  if (failure.routine == "exec_stmt_raise") return stops;
  if (failure.routine == "ExecWithCheckOptions") return failure.sqlstate == "42501";
  return rule.verdict == Verdict::internal && !failure.routine.empty() && failure.routine != "ExecOnConflictUpdate";
}

// Functions of triggers have lines of their own in the context, in the server's language, before that of the statement.
// What follows a colon may be a value, and so may all that follows the place of a COPY.
bool is_in_function(std::string_view context) {
  for (;;) {
    const std::string_view line = context.substr(0, context.find('\n'));
    if (line.starts_with("COPY ")) return false;
    if (line.substr(0, line.find(": ")).contains("PL/")) return true;
    if (line.size() == context.size()) return false;
    context.remove_prefix(line.size() + 1);
  }
}

// A constraint that a function's own statement violates is told as one.
std::string_view code_of_row(const ServerFailure& failure) {
  if (failure.routine == "ExecWithCheckOptions") return kConstraint;
  if (failure.routine == "exec_stmt_raise") return kTrigger;
  const Rule rule = rule_of(failure.sqlstate);
  const bool said = rule.code != kConstraint && is_in_function(failure.context);
  return said ? kTrigger : rule.code;
}

std::string_view code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::row:
      break;
    case Verdict::configuration:
      return "BO531";
    case Verdict::fenced:
      return "BO536";
    case Verdict::internal:
      return "BO931";
    case Verdict::environment:
      break;
  }
  return "BO530";
}

// One line of at most 300 bytes that ends at a whole character.
std::string shortened(std::string_view text) {
  constexpr std::size_t kBytesMax = 300;
  std::string out(text.substr(0, cut_size(text, kBytesMax)));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// The place in a context, without the values of the row that follow a colon: `COPY table, line 3, column id: "value"`.
// The value of a column may have lines, so nothing behind it counts; functions of triggers have theirs before it, so
// the last one counts. Empty if there is none.
std::string_view place_in(std::string_view context) {
  if (!context.starts_with("COPY ")) {
    const std::size_t at = context.rfind("\nCOPY ");
    context.remove_prefix(at == std::string_view::npos ? context.size() : at + 1);
  }
  context = context.substr(0, context.find('\n'));
  return context.substr(0, context.find(": "));
}

}  // namespace

Verdict verdict_of(std::string_view sqlstate) {
  return rule_of(sqlstate).verdict;
}

Verdict verdict_of(const ServerFailure& failure) {
  return blames_row(failure) ? Verdict::row : verdict_of(failure.sqlstate);
}

bool may_not_pass(const ServerFailure& failure) {
  return rule_of(failure.sqlstate).open && !blames_row(failure);
}

// What the server said stands in the message, with its SQLSTATE.
Error to_error(std::string_view doing, const ServerFailure& failure) {
  const Verdict verdict = verdict_of(failure);
  std::string details;
  if (!failure.sqlstate.empty()) details += ", SQLSTATE " + failure.sqlstate;
  if (!failure.constraint.empty()) details += ", constraint " + shortened(failure.constraint);
  if (const std::string_view place = place_in(failure.context); !place.empty()) details += ", " + shortened(place);
  const std::string_view code = verdict == Verdict::row ? code_of_row(failure) : code_of(verdict);
  std::string message = fmt::format("{} failed: {}", doing, shortened(failure.text));
  if (!details.empty()) message += fmt::format(" ({})", details.substr(2));
  return {verdict, std::string(code), std::move(message), {}};
}

// A connection that breaks while it is being encrypted names neither certificates nor keys.
Error to_connection_error(std::string_view doing, const ServerFailure& failure) {
  Error error = to_error(doing, failure);
  constexpr std::array kTrust = {"does not support SSL", "certificate", "private key file", "alert unknown ca"};
  const bool about_trust =
      std::ranges::any_of(kTrust, [&](std::string_view words) { return failure.text.contains(words); });
  // Libpq's words for a parameter, before it has asked anybody.
  const bool about_parameters = failure.text.starts_with("invalid ");
  if (!failure.sqlstate.empty() || !(about_trust || about_parameters)) return error;
  error.verdict = Verdict::configuration;
  error.code = code_of(error.verdict);
  if (about_trust) error.message += "; correct sslmode, sslrootcert, sslcert or sslkey";
  return error;
}

// The name of the table or column may hold the same words, so the number is what counts.
std::optional<std::uint64_t> copy_line(const ServerFailure& failure) {
  constexpr std::string_view kMark = ", line ";
  const std::string_view place = place_in(failure.context);
  for (std::size_t at = place.find(kMark); at != std::string_view::npos; at = place.find(kMark, at + 1)) {
    const std::string_view digits = place.substr(at + kMark.size());
    std::uint64_t line = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), line);
    if (code == std::errc() && line > 0) return line;
  }
  return std::nullopt;
}

ServerFailure parse_connection_text(std::string_view text) {
  // With several addresses tried there is one line each; the last one has the last word.
  ServerFailure failure;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty() || line.starts_with("LOCATION:") || line.starts_with("DETAIL:")) continue;
    // "Is the server running on that host …" and "Either provide the file or …" go on with the line before.
    if (line.starts_with('\t') || line.starts_with("Either provide ")) {
      failure.text += ". " + std::string(line.substr(line.starts_with('\t') ? 1 : 0));
      continue;
    }
    failure = {};
    const std::size_t mark = line.find(":  ");
    const bool coded = mark != std::string_view::npos && mark + 10 <= line.size() && line[mark + 8] == ':' &&
                       is_sqlstate(line.substr(mark + 3, 5));
    if (!coded) {
      failure.text = line;
      continue;
    }
    failure.sqlstate = line.substr(mark + 3, 5);
    failure.text = std::string(line.substr(0, mark)) + ": " + std::string(line.substr(mark + 10));
  }
  return failure;
}

}  // namespace batchout::postgres
