// A configuration of an old dialect as it is rewritten: its components with their defaults, and with what variables
// give.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "batchout/node.h"
#include "config/environment.h"
#include "plan/converted_variables.h"

namespace batchout {

/// Borrows what it is made of. The configuration is a good one.
class OldConfig {
 public:
  /// `oldest`: of dialect 0.0.1.
  OldConfig(const Node& config, bool oldest, const Environment& environment)
      : config_(config), oldest_(oldest), environment_(environment) {}

  bool oldest() const { return oldest_; }
  const Environment& environment() const { return environment_; }

  /// A mapping, empty if there is none.
  const Node& section(std::string_view name) const;
  std::vector<std::string> names(std::string_view section) const;

  ReadComponent read(std::string_view section, const Node::Entry& entry) const;
  Node settings(std::string_view section, const Node::Entry& entry) const { return read(section, entry).settings; }

 private:
  const Node& config_;
  bool oldest_;
  const Environment& environment_;
};

/// The mapping without one of its keys.
Node without_key(const Node& mapping, std::string_view key);

}  // namespace batchout
