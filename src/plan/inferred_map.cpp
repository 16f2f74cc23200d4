// Indexes are numbers of the declarations. What an index needs around it are those that its path mentions, and what
// these need; a column stands below the deepest of those that its path mentions.

#include "plan/inferred_map.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "config/wording.h"
#include "plan/path_template.h"

namespace batchout {
namespace {

// More in one table make no sense to anybody, and would cost a hostile configuration nothing.
constexpr std::size_t kIndexesMax = 64;

using Indexes = std::set<std::size_t>;

class MapInference {
 public:
  MapInference(const Declarations& declarations, const std::string& file, const std::string& name, Node::Mark mark,
               Problems& problems)
      : declarations_(declarations), file_(file), name_(name), mark_(mark), problems_(problems) {}

  std::optional<Node> infer(const std::vector<std::size_t>& columns) {
    for (const std::size_t column : columns) {
      const DeclaredColumn& declared = declarations_.columns[column].value;
      if (!add(column, mentioned(declared.path, declared.origin == OriginColumn::Source::position)))
        return std::nullopt;
    }
    // Each index below the innermost that it needs; with more than one chain of them the map is not clear.
    std::map<std::optional<std::size_t>, std::vector<std::size_t>> below;
    for (const auto& [index, around] : around_) below[innermost(around)].push_back(index);
    for (const auto& [parent, children] : below)
      if (children.size() > 1) return refuse_siblings(parent, children);
    return node_below(std::nullopt, below);
  }

 private:
  /// Indexes that a path names by slots or, for a position, as a whole.
  std::vector<std::size_t> mentioned(const DeclaredPath& path, bool whole) const {
    std::vector<std::size_t> found;
    const auto note = [&](const std::string& name) {
      const auto number = position_of(declarations_.indexes, name);
      if (number && std::ranges::find(found, *number) == found.end()) found.push_back(*number);
    };
    if (whole) {
      note(path.text);
      return found;
    }
    const auto pieces = declarations_.parse(path.text);
    if (!pieces) return found;
    for (const auto& piece : *pieces)
      if (const auto* slot = std::get_if<NamedSlot>(&piece)) note(slot->index);
    return found;
  }

  /// What has to be around an index. False if a problem was reported.
  bool find_around(std::size_t index, std::size_t depth) {
    if (around_.contains(index)) return true;
    const DeclaredPath& path = declarations_.indexes[index].value.path;
    const bool too_many = around_.size() >= kIndexesMax || depth > kIndexesMax;
    if (too_many || !under_way_.insert(index).second) {
      error(
          "BO239", path.mark, path.key,
          too_many ? fmt::format("a table has more than {} indexes", kIndexesMax) : "the index needs itself around it",
          "let its path mention outer indexes only");
      return false;
    }
    Indexes around;
    for (const std::size_t outer : mentioned(path, false)) {
      if (!find_around(outer, depth + 1)) return false;
      around.insert(outer);
      around.insert(around_[outer].begin(), around_[outer].end());
    }
    under_way_.erase(index);
    around_[index] = std::move(around);
    return true;
  }

  /// Notes where a column stands. Indexes that its path mentions together are put inside each other: their rows are
  /// the same either way.
  bool add(std::size_t column, const std::vector<std::size_t>& indexes) {
    Indexes all;
    for (const std::size_t index : indexes) {
      if (!find_around(index, 0)) return false;
      all.insert(index);
      all.insert(around_[index].begin(), around_[index].end());
    }
    std::vector<std::size_t> chain(all.begin(), all.end());
    std::ranges::stable_sort(chain, {}, [&](std::size_t index) { return around_[index].size(); });
    for (std::size_t i = 1; i < chain.size(); ++i) put_inside(chain[i], chain[i - 1]);
    columns_[chain.empty() ? std::nullopt : std::optional(chain.back())].push_back(column);
    return true;
  }

