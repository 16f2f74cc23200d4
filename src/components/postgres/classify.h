// What an answer of the server means for us: the one table from SQLSTATE to verdict, and the words of an error.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/result.h"

namespace batchout::postgres {

/// The verdict of a five-character SQLSTATE; an empty one stands for a connection that failed without an answer. States
/// of classes that the server does not have come from functions of the database, so a row is to blame.
Verdict verdict_of(std::string_view sqlstate);

/// What the server said. DETAIL is left out on purpose: it repeats the values of whole rows.
struct ServerFailure {
  /// Empty if the connection failed.
  std::string sqlstate;
  /// The primary message.
  std::string text;
  /// For example `COPY sessions, line 3, column id: "x"`.
  std::string context;
  /// Empty if none is concerned.
  std::string constraint;
  /// Of the table that the constraint belongs to.
  std::string schema{};
  /// Of the server's source: who failed. Empty if it does not say, as poolers do not.
  std::string routine{};
};

/// The same of a failure as a whole: triggers and policies refuse rows with states that mean something else elsewhere.
Verdict verdict_of(const ServerFailure& failure);

/// True if the verdict is environment, and nothing but trying a few times tells whether that is right.
bool may_not_pass(const ServerFailure& failure);

/// An error that says what was being done ("writing to public.sessions"), what the server said, and where. Its place is
/// empty; values of rows do not appear.
Error to_error(std::string_view doing, const ServerFailure& failure);

/// The same for an attempt to connect: what certificates and encryption prevent does not pass by itself.
Error to_connection_error(std::string_view doing, const ServerFailure& failure);

/// The line of a COPY that failed, counted from 1; none if something else failed.
std::optional<std::uint64_t> copy_line(const ServerFailure& failure);

/// The failure hidden in the text of a connection attempt, which carries the SQLSTATE inside when libpq is verbose:
/// `connection to server at "x", port 5432 failed: FATAL:  28P01: password authentication failed for user "u"`.
ServerFailure parse_connection_text(std::string_view text);

}  // namespace batchout::postgres
