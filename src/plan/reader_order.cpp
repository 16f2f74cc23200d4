// Of the readers that need nobody any more, the first one of the file comes next. What is left when there is none
// leads round in circles.

#include "plan/reader_order.h"

#include <algorithm>

#include <fmt/format.h>

#include "config/wording.h"

namespace batchout {
namespace {

struct Reader {
  const Named<DeclaredTask>* task = nullptr;
  /// Readers whose rows its selector wants, by position; in order. Maybe itself.
  std::vector<std::size_t> needs;
  bool placed = false;
};

class ReaderOrder {
 public:
  ReaderOrder(const Declarations& declarations, const std::string& file, Problems& problems)
      : declarations_(declarations), file_(file), problems_(problems) {
    for (const auto& task : declarations.tasks)
      if (task.value.reads) readers_.push_back({&task, {}, false});
  }

  void find_needs(SelectorCompiler& selectors) {
    for (Reader& reader : readers_) {
      const auto& name = reader.task->value.selector;
      const auto selector = name ? position_of(declarations_.selectors, *name) : std::nullopt;
      if (!selector) continue;
      const std::vector<std::string> tables = selectors.tables_read(declarations_.selectors[*selector]);
      for (std::size_t other = 0; other < readers_.size(); ++other)
        if (fills_one(readers_[other], tables)) reader.needs.push_back(other);
    }
  }

  std::vector<const Named<DeclaredTask>*> place() {
    std::vector<const Named<DeclaredTask>*> order;
    while (order.size() < readers_.size()) {
      std::vector<std::size_t> next = next_ready();
      if (next.empty()) {
        next = circle();
        report(next);
      }
      for (const std::size_t reader : next) {
        readers_[reader].placed = true;
        order.push_back(readers_[reader].task);
      }
    }
    return order;
  }

 private:
  static bool fills_one(const Reader& reader, const std::vector<std::string>& tables) {
    return std::ranges::any_of(reader.task->value.components, [&](const std::string& input) {
      return std::ranges::find(tables, input) != tables.end();
    });
  }

  bool is_open(std::size_t reader) const { return !readers_[reader].placed; }

  /// One reader, or none.
  std::vector<std::size_t> next_ready() const {
    for (std::size_t reader = 0; reader < readers_.size(); ++reader)
      if (is_open(reader) && std::ranges::none_of(readers_[reader].needs, [&](auto other) { return is_open(other); }))
        return {reader};
    return {};
  }

  /// Who follows the first open need of each from any reader that is left comes to a reader twice. From there on, each
  /// needs the next, and the last needs the first.
  std::vector<std::size_t> circle() const {
    std::vector<std::size_t> way;
    std::size_t at = 0;
    while (!is_open(at)) ++at;
    while (std::ranges::find(way, at) == way.end()) {
      way.push_back(at);
      at = *std::ranges::find_if(readers_[at].needs, [&](std::size_t other) { return is_open(other); });
    }
    way.erase(way.begin(), std::ranges::find(way, at));
    return way;
  }

  const std::string& name_of(std::size_t reader) const { return readers_[reader].task->name; }

  /// At the first of them in the file.
  void report(std::vector<std::size_t> circle) {
    std::ranges::rotate(circle, std::ranges::min_element(circle));
    const Named<DeclaredTask>& first = *readers_[circle.front()].task;
    std::string message = "the selector reads what this reader fills itself";
    if (circle.size() > 1) {
      std::string way = in_quotes(name_of(circle.front()));
      for (std::size_t i = 1; i < circle.size(); ++i)
        way += fmt::format(", which needs {}", in_quotes(name_of(circle[i])));
      message = fmt::format("readers wait for each other: {}, which needs {}", way, in_quotes(name_of(circle.front())));
    }
    problems_.push_back({Problem::Severity::error, "BO248", file_, first.mark.line, first.mark.column,
                         join_path(join_path("tasks", first.name), "selector"), std::move(message),
                         "take the parameters from an input that another reader reads before"});
  }

  const Declarations& declarations_;
  const std::string& file_;
  Problems& problems_;
  std::vector<Reader> readers_;
};

}  // namespace

std::vector<const Named<DeclaredTask>*> readers_in_order(const Declarations& declarations, SelectorCompiler& selectors,
                                                         const std::string& file, Problems& problems) {
  ReaderOrder order(declarations, file, problems);
  if (declarations.dialect == Dialect::v1) order.find_needs(selectors);
  return order.place();
}

}  // namespace batchout
