// What a partition is known by.

#include "components/kafka/landmark.h"

#include <gtest/gtest.h>

namespace batchout::kafka {
namespace {

struct Message {
  std::string_view value = "apple";
  std::string_view key = "fruit";
  std::int64_t time = 1'795'760'400'123;
  Payloads::State state = Payloads::State::usable;
};

std::uint64_t sum_of(const Message& message) {
  Payloads payloads;
  payloads.append(message.value, UnitId{}, 41, 42, message.state);
  payloads.note(MetaField::timestamp, message.time);
  payloads.note(MetaField::key, message.key);
  const Witness witness = witness_of(payloads, 0);
  EXPECT_EQ(witness.offset, 41);
  return witness.sum;
}

TEST(KafkaLandmark, TheSumIsOfTimeKeyAndValue) {
  const std::uint64_t sum = sum_of({});
  EXPECT_EQ(sum_of({}), sum);
  EXPECT_NE(sum_of({.value = "pear"}), sum);
  EXPECT_NE(sum_of({.key = "herbs"}), sum);
  EXPECT_NE(sum_of({.time = 1'795'760'400'124}), sum);
  EXPECT_NE(sum_of({.value = "", .state = Payloads::State::missing}), sum_of({.value = ""}));
  EXPECT_NE(sum_of({.value = "tapple", .key = "frui"}), sum);
  const std::string longer(5000, 'x');
  EXPECT_NE(sum_of({.value = longer}), sum_of({.value = std::string_view(longer).substr(1)})) << "by its size";
}

TEST(KafkaLandmark, ATokenIsReadAsItWasWritten) {
  const Landmark known{"mWw0Nn5cQ1GVt6VhEJmYzg", Witness{4710, 0xaf63bd4c8601b7df}};
  EXPECT_EQ(known.token(), "mWw0Nn5cQ1GVt6VhEJmYzg&before=4710&fnv1a=af63bd4c8601b7df");
  EXPECT_EQ(Landmark::of(known.token()).cluster, known.cluster);
  EXPECT_EQ(Landmark::of(known.token()).witness, known.witness);
  EXPECT_EQ(Landmark::of(Landmark{"", known.witness}.token()).witness, known.witness);
  EXPECT_EQ((Landmark{"abc", std::nullopt}).token(), "abc");
}

// Earlier versions stored the cluster alone; whatever else stands there is no more than a cluster that is not this one.
TEST(KafkaLandmark, WhatHasAnotherFormIsACluster) {
  for (const std::string_view token : {"", "mWw0Nn5cQ1GVt6VhEJmYzg", "a&before=1", "a&fnv1a=1", "a&before=&fnv1a=1",
                                       "a&before=1&fnv1a=", "a&before=1x&fnv1a=1", "a&before=1&fnv1a=1g",
                                       "a&fnv1a=1&before=2", "a&before=99999999999999999999&fnv1a=1"}) {
    EXPECT_EQ(Landmark::of(token).cluster, token);
    EXPECT_FALSE(Landmark::of(token).witness) << token;
  }
}

}  // namespace
}  // namespace batchout::kafka
