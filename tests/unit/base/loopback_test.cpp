// Which addresses are this machine's own.

#include "base/loopback.h"

#include <gtest/gtest.h>

namespace batchout {
namespace {

TEST(Loopback, IsAWholeAddress) {
  for (const std::string_view own : {"localhost", "127.0.0.1", "127.8.9.1", "::1", "0:0:0:0:0:0:0:1"})
    EXPECT_TRUE(is_loopback(own)) << own;
  for (const std::string_view other : {"", "localhost.evil.org", "127.evil.org", "127.0.0.1.evil.org", "127.0.0",
                                       "10.0.0.1", "::2", "[::1]", " localhost", "localhost "})
    EXPECT_FALSE(is_loopback(other)) << other;
  EXPECT_FALSE(is_loopback(std::string_view("127.0.0.1\0.evil.org", 19)));
}

}  // namespace
}  // namespace batchout
