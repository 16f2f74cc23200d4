// Suggestions for mistyped names.

#include "config/wording.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace batchout {
namespace {

const std::vector<std::string> kKeys{"bootstrap_servers", "consumer_group", "topic", "timeout_sec", "url"};

TEST(NearMiss, FindsTheWordThatIsFewMistakesAway) {
  EXPECT_EQ(near_miss("tpoic", kKeys), "topic");
  EXPECT_EQ(near_miss("TOPIC", kKeys), "topic");
  EXPECT_EQ(near_miss("topics", kKeys), "topic");
  EXPECT_EQ(near_miss("bootstrap-server", kKeys), "bootstrap_servers");
  EXPECT_EQ(near_miss("uri", kKeys), "url");
}

TEST(NearMiss, FindsAWordByItsPart) {
  EXPECT_EQ(near_miss("servers", kKeys), "bootstrap_servers");
  EXPECT_EQ(near_miss("timeout", kKeys), "timeout_sec");
}

TEST(NearMiss, DoesNotGuessWildly) {
  EXPECT_EQ(near_miss("password", kKeys), std::nullopt);
  EXPECT_EQ(near_miss("", kKeys), std::nullopt);
  EXPECT_EQ(near_miss("x", {}), std::nullopt);
  EXPECT_EQ(near_miss(std::string(1'000'000, 't'), kKeys), std::nullopt);
  EXPECT_EQ(suggestion("password", kKeys, "known keys:"),
            "known keys: bootstrap_servers, consumer_group, topic, timeout_sec, url");
}

}  // namespace
}  // namespace batchout
