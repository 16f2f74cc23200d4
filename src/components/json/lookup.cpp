// Parses the payload into a tree, and reads each match's normalised path off the nodes above it.

#include "components/json/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "batchout/payloads.h"
#include "components/json/finder.h"
#include "components/json/path.h"
#include "components/json/program.h"
#include "components/json/scan.h"
#include "components/json/tree.h"
#include "data/render.h"

namespace batchout::json {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// For faults of the payload: no column in the path.
Extractor::FindProblem refused(std::string_view code, std::string message) {
  return {std::string(code), std::move(message), 0};
}

// What is wrong with the payload, and where, in the words of a reject.
Extractor::FindProblem diagnosis(std::string_view payload, const Options& options) {
  Projection nothing;
  nothing.levels.resize(1);
  Payloads payloads;
  payloads.append(payload, UnitId{0}, 0, 1);
  Extraction found(nothing);
  JsonProgram(std::make_shared<const CompiledProjection>(nothing, options)).run(payloads, found);
  if (found.rejects.empty()) return refused(kMalformed, "the payload is not JSON");
  return refused(found.rejects.front().code, std::move(found.rejects.front().message));
}

// A name in the brackets of a normalised path (RFC 9535, section 2.7).
std::string quoted(std::string_view name) {
  std::string out = "'";
  for (const char c : name) {
    if (c == '\'' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      // From 0x08 on; 0x0B has no letter of its own.
      static constexpr std::string_view kShort = "btn?fr";
      const bool has_letter = c >= 0x08 && c <= 0x0D && c != 0x0B;
      out += has_letter ? fmt::format("\\{}", kShort[static_cast<std::size_t>(c - 0x08)]) : fmt::format("\\u{:04x}", c);
    } else {
      out += c;
    }
  }
  return out + "'";
}

// Recursive up to the root; the depth of the document is limited. A character picked out of a text shows as an element
// of it.
std::string normalised(const Tree& tree, NodeId node) {
  if (tree[node].parent == kNoNode) return "$";
  const NodeId parent = tree[node].parent;
  if (tree[parent].type == TreeNode::Type::object)
    return fmt::format("{}[{}]", normalised(tree, parent), quoted(tree[node].key));
  return fmt::format("{}[{}]", normalised(tree, parent), tree[node].place);
}

// As written but for texts, whose escapes are written anew.
std::string value_of(const TreeNode& node) {
  if (node.cell.tag != Tag::text) return std::string(node.source);
  std::string out;
  append_json_string(node.cell.text, out);
  return out;
}

}  // namespace

std::expected<std::vector<Extractor::Found>, Extractor::FindProblem> look_up(const Template& path,
                                                                             std::string_view payload,
                                                                             const Options& options) {
  auto compiled = compile_path(path, options.syntax);
  if (!compiled)
    return std::unexpected(Extractor::FindProblem{"BO302", compiled.error().message, compiled.error().column});
  std::string_view value = payload;
  if (value.starts_with(kByteOrderMark)) value.remove_prefix(kByteOrderMark.size());
  // The scanner wants the separator and padding of an arena behind a document.
  std::string text(value);
  text.append(Payloads::kSeparator).append(Payloads::kPadding, ' ');
  const std::string_view document(text.data(), value.size());
  Scanner scanner;
  Tree tree;
  ProjectionLimits limits;
  if (scanner.scan(document) != ScanFault::none || tree.parse(document, scanner.tokens(), limits, options.lenient))
    return std::unexpected(diagnosis(payload, options));
  Finder finder(tree);
  finder.start();
  std::vector<NodeId> matches;
  finder.find_all(Tree::kRoot, *compiled, {}, matches);
  if (finder.exhausted() || finder.regex_exhausted())
    return std::unexpected(refused(kTooManySteps, "the path takes too many steps"));
  std::vector<Extractor::Found> found;
  for (const NodeId node : matches) found.push_back({normalised(tree, node), value_of(tree[node])});
  return found;
}

}  // namespace batchout::json
