// Places where a test build can be killed, stopped or made to misbehave, to show that delivery holds and that the tests
// would notice if it did not.

#pragma once

#include <string_view>

namespace batchout {

/// False in builds without BATCHOUT_FAILPOINTS, whatever the environment says. In others the variable
/// BATCHOUT_FAILPOINT lists what is to happen, with commas between: `name` answers true at the point of that name,
/// which turns a safeguard off; `kill:name:3` ends the process by SIGKILL the third time it comes by, `stop:name:3`
/// halts it by SIGSTOP. Thread-safe.
bool failpoint(std::string_view name);

/// For tests within a process: such a list in the place of the environment's, with counts that begin anew. False, and
/// nothing happens, in builds without BATCHOUT_FAILPOINTS. Thread-safe.
bool set_failpoints(std::string_view list);

}  // namespace batchout
