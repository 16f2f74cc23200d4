// Errors of the server: verdicts and words.

#include "components/postgres/classify.h"

#include <gtest/gtest.h>

namespace batchout::postgres {
namespace {

TEST(Classify, FollowsTheTable) {
  const std::pair<std::string_view, Verdict> cases[] = {
      {"", Verdict::environment},        {"08006", Verdict::environment},   {"57P01", Verdict::environment},
      {"53300", Verdict::environment},   {"40P01", Verdict::environment},   {"55P03", Verdict::environment},
      {"57014", Verdict::environment},   {"25006", Verdict::environment},   {"53100", Verdict::environment},
      {"99999", Verdict::environment},   {"57P04", Verdict::configuration}, {"28P01", Verdict::configuration},
      {"3D000", Verdict::configuration}, {"42501", Verdict::configuration}, {"42P01", Verdict::configuration},
      {"XX001", Verdict::configuration}, {"22P02", Verdict::row},           {"23505", Verdict::row},
      {"42804", Verdict::row},           {"54000", Verdict::row},           {"P0001", Verdict::row},
      {"21000", Verdict::internal},      {"BO001", Verdict::fenced},
  };
  for (const auto& [sqlstate, verdict] : cases) EXPECT_EQ(verdict_of(sqlstate), verdict) << sqlstate;
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
