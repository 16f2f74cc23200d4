// What each of librdkafka's codes means.

#include "components/kafka/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>

#include "components/kafka/producer.h"

namespace batchout::kafka {
namespace {

using ::testing::HasSubstr;

struct Expected {
  Class kind;
  /// Of an Error made of it, which of `none` never is.
  Verdict verdict;
  /// Without RD_KAFKA_RESP_ERR_.
  std::string_view names;
};

// The codes of librdkafka 2.0.2, each once.
constexpr Expected kExpected[] = {
    {Class::none, Verdict::environment, "NO_ERROR _PARTITION_EOF _ASSIGN_PARTITIONS _REVOKE_PARTITIONS"},
    {Class::unwell, Verdict::environment,
     "_DESTROY _TRANSPORT _CRIT_SYS_RESOURCE _RESOLVE _MSG_TIMED_OUT _FS _ALL_BROKERS_DOWN _TIMED_OUT "
     "_QUEUE_FULL _ISR_INSUFF _NODE_UPDATE _WAIT_COORD _IN_PROGRESS _PREV_IN_PROGRESS _OUTDATED "
     "_TIMED_OUT_QUEUE _WAIT_CACHE _INTR _PARTIAL _RETRY _PURGE_QUEUE _PURGE_INFLIGHT LEADER_NOT_AVAILABLE "
     "NOT_LEADER_FOR_PARTITION REQUEST_TIMED_OUT BROKER_NOT_AVAILABLE REPLICA_NOT_AVAILABLE STALE_CTRL_EPOCH "
     "NETWORK_EXCEPTION COORDINATOR_LOAD_IN_PROGRESS COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR "
     "NOT_ENOUGH_REPLICAS NOT_ENOUGH_REPLICAS_AFTER_APPEND NOT_CONTROLLER OUT_OF_ORDER_SEQUENCE_NUMBER "
     "DUPLICATE_SEQUENCE_NUMBER INVALID_PRODUCER_EPOCH CONCURRENT_TRANSACTIONS KAFKA_STORAGE_ERROR "
     "LOG_DIR_NOT_FOUND UNKNOWN_PRODUCER_ID REASSIGNMENT_IN_PROGRESS FETCH_SESSION_ID_NOT_FOUND "
     "INVALID_FETCH_SESSION_EPOCH LISTENER_NOT_FOUND FENCED_LEADER_EPOCH UNKNOWN_LEADER_EPOCH "
     "STALE_BROKER_EPOCH OFFSET_NOT_AVAILABLE PREFERRED_LEADER_NOT_AVAILABLE ELIGIBLE_LEADERS_NOT_AVAILABLE "
     "UNSTABLE_OFFSET_COMMIT THROTTLING_QUOTA_EXCEEDED"},
    {Class::membership, Verdict::environment,
     "ILLEGAL_GENERATION UNKNOWN_MEMBER_ID REBALANCE_IN_PROGRESS _ASSIGNMENT_LOST _MAX_POLL_EXCEEDED _STATE "
     "_NO_OFFSET MEMBER_ID_REQUIRED"},
    {Class::gap, Verdict::environment, "_AUTO_OFFSET_RESET OFFSET_OUT_OF_RANGE"},
    {Class::no_topic, Verdict::environment, "_UNKNOWN_TOPIC _UNKNOWN_PARTITION UNKNOWN_TOPIC_OR_PART"},
    {Class::denied, Verdict::configuration,
     "_AUTHENTICATION _SSL SASL_AUTHENTICATION_FAILED UNSUPPORTED_SASL_MECHANISM TOPIC_AUTHORIZATION_FAILED "
     "GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED TOPIC_EXCEPTION INVALID_GROUP_ID "
     "INVALID_SESSION_TIMEOUT ILLEGAL_SASL_STATE TRANSACTIONAL_ID_AUTHORIZATION_FAILED SECURITY_DISABLED "
     "DELEGATION_TOKEN_AUTH_DISABLED DELEGATION_TOKEN_NOT_FOUND DELEGATION_TOKEN_OWNER_MISMATCH "
     "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED DELEGATION_TOKEN_AUTHORIZATION_FAILED DELEGATION_TOKEN_EXPIRED "
     "INVALID_PRINCIPAL_TYPE UNSUPPORTED_COMPRESSION_TYPE GROUP_MAX_SIZE_REACHED UNACCEPTABLE_CREDENTIAL"},
    {Class::unreadable, Verdict::configuration,
     "_BAD_MSG _BAD_COMPRESSION INVALID_MSG INVALID_MSG_SIZE MSG_SIZE_TOO_LARGE"},
    {Class::group_differs, Verdict::configuration, "INCONSISTENT_GROUP_PROTOCOL _UNKNOWN_PROTOCOL"},
    {Class::replaced, Verdict::fenced, "_FATAL _FENCED FENCED_INSTANCE_ID"},
    {Class::open, Verdict::environment,
     "_FAIL _INVALID_ARG _UNKNOWN_GROUP _EXISTING_SUBSCRIPTION _CONFLICT _NOT_IMPLEMENTED _UNSUPPORTED_FEATURE "
     "_KEY_SERIALIZATION _VALUE_SERIALIZATION _KEY_DESERIALIZATION _VALUE_DESERIALIZATION _READ_ONLY _NOENT "
     "_UNDERFLOW _INVALID_TYPE _INCONSISTENT _GAPLESS_GUARANTEE _UNKNOWN_BROKER _NOT_CONFIGURED _APPLICATION "
     "_NOOP UNKNOWN OFFSET_METADATA_TOO_LARGE RECORD_LIST_TOO_LARGE INVALID_REQUIRED_ACKS "
     "INVALID_COMMIT_OFFSET_SIZE INVALID_TIMESTAMP UNSUPPORTED_VERSION TOPIC_ALREADY_EXISTS INVALID_PARTITIONS "
     "INVALID_REPLICATION_FACTOR INVALID_REPLICA_ASSIGNMENT INVALID_CONFIG INVALID_REQUEST "
     "UNSUPPORTED_FOR_MESSAGE_FORMAT POLICY_VIOLATION INVALID_TXN_STATE INVALID_PRODUCER_ID_MAPPING "
     "INVALID_TRANSACTION_TIMEOUT TRANSACTION_COORDINATOR_FENCED OPERATION_NOT_ATTEMPTED NON_EMPTY_GROUP "
     "GROUP_ID_NOT_FOUND TOPIC_DELETION_DISABLED ELECTION_NOT_NEEDED NO_REASSIGNMENT_IN_PROGRESS "
     "GROUP_SUBSCRIBED_TO_TOPIC INVALID_RECORD PRODUCER_FENCED RESOURCE_NOT_FOUND DUPLICATE_RESOURCE "
     "INCONSISTENT_VOTER_SET INVALID_UPDATE_VERSION FEATURE_UPDATE_FAILED PRINCIPAL_DESERIALIZATION_FAILURE"},
};

// What librdkafka itself has, by name.
std::map<std::string, rd_kafka_resp_err_t> known_codes() {
  const struct rd_kafka_err_desc* all = nullptr;
  std::size_t count = 0;
  rd_kafka_get_err_descs(&all, &count);
  std::map<std::string, rd_kafka_resp_err_t> known;
  for (std::size_t i = 0; i < count; ++i)
    if (all[i].name != nullptr && all[i].desc != nullptr) known[all[i].name] = all[i].code;
  known.erase("_BEGIN");
  known.erase("_END");
  return known;
}

TEST(KafkaErrorTable, HasAVerdictForEveryCodeOfLibrdkafka) {
  std::map<std::string, rd_kafka_resp_err_t> left = known_codes();
  EXPECT_GT(left.size(), 150u);
  for (const Expected& expected : kExpected) {
    std::istringstream names{std::string(expected.names)};
    for (std::string name; names >> name;) {
      const auto found = left.find(name);
      ASSERT_NE(found, left.end()) << name << " is there twice, or not librdkafka's";
      EXPECT_EQ(class_of(found->second), expected.kind) << name;
      EXPECT_EQ(error_of(found->second).verdict, expected.verdict) << name;
      left.erase(found);
    }
  }
  for (const auto& [name, code] : left) ADD_FAILURE() << name << " has no verdict in this table";
}

TEST(KafkaErrorTable, CodesOfNewerBrokersAreOpen) {
  for (const int code : {98, 119, 255, -2, -99, -201})
    EXPECT_EQ(class_of(static_cast<rd_kafka_resp_err_t>(code)), Class::open) << code;
}

TEST(KafkaErrorTable, ASendHasAVerdictForEveryCode) {
  std::map<std::string, std::string> others = {{"MSG_SIZE_TOO_LARGE", "BO572"},
                                               {"INVALID_MSG_SIZE", "BO572"},
                                               {"RECORD_LIST_TOO_LARGE", "BO572"},
                                               {"INVALID_RECORD", "BO572"},
                                               {"INVALID_TIMESTAMP", "BO572"}};
  for (const auto& [name, code] : known_codes()) {
    std::string expected = others[name];
    if (expected.empty()) {
      const Class kind = class_of(code);
      expected = kind == Class::denied     ? "BO572"
                 : kind == Class::no_topic ? "BO512"
                 : kind == Class::open     ? "BO574"
                                           : "BO571";
    }
    const Error error = error_of_send(code, "topic", "reason");
    EXPECT_EQ(error.code, expected) << name;
    EXPECT_EQ(error.verdict, expected == "BO572" ? Verdict::configuration : Verdict::environment) << name;
  }
}

TEST(KafkaErrorTable, WhatNobodyKnowsOfComesToAnEnd) {
  const auto open = static_cast<rd_kafka_resp_err_t>(119);
  Patience patience;
  Patience::Clock::time_point now{};
  // An answer has one for each of six partitions.
  for (int i = 1; i <= 6; ++i) EXPECT_EQ(patience.judged(error_of(open), now).verdict, Verdict::environment) << i;
  for (int i = 2; i <= 4; ++i)
    EXPECT_EQ(patience.judged(error_of(open), now += std::chrono::seconds(1)).verdict, Verdict::environment) << i;
  EXPECT_EQ(patience.judged(error_of(RD_KAFKA_RESP_ERR__TRANSPORT)).verdict, Verdict::environment);
  const Error last = patience.judged(error_of(open), now += std::chrono::seconds(1));
  EXPECT_EQ(last.verdict, Verdict::configuration);
  EXPECT_EQ(last.code, "BO574");
  EXPECT_THAT(last.message, HasSubstr("tried 5 times"));
  EXPECT_EQ(patience.judged(error_of(RD_KAFKA_RESP_ERR__TRANSPORT)).verdict, Verdict::environment);
  patience.restore();
  EXPECT_EQ(patience.judged(error_of(open)).verdict, Verdict::environment);
}

}  // namespace
}  // namespace batchout::kafka
