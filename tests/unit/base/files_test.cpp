// What errno means for a caller.

#include "base/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

namespace batchout {
namespace {

// Right, place or kind of the file: it stays so until somebody corrects it.
constexpr int kConfiguration[] = {EACCES, EPERM,        ENOENT, ENOTDIR, EISDIR, EROFS,
                                  ELOOP,  ENAMETOOLONG, ENXIO,  ENODEV,  EPIPE,  EBADF};
// Space, hardware, limits of the process and the system, and what others hold.
constexpr int kEnvironment[] = {ENOSPC,    EDQUOT,   EIO,       EMFILE,   ENFILE, ENOMEM,  EINTR,     EAGAIN,
                                EBUSY,     ETXTBSY,  ENOLCK,    EDEADLK,  ESTALE, EFBIG,   ETIMEDOUT, ECONNRESET,
                                EREMOTEIO, ENOTCONN, EHOSTDOWN, ENETDOWN, EINVAL, ENOBUFS, EUCLEAN};

TEST(Files, EveryErrnoHasAVerdict) {
  for (const int number : kConfiguration) EXPECT_EQ(verdict_of_errno(number), Verdict::configuration) << number;
  for (const int number : kEnvironment) EXPECT_EQ(verdict_of_errno(number), Verdict::environment) << number;
  // Trying again is the safer guess for what is not known.
  for (int number = 1; number < 4096; ++number)
    EXPECT_EQ(verdict_of_errno(number) == Verdict::configuration,
              std::ranges::find(kConfiguration, number) != std::end(kConfiguration))
        << number;
}

}  // namespace
}  // namespace batchout
