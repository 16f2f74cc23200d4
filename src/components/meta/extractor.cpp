// The extractor `meta`: what the input knows of a payload beside its bytes, as columns.
//
// Its paths are names. Columns that name metadata belong to the payload and are filled beside whatever reads its bytes,
// so a program is needed only where a map has no other columns at all.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "config/wording.h"
#include "registry/registry.h"

namespace batchout {
namespace {

// A header is named behind a dot, as it is written.
constexpr std::string_view kHeaders = "headers.";

struct Name {
  std::string_view text;
  MetaField field;
};
// Not noted by inputs: see fill_metadata.
constexpr Name kTombstone{"tombstone", MetaField::header};
constexpr std::array kNames = {
    Name{"topic", MetaField::topic},   Name{"partition", MetaField::partition},
    Name{"offset", MetaField::offset}, Name{"timestamp", MetaField::timestamp},
    Name{"key", MetaField::key},       Name{"file", MetaField::file},
    Name{"status", MetaField::status}, kTombstone,
};

std::string unknown(std::string_view path) {
  std::vector<std::string> known;
  for (const Name& name : kNames) known.emplace_back(name.text);
  known.push_back(fmt::format("{}NAME", kHeaders));
  if (path == "header" || path == "headers" || path.starts_with("header."))
    return fmt::format("there is no metadata of this name (a header is {}NAME)", kHeaders);
  return fmt::format("there is no metadata of this name ({})", suggestion(path, known, "known are"));
}

// The path as it is without slots; none if it has some.
std::optional<std::string_view> literal_of(const Template& path) {
  if (path.pieces.empty()) return std::string_view();
  const auto* literal = std::get_if<std::string>(&path.pieces.front());
  if (literal == nullptr || path.pieces.size() > 1) return std::nullopt;
  return *literal;
}

std::optional<MetaName> name_of(std::string_view path) {
  if (path.starts_with(kHeaders) && path.size() > kHeaders.size())
    return MetaName{MetaField::header, std::string(path.substr(kHeaders.size()))};
  const auto found = std::ranges::find(kNames, path, &Name::text);
  if (found == kNames.end()) return std::nullopt;
  return MetaName{found->field, {}};
}

struct MetaConfig {
  Strategy strategy = Strategy::take_first;  // No setting: a name has at most one value.

  static void describe(Spec<MetaConfig>& spec) {
    spec.named("extractor", "meta",
               "Finds what the input knows of a payload beside its bytes: where it is from, when, "
               "and under which key.");
  }
};

/// Takes every payload, whatever its bytes are.
class MetaProgram final : public Program {
 public:
  void run(const Payloads& payloads, Extraction& out) override {
    for (std::size_t payload = 0; payload < payloads.count(); ++payload) {
      const Payloads::Entry& entry = payloads.entry(payload);
      if (entry.state != Payloads::State::usable) continue;  // Refused elsewhere.
      ++out.levels[kPayloadLevel].count;
      out.payloads.push_back(static_cast<std::uint32_t>(payload));
      out.values->units.push_back(entry.unit);
      out.values->positions.push_back(entry.position);
    }
  }
};

class MetaExtractor final : public Extractor {
 public:
  explicit MetaExtractor(const MetaConfig&) {}

  std::optional<PathProblem> check(const Template& path) const override {
    const auto literal = literal_of(path);
    if (!literal) return PathProblem{"metadata belongs to the whole payload, so an index has no place", 0};
    if (!name_of(*literal)) return PathProblem{unknown(*literal), 0};
    return std::nullopt;
  }

  std::optional<MetaName> metadata(const Template& path) const override {
    const auto literal = literal_of(path);
    return literal ? name_of(*literal) : std::nullopt;
  }

  // A payload that was handed over as bytes alone has no metadata.
  std::expected<std::vector<Found>, FindProblem> find(const Template& path, std::string_view) const override {
    if (auto problem = check(path)) return std::unexpected(FindProblem{"BO302", std::move(problem->message), 0});
    return std::vector<Found>{};
  }

  std::unique_ptr<Program> compile(const Projection&) const override { return std::make_unique<MetaProgram>(); }

  std::vector<std::string> explain(const Projection&) const override { return {}; }
};

}  // namespace

void add_meta(Registry& registry) {
  add_extractor<MetaConfig, MetaExtractor>(registry);
}

}  // namespace batchout
