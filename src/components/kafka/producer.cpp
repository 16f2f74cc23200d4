// Sending and waiting. Librdkafka numbers the messages of an idempotent producer, so that what it sends again by itself
// is there once and in order; what we send again after an error may be there twice.

#include "components/kafka/producer.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>

#include "components/kafka/errors.h"
#include "components/kafka/output_settings.h"

namespace batchout::kafka {
namespace {

constexpr int kPollMs = 100;
// For what librdkafka throws away to be reported.
constexpr int kPurgeMs = 2'000;

// The broker or librdkafka does not take messages such as this one, of their size for example or without a key, which
// no repetition changes.
bool is_refusal(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE ||
         code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE || code == RD_KAFKA_RESP_ERR_INVALID_RECORD ||
         code == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
}

}  // namespace

Error error_of_send(rd_kafka_resp_err_t code, std::string_view where, std::string_view reason) {
  const auto with = [&](Verdict verdict, std::string_view error_code, std::string_view text) {
    return Error{verdict, std::string(error_code), fmt::format("{}: {}: {}", text, where, reason), {}};
  };
  if (is_refusal(code))
    return with(Verdict::configuration, kNotTaken,
                "The brokers do not take such a message; raise max.message.bytes of the topic or make rows smaller");
  switch (class_of(code)) {
    case Class::denied:
      return with(Verdict::configuration, kNotTaken,
                  "The brokers refuse this output; check names, access rights, and credentials under `librdkafka`");
    case Class::no_topic:
      return with(Verdict::environment, kNoTopic, "The topic does not exist; create it or correct `topic`");
    case Class::open:
      return with(
          Verdict::environment, kOpen,
          "An error of which it is not known whether it passes by itself; look it up and correct what it names");
    default:
      return with(Verdict::environment, kNotAcknowledged,
                  "The brokers have not acknowledged all messages; check that they run and that `bootstrap_servers` "
                  "names them");
  }
}

namespace {

// The size of a property that librdkafka knows.
std::size_t size_property(const rd_kafka_conf_t& conf, const char* name) {
  std::array<char, 32> text{};
  std::size_t size = text.size(), value = 0;
  if (rd_kafka_conf_get(&conf, name, text.data(), &size) == RD_KAFKA_CONF_OK)
    std::from_chars(text.data(), text.data() + size, value);
  return value;
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::open(const OutputSettings& settings, Log log, std::size_t together_max) {
  BATCHOUT_TRY(Conf conf, make_conf(settings));
  if (together_max > 0) BATCHOUT_CHECK(set_property(conf.get(), "batch.size", std::to_string(together_max).c_str()));
  std::unique_ptr<Producer> made(new Producer(settings.servers(), std::move(log)));
  made->message_max_ = size_property(*conf, "message.max.bytes");
  made->together_max_ = size_property(*conf, "batch.size");
  rd_kafka_conf_set_opaque(conf.get(), made.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Producer::on_report);
  rd_kafka_conf_set_error_cb(conf.get(), &Producer::on_error);
  rd_kafka_conf_set_log_cb(conf.get(), &Producer::on_log);
  std::array<char, 512> reason{};
  made->client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), reason.data(), reason.size());
  if (made->client_ == nullptr)
    return fail(Verdict::configuration, kWrongSettings,
                fmt::format("librdkafka does not take the settings; correct them: {}", reason.data()));
  static_cast<void>(conf.release());  // Owned by the client now.
  rd_kafka_set_log_queue(made->client_, nullptr);
  return made;
}

// Messages that are still on their way are thrown away: whoever put them does not wait for them any more.
Producer::~Producer() {
  if (client_ == nullptr) return;
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_flush(client_, kPurgeMs);
  rd_kafka_destroy(client_);
}

// ------------------------------------------------------------------------------------------------------ callbacks

void Producer::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto& producer = *static_cast<Producer*>(self);
  --producer.pending_;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  if (is_refusal(message->err)) {
    const bool told_alike =
        message->err == RD_KAFKA_RESP_ERR_INVALID_RECORD || message->err == RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP;
    producer.refused_.push_back({std::bit_cast<std::size_t>(message->_private), !told_alike});
    return;
  }
  producer.note(message->err, message->rkt == nullptr ? "" : rd_kafka_topic_name(message->rkt),
                rd_kafka_err2str(message->err));
}

