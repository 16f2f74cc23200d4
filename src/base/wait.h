// Waiting that ends early when a stop is requested.

#pragma once

#include <chrono>
#include <stop_token>

namespace batchout {

/// Sleeps until `deadline` or until `stop` is requested, whichever comes first.
void wait_until(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

}  // namespace batchout
