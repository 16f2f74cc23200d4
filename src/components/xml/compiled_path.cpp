// Nearly all documents are small: a path that merges is tried as a whole, and only if that finds many nodes, in pieces.

#include "components/xml/compiled_path.h"

#include <fmt/format.h>
#include <libxml/xpathInternals.h>

#include <utility>

#include "components/xml/order.h"
#include "components/xml/pieces.h"

namespace batchout::xml {
namespace {

// Steps in which the whole path is tried: so few that their square counts for no more than they do.
constexpr unsigned long kFewSteps = 256;

// Null if libxml2's limit of nodes is exceeded.
Object set_of(const std::vector<xmlNode*>& nodes) {
  Object object(xmlXPathWrapNodeSet(xmlXPathNodeSetCreate(nullptr)));
  for (xmlNode* const node : nodes)
    if (xmlXPathNodeSetAddUnique(object->nodesetval, node) < 0) return nullptr;
  sort_nodes(*object->nodesetval);
  return object;
}

}  // namespace

std::expected<CompiledPath, XPath::Mistake> CompiledPath::compile(XPath& xpath, const std::string& path) {
  auto whole = xpath.compile(path);
  if (!whole) return std::unexpected(std::move(whole).error());
  CompiledPath compiled;
  compiled.whole_ = {std::move(*whole), merges(path)};
  if (!compiled.whole_.merges) return compiled;
  const auto call = call_of(path);
  auto pieces = compile_pieces(xpath, call ? call->path : path);
  if (!pieces) return std::unexpected(std::move(pieces).error());
  compiled.pieces_ = std::move(*pieces);
  if (!call || compiled.pieces_.empty()) return compiled;
  auto function = xpath.compile(fmt::format("{}({})", call->function, XPath::kFound));
  if (!function) return std::unexpected(std::move(function).error());
  compiled.call_ = std::move(*function);
  compiled.of_first_ = call->of_first;
  return compiled;
}

std::expected<std::vector<std::vector<CompiledPath::Piece>>, XPath::Mistake> CompiledPath::compile_pieces(
    XPath& xpath, std::string_view path) {
  std::vector<std::vector<Piece>> compiled;
  for (const auto& alternative : pieces_of(path)) {
    auto& pieces = compiled.emplace_back();
    for (const std::string& piece : alternative) {
      auto expression = xpath.compile(piece);
      if (!expression) return std::unexpected(std::move(expression).error());
      pieces.push_back({std::move(*expression), merges(piece)});
    }
  }
  return compiled;
}

Object CompiledPath::evaluate(XPath& xpath, xmlNode* node) const {
  Object found = find(xpath, node);
  if (found && found->type == XPATH_NODESET && found->nodesetval != nullptr) correct_order(*found->nodesetval);
  return found;
}

Object CompiledPath::find(XPath& xpath, xmlNode* node) const {
  if (!whole_.merges) return xpath.evaluate(*whole_.expression, node);
  if (pieces_.empty()) return xpath.evaluate_merging(*whole_.expression, node);
  if (Object found = xpath.evaluate_merging(*whole_.expression, node, kFewSteps)) return found;
  return in_pieces(xpath, node);
}

Object CompiledPath::in_pieces(XPath& xpath, xmlNode* node) const {
  Nodes all;
  std::unordered_set<xmlNode*> seen_at_last;
  for (const auto& alternative : pieces_) {
    Nodes nodes = {node};
    for (std::size_t piece = 0; piece < alternative.size(); ++piece) {
      const bool is_last = piece + 1 == alternative.size();
      std::unordered_set<xmlNode*> seen;
      Nodes found;
      if (!find_from(xpath, alternative[piece], nodes, is_last ? seen_at_last : seen, found)) return nullptr;
      nodes = std::move(found);
    }
    all.insert(all.end(), nodes.begin(), nodes.end());
  }
  Object found = set_of(all);
  if (found && of_first_ && found->nodesetval->nodeNr > 1) found->nodesetval->nodeNr = 1;
  return call_ ? xpath.evaluate_with(std::move(found), *call_, node) : std::move(found);
}

// What the piece finds from all of the nodes, each once and those in `seen` not at all. False if it fails.
bool CompiledPath::find_from(XPath& xpath, const Piece& piece, const Nodes& nodes, std::unordered_set<xmlNode*>& seen,
                             Nodes& found) {
  for (xmlNode* const node : nodes) {
    const Object object =
        piece.merges ? xpath.evaluate_merging(*piece.expression, node) : xpath.evaluate(*piece.expression, node);
    if (!object || object->type != XPATH_NODESET) return false;
    for (int i = 0; object->nodesetval != nullptr && i < object->nodesetval->nodeNr; ++i)
      if (seen.insert(object->nodesetval->nodeTab[i]).second) found.push_back(object->nodesetval->nodeTab[i]);
  }
  return true;
}

}  // namespace batchout::xml
