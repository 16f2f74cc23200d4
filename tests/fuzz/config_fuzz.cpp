// Any bytes as a configuration: loading and decoding report problems and do nothing else.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "batchout/spec.h"
#include "config/environment.h"
#include "config/load.h"

namespace batchout {
namespace {

enum class Mode : std::uint8_t { insert, upsert };

}  // namespace

template <>
struct Choices<Mode> {
  static constexpr std::string_view names[] = {"insert", "upsert"};
};

namespace {

// One member of every type.
struct Config {
  std::string host;
  std::uint16_t port = 0;
  std::vector<std::string> keys;
  std::map<std::string, double> options;
  std::optional<std::int64_t> limit;
  Mode mode = Mode::insert;
  Secret password;
  bool create = false;
  Duration timeout;
  ByteSize buffer;
  Node extra;

  static void describe(Spec<Config>& s) {
    s.named("output", "sample", "One setting of every type.")
        .field("host", &Config::host, "Text.")
        .also("server")
        .field("port", &Config::port, "Integer.")
        .range(1, 65535)
        .field("keys", &Config::keys, "List.")
        .field("options", &Config::options, "Mapping.")
        .field("limit", &Config::limit, "Optional.")
        .field("mode", &Config::mode, "Choice.")
        .field("password", &Config::password, "Secret.")
        .field("create", &Config::create, "Boolean.")
        .field("timeout", &Config::timeout, "Time.")
        .field("buffer", &Config::buffer, "Size.")
        .field("extra", &Config::extra, "Anything.")
        .check(
            "keys", [](const Config& config) { return config.mode != Mode::upsert || !config.keys.empty(); },
            "needed with mode: upsert");
  }
};

void decode_sample(const Node& node, bool strict) {
  Problems problems;
  const Decoding decoding{"outputs.sample", "fuzz", strict, &problems, {}};
  Node component = node;
  resolve_environment(component, [](const std::string& name) { return std::optional(name); }, decoding);
  const bool resolved = !has_errors(problems);
  const auto config = decode<Config>(component, decoding);
  for (const Problem& problem : problems)
    if (problem.text().empty()) std::abort();
  if ((resolved && config.has_value()) == has_errors(problems)) std::abort();
}

}  // namespace
}  // namespace batchout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace batchout;
  Problems problems;
  const auto root = load_text({reinterpret_cast<const char*>(data), size}, "fuzz", problems);
  if (root.has_value() == has_errors(problems)) std::abort();
  if (!root) return 0;
  decode_sample(*root, true);
  decode_sample(*root, false);
  return 0;
}
