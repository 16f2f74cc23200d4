// Session messages for measuring: the message of the README, with more sessions and fields that nobody asks for.
//
// Deterministic: message number n is always the same text, about 700 bytes with 1 to 8 sessions.

#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace batchout::bench {

/// Message number `number`, without a line end.
inline std::string session_message(std::uint64_t number) {
  // A multiplicative generator is enough: no figure depends on its quality.
  std::uint64_t state = (number + 1) * 6364136223846793005u;
  const auto next = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  static constexpr const char* kAgents[] = {"chrome", "firefox", "safari", "Mozilla/5.0 (X11; Linux x86_64)",
                                            "curl/8.5"};
  static constexpr const char* kSystems[] = {"linux", "windows", "macos", "android"};
  std::string text;
  auto out = std::back_inserter(text);
  const auto time = [&](int year) {
    return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}", year, 1 + next(12), 1 + next(28), next(24), next(60),
                       next(60));
  };
  fmt::format_to(out, R"({{"user":{{"id":"user{:07}","last_seen":"{}","plan":"{}","score":{}}},"sessions":[)", number,
                 time(2024), next(2) == 0 ? "free" : "team", next(100'000));
  const std::uint64_t sessions = 1 + next(8);
  for (std::uint64_t i = 0; i < sessions; ++i)
    fmt::format_to(
        out, R"({}{{"id":"s{:07}-{}","created_at":"{}","device":{{"useragent":"{}","os":"{}"}},"seconds":{}.{}}})",
        i > 0 ? "," : "", number, i, time(2023), kAgents[next(5)], kSystems[next(4)], next(5000), next(10));
  fmt::format_to(out,
                 R"(],"source":"gateway-{}","region":"eu-{}","retry":false,"trace":{{"id":"{:016x}","parent":null}}}})",
                 next(4), next(3), state);
  return text;
}

}  // namespace batchout::bench
