// Rows come by a cursor of the server, as many at a time as are likely to have a certain size.

#include "components/postgres/input.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "components/postgres/json_row.h"
#include "components/postgres/row_stream.h"

namespace batchout::postgres {
namespace {

constexpr std::size_t kFetchBytes = std::size_t{1} << 20;
constexpr std::size_t kFetchFirst = 64;
constexpr std::size_t kFetchMax = 10'000;

std::size_t bytes_of(const Rows& rows) {
  std::size_t bytes = 1;
  const int columns = PQnfields(rows.result());
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (int column = 0; column < columns; ++column) bytes += rows.at(row, column).size();
  return bytes;
}

// No single row can be blamed, so values that the query stumbles over are a fault of the query. A server that only
// reads is nothing that passes: our transaction says so.
Error for_query(Error error, const std::string& state) {
  if (error.verdict == Verdict::row || state == "25006") {
    error.verdict = Verdict::configuration;
    error.code = "BO531";
  }
  return error;
}

class ServerRows final : public RowSource {
 public:
  ServerRows(RowStream stream, std::vector<std::string> cursor)
      : stream_(std::move(stream)), cursor_names_(std::move(cursor)) {}

  Result<Step> next(std::string& payload, std::vector<std::string>& cursor, std::size_t wanted, Time deadline,
                    const std::stop_token& stop) override {
    if (!rows_) {
      BATCHOUT_TRY(const bool came, fetch(wanted, deadline, stop));
      if (!came) return Step::waiting;
    }
    if (rows_->size() == 0) return Step::end;
    payload.clear();
    form_->append(rows_->result(), static_cast<int>(row_), payload);
    cursor.clear();
    for (const int column : cursor_columns_) cursor.emplace_back(rows_->at(row_, column));
    if (++row_ == rows_->size()) rows_.reset();
    return Step::row;
  }

  Result<> restart(std::size_t skipped) override {
    rows_.reset();
    auto restarted = stream_.restart(skipped);
    if (!restarted)
      return std::unexpected(for_query(std::move(restarted).error(), stream_.connection().failed_state()));
    return {};
  }

 private:
  /// False if they have not come yet. After the last row no rows come.
  Result<bool> fetch(std::size_t wanted, Time deadline, const std::stop_token& stop) {
    auto rows = stream_.next(std::min(wanted, fetch_), deadline, stop);
    if (!rows) return std::unexpected(for_query(std::move(rows).error(), stream_.connection().failed_state()));
    if (!*rows) return false;
    if (!form_) BATCHOUT_CHECK(note_columns((*rows)->result()));
    rows_ = std::move(**rows);
    row_ = 0;
    if (rows_->size() > 0)
      fetch_ = std::clamp<std::size_t>(kFetchBytes * rows_->size() / bytes_of(*rows_), 1, kFetchMax);
    return true;
  }

  Result<> note_columns(const PGresult* rows) {
    BATCHOUT_TRY(form_, JsonRow::of(rows, stream_.connection()));
    for (const std::string& name : cursor_names_)
      for (int i = 0; i < PQnfields(rows); ++i)
        if (PQfname(rows, i) == name) cursor_columns_.push_back(i);
    return {};
  }

  RowStream stream_;
  std::vector<std::string> cursor_names_;
  std::vector<int> cursor_columns_;
  std::optional<JsonRow> form_;
  /// Rows that have come, and the next of them.
  std::optional<Rows> rows_;
  std::size_t row_ = 0;
  std::size_t fetch_ = kFetchFirst;
};

std::string source_of(const Address& address) {
  return fmt::format("postgres:{}:{}/{}", address.host, address.port, address.dbname);
}

}  // namespace

PostgresInput::PostgresInput(InputConfig config, const Context& context)
    : RowInput({.source = source_of(config.address(context.folder, context.dialect)),
                .rows_max = config.rows_max(context.dialect),
                .limit_is_news = !config.limit,
                .cursor = config.cursor,
                .resume = config.resume.value_or(context.dialect == Dialect::v1),
                .resume_is_told = config.resume == true},
               context),
      config_(std::move(config)) {}

/// Values come from data: one that its place cannot take, for example a word where a number is compared, finds nothing.
Result<std::unique_ptr<RowSource>> PostgresInput::open(const std::vector<std::string>& behind) {
  if (config_.lacks_value()) return nullptr;
  const BoundSql query = *config_.bound();
  for (const auto& [name, value] : config_.params)
    if (value->contains('\0')) {
      warn_of_nothing(fmt::format("its value contains a NUL character: {}", name));
      return nullptr;
    }
  BoundSql whole = config_.behind(query, behind);
  const Address address = config_.address(context().folder, context().dialect);
  auto stream = RowStream::open(address, context().log,
                                {std::move(whole.text), std::move(whole.values), config_.timeout_sec.value});
  if (stream && !std::exchange(warned_, true))
    if (const std::string warning = stream->connection().trust_warning(address); !warning.empty())
      context().log.warning(warning);
  if (stream) return std::make_unique<ServerRows>(std::move(*stream), config_.cursor);
  Error error = std::move(stream).error();
  if (error.verdict == Verdict::row && !config_.params.empty()) {
    warn_of_nothing(error.message);
    return nullptr;
  }
  return std::unexpected(for_query(std::move(error), {}));
}

}  // namespace batchout::postgres
