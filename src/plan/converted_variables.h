// Settings that variables of `from_env` give, and that have to be known to rewrite a configuration: types, paths,
// queries, names. Others stay in their `from_env`, unread.

#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/node.h"
#include "config/environment.h"

namespace batchout {

/// A setting that a variable may give.
struct GivenSetting {
  std::string setting;
  std::string variable;
  /// What the variable holds; none if it is unset, so that the file's value counts.
  std::optional<std::string> value;
  /// What the file has.
  std::optional<Node> in_file;
};

/// A component as if everything that decides about it stood in the file, and what variables gave of that.
struct ReadComponent {
  /// Its `from_env` has the other variables only.
  Node settings;
  std::vector<GivenSetting> given;
};

/// `component` has its defaults. `section` is that of the configuration, or `processors`.
ReadComponent with_variables_read(std::string_view section, const Node& component, const Environment& environment);

/// Lets the variable give the setting again, with `in_file` for what the file says besides. False, and nothing is
/// changed, if what `rewritten` has is not what the variable says: nothing but a value can stand there.
bool give_back(const GivenSetting& given, std::optional<Node> in_file, Node& rewritten);

/// `mapping` without what a variable gives to that setting.
Node without_variable(const Node& mapping, std::string_view setting);

/// Names of the variables whose values have to be known to rewrite the configuration.
std::set<std::string> deciding_variables(const Node& config);

}  // namespace batchout
