// The build decides: only this file knows whether there are failpoints.

#include "base/failpoint.h"

#ifdef BATCHOUT_FAILPOINTS

#include <csignal>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

namespace batchout {
namespace {

struct Deed {
  int signal = 0;  // 0: the point answers true.
  long left = 1;   // Times that it is still to be passed, this one included.
};

using Deeds = std::map<std::string, Deed, std::less<>>;

// `name`, or `kill:name:N`, `stop:name:N`.
void add_deed(std::string_view text, Deeds& deeds) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    if (!text.empty()) deeds[std::string(text)] = {};
    return;
  }
  const std::size_t second = text.find(':', colon + 1);
  const std::string name(text.substr(colon + 1, second - colon - 1));
  const std::string times(second == std::string_view::npos ? "1" : text.substr(second + 1));
  deeds[name] = {text.substr(0, colon) == "stop" ? SIGSTOP : SIGKILL, std::strtol(times.c_str(), nullptr, 10)};
}

Deeds deeds_of(std::string_view rest) {
  Deeds deeds;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    add_deed(rest.substr(0, comma), deeds);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return deeds;
}

Deeds deeds_of_environment() {
  const char* const text = std::getenv("BATCHOUT_FAILPOINT");
  return deeds_of(text == nullptr ? "" : text);
}

struct State {
  std::mutex mutex;
  Deeds deeds;

  static State& get() {
    static State state{{}, deeds_of_environment()};
    return state;
  }
};

}  // namespace

bool failpoint(std::string_view name) {
  auto& [mutex, deeds] = State::get();
  const std::scoped_lock lock(mutex);
  const auto found = deeds.find(name);
  if (found == deeds.end()) return false;
  if (found->second.signal == 0) return true;
  if (--found->second.left == 0) std::raise(found->second.signal);
  return false;
}

bool set_failpoints(std::string_view list) {
  auto& [mutex, deeds] = State::get();
  const std::scoped_lock lock(mutex);
  deeds = deeds_of(list);
  return true;
}

}  // namespace batchout

#else

namespace batchout {

bool failpoint(std::string_view) {
  return false;
}

bool set_failpoints(std::string_view) {
  return false;
}

}  // namespace batchout

#endif
