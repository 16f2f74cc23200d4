// What librdkafka's error codes mean to us: one table of codes, one of sentences.

#include "components/kafka/errors.h"

#include <fmt/format.h>

namespace batchout::kafka {

// Codes that are not listed are taken for a passing illness.
Class class_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return Class::none;
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__NO_OFFSET:
      return Class::membership;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return Class::gap;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return Class::no_topic;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:  // An invalid name.
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
      return Class::denied;
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return Class::unreadable;
    case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL:
      return Class::group_differs;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return Class::replaced;
    default:
      return Class::unwell;
  }
}

rd_kafka_resp_err_t reported(int code, std::string_view reason) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  const bool refused = reason.contains("certificate verify failed") || reason.contains("alert bad certificate") ||
                       reason.contains("alert unknown ca") || reason.contains("certificate required");
  return error == RD_KAFKA_RESP_ERR__TRANSPORT && refused ? RD_KAFKA_RESP_ERR__SSL : error;
}

namespace {

struct Sentence {
  Verdict verdict;
  std::string_view code;
  std::string_view text;
};

// Classes without a sentence of their own (gap, membership) are met as errors only where nobody expects them, and count
// as unwell.
Sentence sentence_of(Class kind) {
  switch (kind) {
    case Class::denied:
      return {Verdict::configuration, kDenied,
              "The broker refuses this input; check names, access rights, and credentials under `librdkafka`"};
    case Class::no_topic:
      return {Verdict::environment, kNoTopic, "The topic does not exist; create it or correct `topic`"};
    case Class::unreadable:
      return {Verdict::configuration, kUnreadable,
              "The partition has data that cannot be read; repair it, or store a position behind it"};
    case Class::group_differs:
      return {Verdict::configuration, kGroupDiffers,
              "The other members of the group share partitions in another way; set partition.assignment.strategy "
              "under `librdkafka` as they do"};
    case Class::replaced:
      return {Verdict::fenced, kReplaced,
              "Another consumer has taken this one's place in the group; give each process a group.instance.id of "
              "its own"};
    default:
      return {Verdict::environment, kUnreachable,
              "The brokers do not answer as they should; check that they run and that `bootstrap_servers` names them"};
  }
}

}  // namespace

// Without a place, which the input's caller adds.
Error error_of(rd_kafka_resp_err_t code, std::string_view detail) {
  const Sentence sentence = sentence_of(class_of(code));
  const std::string_view reason = detail.empty() ? rd_kafka_err2str(code) : detail;
  return {sentence.verdict, std::string(sentence.code), fmt::format("{}: {}", sentence.text, reason), {}};
}

}  // namespace batchout::kafka
