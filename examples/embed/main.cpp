// The example of the README as a program: its configuration is built in code, and one processor is its own.
//
//   embed [FILE]: reads session messages from FILE (messages.ndjson), one per line, and writes sessions.jsonl.

#include <cstdio>
#include <string>

#include "batchout/pipeline.h"

namespace {

using batchout::Node;

/// Settings of the processor `prefix`: a member, and one line that declares it.
struct PrefixConfig {
  std::string text;

  static void describe(batchout::Spec<PrefixConfig>& s) {
    s.named("processor", "prefix", "Puts a text before each value.")
        .field("text", &PrefixConfig::text, "The text.")
        .required();
  }
};

class Prefix final : public batchout::Processor {
 public:
  explicit Prefix(PrefixConfig config) : config_(std::move(config)) {}

  void apply(const batchout::Column& in, batchout::Column& out) override {
    for (std::size_t i = 0; i < in.size(); ++i) {
      const batchout::Cell cell = in.cell(i);
      if (cell.empty()) {
        out.append(cell);
        continue;
      }
      std::string text = config_.text;
      batchout::append_text(cell, nullptr, text);
      out.append_text(batchout::Tag::text, text);
    }
  }

 private:
  PrefixConfig config_;
};

Node column(const char* cast, const char* path) {
  return Node::mapping({{"type", "extracted"}, {"cast", cast}, {"path", path}});
}

Node configuration(const std::string& file) {
  Node user = column("string", "user.id");
  user.set("processors", Node::list({Node::mapping({{"type", "prefix"}, {"text", "user:"}})}));
  return Node::mapping({
      {"inputs",
       Node::mapping({{"messages", Node::mapping({{"type", "file"}, {"path", file}, {"chunk_endswith", "\n"}})}})},
      {"indexes", Node::mapping({{"session_idx", Node::mapping({{"type", "for_list"}, {"path", "sessions"}})}})},
      {"columns", Node::mapping({
                      {"user_id", user},
                      {"user_last_seen", column("string", "user.last_seen")},
                      {"session_id", column("string", "sessions[{session_idx}].id")},
                      {"session_created_at", column("timestamp", "sessions[{session_idx}].created_at")},
                      {"session_useragent", column("string", "sessions[{session_idx}].device.useragent")},
                  })},
      {"outputs",
       Node::mapping({{"out", Node::mapping({{"type", "jsonl"}, {"path", "sessions.jsonl"}, {"mode", "overwrite"}})}})},
  });
}

}  // namespace

int main(int argc, char** argv) {
  batchout::Registry registry = batchout::Pipeline::builtin();
  registry.processor<PrefixConfig, Prefix>();
  auto pipeline =
      batchout::Pipeline::from_config(configuration(argc > 1 ? argv[1] : "messages.ndjson"), {}, std::move(registry));
  if (!pipeline) {
    for (const batchout::Problem& problem : pipeline.error()) std::fprintf(stderr, "%s\n", problem.text().c_str());
    return 3;
  }
  const auto result = pipeline->run_once();
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    return 1;
  }
  std::printf("%llu rows\n", static_cast<unsigned long long>(pipeline->summary().rows));
  return 0;
}
