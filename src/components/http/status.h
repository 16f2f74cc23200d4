// What the status of a response means.

#pragma once

#include "batchout/result.h"

namespace batchout {

/// Of a status that is no success and no redirection: environment, since the same request may be answered later; row,
/// since the server refuses this request and would answer others; configuration, since it refuses whoever asks.
constexpr Verdict verdict_of_status(long status) {
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return Verdict::environment;
    case 400:
    case 404:
    case 405:
    case 410:
    case 413:
    case 422:
      return Verdict::row;
    default:
      return Verdict::configuration;
  }
}

}  // namespace batchout