// What librdkafka gets over by itself shows in the reports if it lasts; the rest would keep every message waiting.
void Producer::on_error(rd_kafka_t* client, int code, const char* reason, void* self) {
  auto& producer = *static_cast<Producer*>(self);
  auto error = reported(code, reason);
  producer.log_.debug(fmt::format("{}: {}", rd_kafka_err2name(error), reason));
  std::array<char, 512> fatal{};
  if (error == RD_KAFKA_RESP_ERR__FATAL) error = rd_kafka_fatal_error(client, fatal.data(), fatal.size());
  const bool lasting = fatal[0] != '\0' || class_of(error) == Class::denied;
  if (lasting)
    producer.note(error, producer.servers_, fatal[0] != '\0' ? fatal.data() : reason);
  else
    producer.trouble_ = reason;
}

void Producer::on_log(const rd_kafka_t* client, int, const char* facility, const char* text) {
  static_cast<const Producer*>(rd_kafka_opaque(client))->log_.debug(fmt::format("{}: {}", facility, text));
}

// The last word about a connection says more than that the time was over.
void Producer::note(rd_kafka_resp_err_t code, std::string_view topic, std::string_view reason) {
  if (error_) return;
  const bool late = code == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT && !trouble_.empty();
  const std::string where = topic == servers_ ? servers_ : fmt::format("{} on {}", topic, servers_);
  error_ = error_of_send(code, where, late ? std::string_view(trouble_) : reason);
}

// -------------------------------------------------------------------------------------------------------- sending

Result<> Producer::check() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

// Callbacks run here. A slice at a time, so that a stop request is heard; brokers that are there still get the time to
// answer, since what they have must not be sent again.
Result<> Producer::wait(const std::stop_token& stop) {
  rd_kafka_poll(client_, kPollMs);
  if (!stop.stop_requested()) return {};
  const auto now = std::chrono::steady_clock::now();
  if (!stop_seen_) stop_seen_ = now;
  if (now < *stop_seen_ + kStopGrace) return {};
  return fail(Verdict::environment, kNotAcknowledged,
              fmt::format("The run was stopped while messages waited for the brokers' answer: {}{}{}", servers_,
                          trouble_.empty() ? "" : ": ", trouble_));
}

Result<> Producer::put(const OutgoingMessage& message, std::size_t number, const std::stop_token& stop) {
  const std::string topic(message.topic);
  for (;;) {
    BATCHOUT_CHECK(check());
    Handle<rd_kafka_headers_t> headers;
    if (!message.headers.empty()) headers.reset(rd_kafka_headers_new(message.headers.size()));
    for (const Header& header : message.headers)
      rd_kafka_header_add(headers.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    const char* key = !message.key ? nullptr : message.key->empty() ? "" : message.key->data();
    const auto code = rd_kafka_producev(
        client_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, message.key.value_or("").size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(message.value.data()), message.value.size()),
        RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_OPAQUE(std::bit_cast<void*>(number)), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      static_cast<void>(headers.release());  // Owned by the message now.
      ++pending_;
      return {};
    }
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      return std::unexpected(error_of_send(code, fmt::format("{} on {}", topic, servers_), rd_kafka_err2str(code)));
    BATCHOUT_CHECK(wait(stop));
  }
}

// Every message is reported within message.timeout.ms, so the wait ends. After a first failure the others are not
// waited for: they are sent again with the whole batch.
Result<> Producer::flush(const std::stop_token& stop) {
  while (pending_ > 0 && !error_) BATCHOUT_CHECK(wait(stop));
  return check();
}

}  // namespace batchout::kafka
