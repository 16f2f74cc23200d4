// Lanes on real threads: whatever they finish first, results come in the order in which payloads were handed in.

#include "engine/lanes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "fakes.h"

namespace batchout {
namespace {

/// Gives each payload as one row; every third call takes longer than the others.
class UnevenExtractor final : public fakes::TextExtractor {
 public:
  std::unique_ptr<Program> compile(const Projection& projection) const override {
    class Uneven final : public Program {
     public:
      explicit Uneven(std::unique_ptr<Program> inner) : inner_(std::move(inner)) {}
      void run(const Payloads& payloads, Extraction& out) override {
        if (payloads.entry(0).position % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        inner_->run(payloads, out);
      }

     private:
      std::unique_ptr<Program> inner_;
    };
    return std::make_unique<Uneven>(fakes::TextExtractor::compile(projection));
  }
};

class LanesTest : public ::testing::Test {
 protected:
  LanesTest() : plan_(fakes::plan_of(world_)) {
    plan_.inputs[0].extractor = std::make_shared<UnevenExtractor>();
    for (int i = 0; i < 60; ++i) payloads_.emplace_back().append("p" + std::to_string(i), UnitId{0}, i, i + 1);
  }

  fakes::World world_;
  Plan plan_;
  std::vector<Payloads> payloads_;
};

TEST_F(LanesTest, ResultsKeepTheOrderOfPayloads) {
  for (const std::size_t count : {1, 2, 5}) {
    Lanes lanes(plan_);
    ASSERT_TRUE(lanes.prepare(count, {Context{}}));
    std::vector<std::string> rows;
    const auto collect = [&](bool wait) {
      while (auto mapped = lanes.take(wait)) {
        ASSERT_TRUE(mapped->result);
        for (const Block& block : mapped->tables.front())
          for (std::size_t row = 0; row < block.rows(); ++row) rows.emplace_back(block.column(0).cell(row).text);
      }
    };
    for (const Payloads& payloads : payloads_) {
      lanes.put(0, payloads);
      collect(lanes.full());
    }
    collect(true);
    ASSERT_EQ(rows.size(), payloads_.size()) << count << " lanes";
    for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(rows[i], "p" + std::to_string(i)) << count << " lanes";
  }
}

TEST_F(LanesTest, NothingComesOfWhatWasDropped) {
  Lanes lanes(plan_);
  ASSERT_TRUE(lanes.prepare(3, {Context{}}));
  for (const Payloads& payloads : payloads_) lanes.put(0, payloads);
  lanes.drop();
  EXPECT_FALSE(lanes.take(true));
  lanes.put(0, payloads_[7]);
  const auto mapped = lanes.take(true);
  ASSERT_TRUE(mapped);
  ASSERT_EQ(mapped->tables.front().size(), 1U);
  EXPECT_EQ(mapped->tables.front()[0].column(0).cell(0).text, "p7");
}

TEST_F(LanesTest, EndsWithWorkStillWaiting) {
  Lanes lanes(plan_);
  ASSERT_TRUE(lanes.prepare(2, {Context{}}));
  for (const Payloads& payloads : payloads_) lanes.put(0, payloads);
}

}  // namespace
}  // namespace batchout
