// What librdkafka's error codes mean to us: one table of codes, one of sentences.

#include "components/kafka/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace batchout::kafka {

namespace {

using Code = rd_kafka_resp_err_t;

// Two of them are orders, not errors.
constexpr Code kNoneCodes[] = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__PARTITION_EOF,
                               RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS};
constexpr Code kUnwellCodes[] = {RD_KAFKA_RESP_ERR__DESTROY,
                                 RD_KAFKA_RESP_ERR__TRANSPORT,
                                 RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE,
                                 RD_KAFKA_RESP_ERR__RESOLVE,
                                 RD_KAFKA_RESP_ERR__MSG_TIMED_OUT,
                                 RD_KAFKA_RESP_ERR__FS,
                                 RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
                                 RD_KAFKA_RESP_ERR__TIMED_OUT,
                                 RD_KAFKA_RESP_ERR__QUEUE_FULL,
                                 RD_KAFKA_RESP_ERR__ISR_INSUFF,
                                 RD_KAFKA_RESP_ERR__NODE_UPDATE,
                                 RD_KAFKA_RESP_ERR__WAIT_COORD,
                                 RD_KAFKA_RESP_ERR__IN_PROGRESS,
                                 RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS,
                                 RD_KAFKA_RESP_ERR__OUTDATED,
                                 RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE,
                                 RD_KAFKA_RESP_ERR__WAIT_CACHE,
                                 RD_KAFKA_RESP_ERR__INTR,
                                 RD_KAFKA_RESP_ERR__PARTIAL,
                                 RD_KAFKA_RESP_ERR__RETRY,
                                 RD_KAFKA_RESP_ERR__PURGE_QUEUE,
                                 RD_KAFKA_RESP_ERR__PURGE_INFLIGHT,
                                 RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                 RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                 RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH,
                                 RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
                                 RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                 RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                 RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                 RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                                 RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
                                 RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                                 RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER,
                                 RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
                                 RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                                 RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                                 RD_KAFKA_RESP_ERR_LOG_DIR_NOT_FOUND,
                                 RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
                                 RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS,
                                 RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND,
                                 RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH,
                                 RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND,
                                 RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
                                 RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
                                 RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH,
                                 RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE,
                                 RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
                                 RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED};
constexpr Code kMembershipCodes[] = {
    RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,  RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
    RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,   RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, RD_KAFKA_RESP_ERR__STATE,
    RD_KAFKA_RESP_ERR__NO_OFFSET,         RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED};
constexpr Code kGapCodes[] = {RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE};
constexpr Code kNoTopicCodes[] = {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
// TOPIC_EXCEPTION is an invalid name.
constexpr Code kDeniedCodes[] = {RD_KAFKA_RESP_ERR__AUTHENTICATION,
                                 RD_KAFKA_RESP_ERR__SSL,
                                 RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
                                 RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
                                 RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                 RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                                 RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                 RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION,
                                 RD_KAFKA_RESP_ERR_INVALID_GROUP_ID,
                                 RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT,
                                 RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE,
                                 RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                                 RD_KAFKA_RESP_ERR_SECURITY_DISABLED,
                                 RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTH_DISABLED,
                                 RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_NOT_FOUND,
                                 RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_OWNER_MISMATCH,
                                 RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED,
                                 RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED,
                                 RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED,
                                 RD_KAFKA_RESP_ERR_INVALID_PRINCIPAL_TYPE,
                                 RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE,
                                 RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED,
                                 RD_KAFKA_RESP_ERR_UNACCEPTABLE_CREDENTIAL};
constexpr Code kUnreadableCodes[] = {RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION,
                                     RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE,
                                     RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE};
constexpr Code kGroupDiffersCodes[] = {RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
                                       RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL};
constexpr Code kReplacedCodes[] = {RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED,
                                   RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID};

struct ClassOfCodes {
  Class error_class;
  std::span<const Code> codes;
};

constexpr ClassOfCodes kClasses[] = {
    {Class::none, kNoneCodes},
    {Class::unwell, kUnwellCodes},
    {Class::membership, kMembershipCodes},
    {Class::gap, kGapCodes},
    {Class::no_topic, kNoTopicCodes},
    {Class::denied, kDeniedCodes},
    {Class::unreadable, kUnreadableCodes},
    {Class::group_differs, kGroupDiffersCodes},
    {Class::replaced, kReplacedCodes},
};

}  // namespace

Class class_of(rd_kafka_resp_err_t code) {
  for (const auto& [error_class, codes] : kClasses)
    if (std::ranges::find(codes, code) != codes.end()) return error_class;
  return Class::open;
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
    case Class::open:
      return {Verdict::environment, kOpen,
              "An error of which it is not known whether it passes by itself; look it up and correct what it names"};
    default:
      return {Verdict::environment, kUnreachable,
              "The brokers do not answer as they should; check that they run and that `bootstrap_servers` names them"};
  }
}

constexpr int kTriesMax = 5;
// Errors that come faster are of one try.
constexpr std::chrono::seconds kBetweenTries{1};

}  // namespace

Error Patience::judged(Error error, Clock::time_point now) {
  if (error.code != kOpen) return error;
  if (tries_ == 0 || now - last_ >= kBetweenTries) {
    ++tries_;
    last_ = now;
  }
  if (tries_ < kTriesMax) return error;
  error.message += fmt::format("; tried {} times", tries_);
  error.verdict = Verdict::configuration;
  return error;
}

// Without a place, which the input's caller adds.
Error error_of(rd_kafka_resp_err_t code, std::string_view detail) {
  const Sentence sentence = sentence_of(class_of(code));
  const std::string_view reason = detail.empty() ? rd_kafka_err2str(code) : detail;
  return {sentence.verdict, std::string(sentence.code), fmt::format("{}: {}", sentence.text, reason), {}};
}

}  // namespace batchout::kafka