  void put_inside(std::size_t index, std::size_t outer) {
    if (around_[index].contains(outer)) return;
    Indexes more = around_[outer];
    more.insert(outer);
    for (auto& [other, around] : around_)
      if (other == index || around.contains(index)) around.insert(more.begin(), more.end());
  }

  /// The one with the most around it.
  std::optional<std::size_t> innermost(const Indexes& around) const {
    if (around.empty()) return std::nullopt;
    return *std::ranges::max_element(around, {}, [&](std::size_t index) { return around_.at(index).size(); });
  }

  /// The columns that stand at an index, then the index inside of it.
  Node node_below(std::optional<std::size_t> parent,
                  const std::map<std::optional<std::size_t>, std::vector<std::size_t>>& below) const {
    Node map = Node::list();
    map.set_mark(mark_);
    const auto columns = columns_.find(parent);
    if (columns != columns_.end())
      for (const std::size_t column : columns->second) {
        Node name(declarations_.columns[column].name);
        name.set_mark(mark_);
        map.push(std::move(name));
      }
    const auto inner = below.find(parent);
    if (inner == below.end()) return map;
    const std::size_t index = inner->second.front();
    Node branch = Node::mapping();
    branch.set_mark(mark_);
    branch.add({declarations_.indexes[index].name, mark_, node_below(index, below)});
    map.push(std::move(branch));
    return map;
  }

  std::nullopt_t refuse_siblings(std::optional<std::size_t> parent, const std::vector<std::size_t>& children) {
    const std::string& first = declarations_.indexes[children[0]].name;
    const std::string& second = declarations_.indexes[children[1]].name;
    const auto columns_at = [&](std::size_t index) {
      const auto found = columns_.find(index);
      return found == columns_.end() ? std::string("…") : declarations_.columns[found->second.front()].name;
    };
    const std::string a = fmt::format("{}: {}", first, columns_at(children[0]));
    const std::string b = fmt::format("{}: {}", second, columns_at(children[1]));
    const std::string rest = columns_.size() > 2 || parent ? "…, " : "";
    error("BO239", mark_, join_path("maps", name_),
          fmt::format("indexes {} and {} stand beside each other{}, so it is not clear how their rows combine",
                      in_quotes(first), in_quotes(second),
                      parent ? fmt::format(" in {}", declarations_.indexes[*parent].name) : ""),
          fmt::format("give each a selector of its own, or write maps.{0}: [{1}{{{2}}}, {{{3}}}] multiplies, "
                      "[{1}{{{2}, {3}}}] lets one follow the other",
                      name_, rest, a, b));
    return std::nullopt;
  }

  void error(std::string_view code, Node::Mark mark, std::string path, std::string message, std::string hint) {
    problems_.push_back({Problem::Severity::error, std::string(code), file_, mark.line, mark.column, std::move(path),
                         std::move(message), std::move(hint)});
  }

  const Declarations& declarations_;
  const std::string& file_;
  const std::string& name_;
  Node::Mark mark_;
  Problems& problems_;
  /// By index that is used.
  std::map<std::size_t, Indexes> around_;
  Indexes under_way_;
  /// By the index below which they stand; none: the payload.
  std::map<std::optional<std::size_t>, std::vector<std::size_t>> columns_;
};

}  // namespace

std::optional<Node> inferred_map(const Declarations& declarations, const std::string& file,
                                 const std::vector<std::size_t>& columns, const std::string& name, Node::Mark mark,
                                 Problems& problems) {
  return MapInference(declarations, file, name, mark, problems).infer(columns);
}

std::string map_text(const Node& map) {
  if (!map.is_list() && !map.is_mapping()) return map.written();
  std::vector<std::string> parts;
  for (const Node& item : map.items()) parts.push_back(map_text(item));
  for (const Node::Entry& entry : map.entries())
    parts.push_back(fmt::format("{}: {}", entry.key, map_text(entry.value)));
  return fmt::format("{}{}{}", map.is_list() ? '[' : '{', fmt::join(parts, ", "), map.is_list() ? ']' : '}');
}

}  // namespace batchout
