// What the status of a response means.

#include "components/http/status.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace batchout {
namespace {

TEST(HttpStatus, HasAVerdictForEachThatCanCome) {
  constexpr long kPassing[] = {408, 425, 429, 500, 502, 503, 504};
  constexpr long kOfTheRequest[] = {400, 404, 405, 410, 413, 422};
  // Whoever asks is refused, or the way is wrong.
  constexpr long kOthers[] = {401, 402, 403, 406, 407, 409, 411, 412, 414, 415, 416, 417, 418, 421, 423, 424, 426,
                              428, 431, 451, 501, 505, 506, 507, 508, 510, 511, 520, 599, 100, 199, 600, 999};
  for (const long status : kPassing) EXPECT_EQ(verdict_of_status(status), Verdict::environment) << status;
  for (const long status : kOfTheRequest) EXPECT_EQ(verdict_of_status(status), Verdict::row) << status;
  for (const long status : kOthers) EXPECT_EQ(verdict_of_status(status), Verdict::configuration) << status;
  int known = 0;
  for (long status = 0; status < 1000; ++status) known += verdict_of_status(status) != Verdict::configuration ? 1 : 0;
  EXPECT_EQ(known, 13) << "one is not in these lists";
}

}  // namespace
}  // namespace batchout
