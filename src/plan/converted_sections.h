// The components of an old configuration as our own dialect has them, whatever is left out of the whole later.

#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "batchout/node.h"
#include "plan/old_config.h"
#include "registry/registry.h"

namespace batchout {

struct ConvertedSections {
  Node inputs = Node::mapping(), indexes = Node::mapping(), columns = Node::mapping(), outputs = Node::mapping();
  /// In order; those that declarations or strategies made included.
  std::vector<std::pair<std::string, Node>> extractors;
  std::vector<std::string> index_names;
  /// There are indexes of lists.
  bool lists = false;
  /// Both languages read every path of JSON alike.
  bool alike = true;
  /// Some index or column follows one.
  bool has_paths = false;
  /// Variables give some of them, or of the queries.
  bool foreign_paths = false;
  bool foreign_queries = false;
  /// Key paths without effect.
  std::vector<std::string> left_out;
  /// What could not be kept, a sentence each, for people.
  std::vector<std::string> notes;
};

/// `lacking`: key paths of patterns that lack the group that is asked for.
ConvertedSections converted_sections(const OldConfig& config, const Registry& registry, std::set<std::string> lacking);

/// True for the extractor of JSON, by either of its names.
bool is_json_extractor(const std::string& type);

}  // namespace batchout
