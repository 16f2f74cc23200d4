// Errors of the server: verdicts and words.

#include "components/postgres/classify.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace batchout::postgres {
namespace {

TEST(Classify, FollowsTheTable) {
  const std::pair<std::string_view, Verdict> cases[] = {
      {"", Verdict::environment},        {"08006", Verdict::environment},   {"57P01", Verdict::environment},
      {"53300", Verdict::environment},   {"40P01", Verdict::environment},   {"55P03", Verdict::environment},
      {"57014", Verdict::environment},   {"25006", Verdict::environment},   {"53100", Verdict::environment},
      {"99999", Verdict::row},           {"57P04", Verdict::configuration}, {"28P01", Verdict::configuration},
      {"3D000", Verdict::configuration}, {"42501", Verdict::configuration}, {"42P01", Verdict::configuration},
      {"XX001", Verdict::configuration}, {"22P02", Verdict::row},           {"23505", Verdict::row},
      {"42804", Verdict::row},           {"54000", Verdict::row},           {"P0001", Verdict::row},
      {"21000", Verdict::internal},      {"BO001", Verdict::fenced},
  };
  for (const auto& [sqlstate, verdict] : cases) EXPECT_EQ(verdict_of(sqlstate), verdict) << sqlstate;
}

// Appendix A of PostgreSQL's documentation, "PostgreSQL Error Codes", version 15 and 25P04 of 17: each class, and what
// of it is not as the class is.
struct Class {
  std::string_view name;
  std::string_view codes;  // The last three characters of each.
  Verdict verdict;
  bool open = false;
};

constexpr Verdict kRow = Verdict::row;
constexpr Verdict kEnvironment = Verdict::environment;
constexpr Verdict kConfiguration = Verdict::configuration;

constexpr Class kClasses[] = {
    {"00", "000", kRow},
    {"01", "000 00C 008 003 007 006 004 P01", kRow},
    {"02", "000 001", kRow},
    {"03", "000", kRow},
    {"08", "000 003 006 001 004 007 P01", kEnvironment},
    {"09", "000", kRow},
    {"0A", "000", kConfiguration},
    {"0B", "000", kConfiguration},
    {"0F", "000 001", kConfiguration},
    {"0L", "000 P01", kConfiguration},
    {"0P", "000", kConfiguration},
    {"0Z", "000 002", kConfiguration},
    {"20", "000", kRow},
    {"21", "000", Verdict::internal},
    {"22",
     "000 02E 021 008 012 005 00B 022 015 01E 014 016 01F 01G 018 007 019 00D 025 P06 010 023 013 01B 01W 01X 02H "
     "02G 009 00C 00G 004 002 003 00H 026 001 011 027 024 00F P01 P02 P03 P04 P05 P07 00L 00M 00N 00S 00T 030 031 032 "
     "033 034 035 036 037 038 039 03A 03B 03C 03D 03E 03F 03G",
     kRow},
    {"23", "000 001 502 503 505 514 P01", kRow},
    {"24", "000", kEnvironment, true},
    {"25", "000 001 002 008 003 004 005 007 P01 P02", kEnvironment, true},
    {"25", "006 P03 P04", kEnvironment},
    {"26", "000", kEnvironment, true},
    {"27", "000", kRow},
    {"28", "000 P01", kConfiguration},
    {"2B", "000 P01", kConfiguration},
    {"2D", "000", kConfiguration},
    {"2F", "000 002 003 004", kConfiguration},
    {"2F", "005", kRow},
    {"34", "000", kEnvironment, true},
    {"38", "001 002 003 004", kConfiguration},
    {"38", "000", kRow},
    {"39", "000 001 004 P01 P02 P03", kConfiguration},
    {"3B", "000 001", kEnvironment, true},
    {"3D", "000", kConfiguration},
    {"3F", "000", kConfiguration},
    {"40", "000 001 003 P01", kEnvironment},
    {"40", "002", kRow},
    {"42",
     "000 601 501 846 803 P20 P19 830 602 622 939 P18 P21 P22 809 8C9 703 883 P01 P02 704 701 P03 P04 723 P05 P06 "
     "P07 712 710 702 725 P08 P09 P10 611 P11 P12 P13 P14 P15 P16 P17",
     kConfiguration},
    {"42", "804", kRow},
    {"44", "000", kRow},
    {"53", "000 100 200 300 400", kEnvironment},
    {"54", "000 001 011 023", kRow},
    {"55", "000 006 P02 P04", kEnvironment, true},
    {"55", "P03", kEnvironment},
    {"57", "000 014 P01 P02 P03 P05", kEnvironment},
    {"57", "P04", kConfiguration},
    {"58", "000 030 P01 P02", kEnvironment},
    {"72", "000", kEnvironment},
    {"F0", "000 001", kConfiguration},
    {"HV", "000 005 002 010 021 024 007 008 004 006 091 00B 00C 00D 090 00A 009 014 001 00P 00J 00K 00Q 00R 00L 00M",
     kEnvironment, true},
    {"HV", "00N", kEnvironment},
    {"P0", "000 001 002 003 004", kRow},
    {"XX", "000 001 002", kConfiguration},
};

TEST(Classify, HasAVerdictForEveryStateOfTheServer) {
  std::size_t count = 0;
  for (const Class& wanted : kClasses)
    for (std::string_view codes = wanted.codes; !codes.empty();
         codes.remove_prefix(std::min<std::size_t>(4, codes.size())), ++count) {
      const std::string state = std::string(wanted.name) + std::string(codes.substr(0, 3));
      EXPECT_EQ(verdict_of(state), wanted.verdict) << state;
      EXPECT_EQ(may_not_pass({state, "", "", ""}), wanted.open) << state;
    }
  EXPECT_EQ(count, 262u);
}

// No class of the server's begins like these, and SQL leaves the last five to implementations and users.
TEST(Classify, StatesThatTheServerDoesNotHaveAreSaidByFunctionsOfARow) {
  for (const char* state : {"45000", "0D000", "10000", "MY001", "U0001", "99999", "ZZZZZ", "BO002"}) {
    EXPECT_EQ(verdict_of(state), Verdict::row) << state;
    EXPECT_FALSE(may_not_pass({state, "", "", ""})) << state;
  }
  for (const char* none : {"", "9", "99", "99999x", "my001", "99 99"})
    EXPECT_EQ(verdict_of(none), Verdict::environment) << none;
}

TEST(Classify, StatesMeanARowWhereAFunctionOrAPolicySaysThem) {
  const auto verdict = [](const char* state, const char* routine) {
    return verdict_of(
        ServerFailure{.sqlstate = state, .text = "", .context = "", .constraint = "", .routine = routine});
  };
  for (const char* state : {"42501", "0A000", "XX000", "55000", "HV000", "21000", "45000"})
    EXPECT_EQ(verdict(state, "exec_stmt_raise"), Verdict::row) << state;
  EXPECT_FALSE(may_not_pass({"55000", "", "", "", "", "exec_stmt_raise"}));
  // A function may ask for another try, and ours for another claim.
  EXPECT_EQ(verdict("40001", "exec_stmt_raise"), Verdict::environment);
  EXPECT_EQ(verdict("BO001", "exec_stmt_raise"), Verdict::fenced);
  EXPECT_EQ(verdict("42501", "ExecWithCheckOptions"), Verdict::row);
  EXPECT_EQ(verdict("42501", "aclcheck_error"), Verdict::configuration);
  EXPECT_EQ(verdict("21000", "ExecSetParamPlan"), Verdict::row);
  EXPECT_EQ(verdict("21000", "ExecOnConflictUpdate"), Verdict::internal);
  EXPECT_EQ(verdict("21000", ""), Verdict::internal);
}

TEST(Classify, SaysWhereAndWhyButNotWhatTheRowHeld) {
  const Error error =
      to_error("Writing to public.t", {"23505", "duplicate key value violates unique constraint \"t_pkey\"",
                                       "COPY t, line 3, column id: \"secret\"\nmore", "t_pkey"});
  EXPECT_EQ(error.verdict, Verdict::row);
  EXPECT_EQ(error.code, "BO534");
  EXPECT_EQ(error.message,
            "Writing to public.t failed: duplicate key value violates unique constraint \"t_pkey\" (SQLSTATE 23505, "
            "constraint t_pkey, COPY t, line 3, column id)");
}

TEST(Classify, SaysWhatRefusedARow) {
  const auto code = [](const char* state, const char* routine = "", const char* context = "COPY t, line 3") {
    ServerFailure failure;
    failure.sqlstate = state;
    failure.routine = routine;
    failure.context = context;
    return to_error("Writing", failure).code;
  };
  for (const char* state : {"23000", "23502", "23503", "23505", "23514", "23P01", "40002", "44000"})
    EXPECT_EQ(code(state), "BO534") << state;
  for (const char* state : {"P0001", "P0004", "38000", "20000", "27000", "2F005", "02000", "45000", "MY001"})
    EXPECT_EQ(code(state), "BO432") << state;
  EXPECT_EQ(code("22003"), "BO423");
  EXPECT_EQ(code("22008"), "BO423");
  EXPECT_EQ(code("22021"), "BO424");
  EXPECT_EQ(code("22P05"), "BO424");
  EXPECT_EQ(code("22001"), "BO425");
  EXPECT_EQ(code("22P02"), "BO427");
  EXPECT_EQ(code("42804"), "BO427");
  EXPECT_EQ(code("54000"), "BO433");
  // A function may raise any state, and values may not suit it.
  for (const char* state : {"23505", "22003", "42501", "55000"}) EXPECT_EQ(code(state, "exec_stmt_raise"), "BO432");
  EXPECT_EQ(code("42501", "ExecWithCheckOptions"), "BO534");
  EXPECT_EQ(code("21000", "ExecSetParamPlan"), "BO432");
  constexpr const char* kFunction = "PL/pgSQL function f() line 3 at assignment\nCOPY t, line 3: \"x\"";
  EXPECT_EQ(code("22012", "int4div", kFunction), "BO432");
  EXPECT_EQ(code("22P02", "", "SQL statement \"SELECT 1\"\nPL/pgSQL function f() line 3 at SQL statement"), "BO432");
  EXPECT_EQ(code("22P02", "", "fonction PL/pgSQL public.f(), ligne 3 à affectation\nCOPY t, ligne 3"), "BO432");
  EXPECT_EQ(code("22P02", "", "3. satırda atama içinde PL/pgSQL fonksiyonu f()\nCOPY t, satır 3"), "BO432");
  EXPECT_EQ(code("22P02", "", "JSON data, line 1: {\"a\": PL/"), "BO427");
  EXPECT_EQ(code("23505", "_bt_check_unique", kFunction), "BO534");
  EXPECT_EQ(code("22P02", "", "COPY t, line 3, column id: \"x\nPL/x\""), "BO427");
}

TEST(Classify, FindsTheLineOfACopyWhateverItsTableIsCalled) {
  EXPECT_EQ(copy_line({"23505", "", "COPY t, line 3, column id: \"x, line 9\"", ""}), 3U);
  EXPECT_EQ(copy_line({"23505", "", "COPY odd, line x, line 12\nPL/pgSQL function f() line 3", ""}), 12U);
  EXPECT_EQ(copy_line({"22P02", "", "COPY t, line 3, column id: \"x\nCOPY t, line 9\"", ""}), 3U);
  EXPECT_EQ(copy_line({"P0001", "", "PL/pgSQL function f() line 3 at RAISE\nCOPY t, line 5: \"x, line 9\"", ""}), 5U);
  EXPECT_EQ(copy_line({"P0001", "", "SQL statement \"\nCOPY t, line 3\"\nCOPY t, line 5", ""}), 5U);
  EXPECT_EQ(copy_line({"23505", "", "COPY t", ""}), std::nullopt);
  EXPECT_EQ(copy_line({"23505", "", "SQL statement, line 3", ""}), std::nullopt);
}

TEST(Classify, CutsLongAndDirtyTexts) {
  std::string text = "bad\nthing ";
  for (int i = 0; i < 200; ++i) text += "ö";
  const Error error = to_error("Writing", {"", text, "", ""});
  EXPECT_EQ(error.code, "BO530");
  EXPECT_TRUE(error.message.starts_with("Writing failed: bad thing ö")) << error.message;
  EXPECT_TRUE(error.message.ends_with("ö"));
  EXPECT_LT(error.message.size(), 330u);
}

TEST(Classify, ReadsTheStateOutOfARefusedConnection) {
  const ServerFailure failure = parse_connection_text(
      "connection to server at \"h\" (::1), port 5432 failed: Connection refused\n"
      "\tIs the server running on that host and accepting TCP/IP connections?\n"
      "connection to server at \"h\" (127.0.0.1), port 5432 failed: FATAL:  28P01: password authentication failed for "
      "user \"u\"\nLOCATION:  auth_failed, auth.c:338\n");
  EXPECT_EQ(failure.sqlstate, "28P01");
  EXPECT_EQ(failure.text,
            "connection to server at \"h\" (127.0.0.1), port 5432 failed: FATAL: password authentication failed for "
            "user \"u\"");
  const ServerFailure refused = parse_connection_text("connection failed: Connection refused\n\tIs it running?\n");
  EXPECT_EQ(refused.sqlstate, "");
  EXPECT_EQ(refused.text, "connection failed: Connection refused. Is it running?");
  EXPECT_EQ(parse_connection_text("").text, "");
}

TEST(Classify, WhatCertificatesPreventDoesNotPassByItself) {
  const auto error_of = [](const char* text) { return to_connection_error("Connecting", parse_connection_text(text)); };
  const Error plain =
      error_of("connection to server at \"h\", port 1 failed: server does not support SSL, but SSL was required\n");
  EXPECT_EQ(plain.verdict, Verdict::configuration);
  EXPECT_EQ(plain.code, "BO531");
  EXPECT_EQ(plain.message,
            "Connecting failed: connection to server at \"h\", port 1 failed: server does not support SSL, but SSL was "
            "required; correct sslmode, sslrootcert, sslcert or sslkey");
  const Error missing = error_of(
      "connection to server at \"h\", port 1 failed: root certificate file \"/ca\" does not exist\n"
      "Either provide the file or change sslmode to disable server certificate verification.\n");
  EXPECT_EQ(missing.verdict, Verdict::configuration);
  EXPECT_TRUE(missing.message.contains("root certificate file \"/ca\" does not exist. Either provide"))
      << missing.message;
  EXPECT_EQ(error_of("connection failed: SSL SYSCALL error: EOF detected\n").verdict, Verdict::environment);
  const Error parameter = error_of("invalid target_session_attrs value: \"nothing\"\n");
  EXPECT_EQ(parameter.verdict, Verdict::configuration);
  EXPECT_EQ(parameter.message, "Connecting failed: invalid target_session_attrs value: \"nothing\"");
}

}  // namespace
}  // namespace batchout::postgres
