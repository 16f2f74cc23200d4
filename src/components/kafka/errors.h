// What librdkafka's error codes mean to us.

#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "batchout/result.h"

namespace batchout::kafka {

/// A partition ends before our position, or holds another message there.
inline constexpr std::string_view kRewound = "BO510";
/// Credentials, rights or encryption.
inline constexpr std::string_view kDenied = "BO511";
/// The topic does not exist (yet).
inline constexpr std::string_view kNoTopic = "BO512";
/// Another consumer has our place for good.
inline constexpr std::string_view kReplaced = "BO513";
/// `start: committed`, and nothing is committed.
inline constexpr std::string_view kNoPosition = "BO514";
/// No broker answers.
inline constexpr std::string_view kUnreachable = "BO515";
/// Stored data that cannot be read.
inline constexpr std::string_view kUnreadable = "BO516";
/// Offsets could not be committed to the group.
inline constexpr std::string_view kNotCommitted = "BO517";
/// librdkafka does not take the settings.
inline constexpr std::string_view kWrongSettings = "BO518";
/// The group's members do not agree on how to share.
inline constexpr std::string_view kGroupDiffers = "BO519";
/// A position belongs to another cluster.
inline constexpr std::string_view kOtherCluster = "BO520";

/// Nobody says whether it passes.
inline constexpr std::string_view kOpen = "BO574";

/// Messages that the brokers did not acknowledge.
inline constexpr std::string_view kNotAcknowledged = "BO571";
/// Messages that the brokers refuse.
inline constexpr std::string_view kNotTaken = "BO572";
/// The settings name a column that is not written.
inline constexpr std::string_view kNoColumn = "BO573";

enum class Class : std::uint8_t {
  /// librdkafka tries again by itself; so do we.
  unwell,
  /// The group is changing; an assignment follows.
  membership,
  /// The position is outside of what the partition holds.
  gap,
  /// Not there, or not yet.
  no_topic,
  /// Whoever asks has to be somebody else, or ask for something else.
  denied,
  /// What the broker has is damaged; asking again does not help.
  unreadable,
  /// The members have no assignment strategy in common.
  group_differs,
  /// The consumer has come to its end: another one is what it was.
  replaced,
  /// Any other, also of newer brokers: it may pass or not.
  open,
  /// Not an error.
  none,
};

/// Codes that begin with two underscores are librdkafka's own, the others come from a broker.
Class class_of(rd_kafka_resp_err_t code);

/// The code that a client's error callback should have been given: librdkafka tells a certificate that was not accepted
/// as
/// __TRANSPORT if the first step of the handshake meets it already, and as __SSL if a later one does.
rd_kafka_resp_err_t reported(int code, std::string_view reason);

/// The Error for a code; `detail` is librdkafka's own text, or empty for its name of the code.
Error error_of(rd_kafka_resp_err_t code, std::string_view detail = {});

/// What nobody says of whether it passes comes to an end, too: the fifth try in a row that ends so is something to
/// correct. What comes within a second is one try: an answer of a broker may have an error for each partition.
class Patience {
 public:
  using Clock = std::chrono::steady_clock;

  Error judged(Error error, Clock::time_point now = Clock::now());
  template <class T>
  Result<T> judged(Result<T> result) {
    if (result) return result;
    return std::unexpected(judged(std::move(result).error()));
  }
  /// Something was achieved.
  void restore() { tries_ = 0; }

 private:
  int tries_ = 0;
  Clock::time_point last_{};
};

}  // namespace batchout::kafka
