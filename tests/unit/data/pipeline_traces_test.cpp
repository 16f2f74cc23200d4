// Which pipelines of one name are the same one.

#include "data/pipeline_traces.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

TEST(PipelineTraces, OneThingInCommonIsEnough) {
  const PipelineTraces kept{.sources = {"kafka:a", "kafka:b"}, .targets = {"x", "y"}};
  EXPECT_TRUE(same_pipeline("p", kept, {.sources = {"kafka:b", "kafka:c"}, .targets = {"z"}}));
  EXPECT_TRUE(same_pipeline("p", kept, {.sources = {"kafka:c"}, .targets = {"y", "z"}}));
  EXPECT_TRUE(same_pipeline("p", kept, kept));
}

TEST(PipelineTraces, NothingInCommonIsAnotherOne) {
  const PipelineTraces kept{.sources = {"kafka:a", "kafka:b"}, .targets = {"x"}};
  const auto refused = same_pipeline("batch", kept, {.sources = {"kafka:c"}, .targets = {"y"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "BO581");
  EXPECT_EQ(refused.error().verdict, Verdict::configuration);
  EXPECT_EQ(
      refused.error().message,
      "Another pipeline of this name keeps its positions there; give this one a name of its own (pipeline: {name: "
      "...}), or, if the other is no more, have its positions forgotten by `batchout positions reset`: \"batch\" "
      "reads kafka:a, kafka:b and writes to x, this one reads kafka:c and writes to y");
}

// Names of files and tables may come from variables.
TEST(PipelineTraces, OnePlaceIsEnough) {
  const PipelineTraces kept{.sources = {"file:1"}, .targets = {"t_1"}, .place = "/srv/a/"};
  EXPECT_TRUE(same_pipeline("p", kept, {.sources = {"file:2"}, .targets = {"t_2"}, .place = "/srv/a/"}));
  EXPECT_FALSE(same_pipeline("p", kept, {.sources = {"file:2"}, .targets = {"t_2"}, .place = "/srv/b/"}));
  const PipelineTraces earlier{.sources = {"file:1"}, .targets = {"t_1"}, .place = {}};
  EXPECT_FALSE(same_pipeline("p", earlier, {.sources = {"file:2"}, .targets = {"t_2"}, .place = {}}));
}

// Inputs claim one after the other.
TEST(PipelineTraces, WhatIsReadLaterCounts) {
  const PipelineTraces kept{.sources = {"kafka:a", "kafka:b"}, .targets = {"x"}};
  const auto now = [](std::string_view later) {
    return PipelineTraces{.sources = {"kafka:c"}, .targets = {"y"}, .reads = [later](std::string_view source) {
                            return source == later;
                          }};
  };
  EXPECT_TRUE(same_pipeline("p", kept, now("kafka:b")));
  EXPECT_FALSE(same_pipeline("p", kept, now("kafka:d")));
}

TEST(PipelineTraces, AFolderHasOneText) {
  EXPECT_EQ(place_of_pipeline("/srv/./x/../a b"), "/srv/a%20b/");
  EXPECT_EQ(place_of_pipeline("/srv/a b/"), "/srv/a%20b/");
  EXPECT_EQ(place_of_pipeline("\xff/.."), place_of_pipeline(""));
}

// Of an earlier version, or after a reset.
TEST(PipelineTraces, NothingKeptSaysNothing) {
  const PipelineTraces now{.sources = {"kafka:c"}, .targets = {"y"}};
  EXPECT_TRUE(same_pipeline("p", {}, now));
  EXPECT_TRUE(same_pipeline("p", {.sources = {"kafka:a"}, .targets = {}}, now));
  EXPECT_TRUE(same_pipeline("p", {.sources = {}, .targets = {"x"}}, now));
}

}  // namespace
}  // namespace batchout
