// The positions of a configuration's pipeline, for people.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "batchout/pipeline.h"
#include "engine/position_desk.h"

namespace batchout {

/// What is wrong with the configuration, warnings if `desk` is there; why there is no desk is said by `refused`.
struct OpenedDesk {
  Problems problems;
  std::optional<PositionDesk> desk;
  std::optional<Error> refused;
};

/// Connects to nothing.
OpenedDesk open_position_desk(const std::filesystem::path& file, const LogSink& log,
                              const Registry& registry = Pipeline::builtin());

/// A token as people read it: what it has in percent encoding is decoded.
std::string readable_token(std::string_view token);

}  // namespace batchout
