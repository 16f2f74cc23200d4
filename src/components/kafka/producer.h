// librdkafka's idempotent producer behind one call: give all messages to the brokers and wait until they have them.
//
// Callbacks only record; they run inside `send`, on the caller's thread.

#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/log.h"
#include "batchout/result.h"
#include "components/kafka/handles.h"

namespace batchout::kafka {

struct OutputSettings;

/// The Error for a message that was not sent or not acknowledged; `where` names topic and servers.
Error error_of_send(rd_kafka_resp_err_t code, std::string_view where, std::string_view reason);

/// A message that a broker has refused for what it is, or together with one that is at fault.
struct Refused {
  std::size_t number = 0;
  /// Its size is the reason.
  bool too_large = false;
};

struct Header {
  std::string_view name;
  std::string_view value;
};

/// Texts are borrowed for the call.
struct OutgoingMessage {
  std::string_view topic;
  /// None: the message has no key.
  std::optional<std::string_view> key;
  std::string_view value;
  std::span<const Header> headers;
};

/// Used by one thread. Never moves: librdkafka holds its address. Of no use any more after an error.
class Producer {
 public:
  /// Connecting goes on in the background.
  /// `together_max`: bytes of messages to one partition that go together, which brokers take or refuse as a whole; 0:
  /// as librdkafka likes.
  static Result<std::unique_ptr<Producer>> open(const OutputSettings& settings, Log log, std::size_t together_max);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// How long brokers may take for the rest once a stop is requested: time enough for any that answer.
  static constexpr std::chrono::milliseconds kStopGrace{3'000};

  /// Gives a message to librdkafka, which copies it; waits while its queue is full. As long as `flush`. `number` tells
  /// the message from others in `refused`.
  Result<> put(const OutgoingMessage& message, std::size_t number, const std::stop_token& stop);

  /// Waits until the brokers have answered for everything that was put, or kStopGrace after a stop request. An error if
  /// one message was not acknowledged, and not refused either; others may be there then.
  Result<> flush(const std::stop_token& stop);

  /// None of them is there.
  const std::vector<Refused>& refused() const { return refused_; }

  /// Bytes of the largest message.
  std::size_t message_max() const { return message_max_; }
  /// Bytes of messages that go together at most.
  std::size_t together_max() const { return together_max_; }

 private:
  Producer(std::string servers, Log log) : servers_(std::move(servers)), log_(std::move(log)) {}

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t*, int code, const char* reason, void* self);
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);

  void note(rd_kafka_resp_err_t code, std::string_view topic, std::string_view reason);
  Result<> check() const;
  Result<> wait(const std::stop_token& stop);

  rd_kafka_t* client_ = nullptr;
  std::string servers_;
  Log log_;
  std::vector<Refused> refused_;
  /// Put and not reported.
  std::size_t pending_ = 0;
  std::size_t message_max_ = 0;
  std::size_t together_max_ = 0;
  /// Since a stop has been noticed.
  std::optional<std::chrono::steady_clock::time_point> stop_seen_;
  /// The first one.
  std::optional<Error> error_;
  /// Librdkafka's last word about a connection.
  std::string trouble_;
};

}  // namespace batchout::kafka
