// From the selectors of a configuration to the rows that writers get: plain projections become selections, everything
// else a query.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batchout/result.h"
#include "data/query.h"
#include "plan/declarations.h"
#include "plan/plan.h"
#include "plan/projection_query.h"

namespace batchout {

/// What a writer is given. Neither of both if the selector has a mistake, which is reported.
struct SelectedRows {
  std::vector<PlannedSelection> selections;
  std::optional<PlannedQuery> query;
};

/// For one plan; all that is passed in must outlive it. To be used once the inputs of the plan are known.
class SelectorCompiler {
 public:
  /// `queries` may be empty: then plain projections are all there is.
  SelectorCompiler(const Declarations& declarations, std::string file, const QueryCompiler& queries, Plan& plan,
                   Problems& problems)
      : declarations_(declarations), file_(std::move(file)), queries_(queries), plan_(plan), problems_(problems) {}

  /// The first query fills `Plan::tables`.
  SelectedRows select(const Named<DeclaredSelector>& selector);

  /// Always a query, also of what is a plain projection: the rows are wanted at another time than those of a writer.
  /// None if it has a mistake.
  std::optional<PlannedQuery> query(const Named<DeclaredSelector>& selector);

  /// Names of the inputs without whose tables the query would be none; none if it has a mistake, which `query` reports.
  std::vector<std::string> tables_read(const Named<DeclaredSelector>& selector);

  /// The same for a selector that nobody uses: only its mistakes count.
  void check(const Named<DeclaredSelector>& selector);

 private:
  using Columns = std::vector<std::string>;

  void problem(Problem::Severity severity, std::string_view code, Node::Mark mark, std::string path,
               std::string message, std::string hint = {});
  void error(std::string_view code, Node::Mark mark, std::string path, std::string message, std::string hint = {});
  bool broken(std::string_view section, const std::string& name) const;
  bool any_broken(std::string_view section) const;

  void warn_of_unread(const Named<DeclaredSelector>& selector);
  std::vector<std::string> inputs_of(const Named<DeclaredSelector>& selector);
  SelectedRows compile(const Named<DeclaredSelector>& selector);
  void check_names(const Named<DeclaredSelector>& selector);
  void check_names(const Named<DeclaredSelector>& selector, const Columns& names);
  std::optional<Columns> names_of_result(const Named<DeclaredSelector>& selector, Columns given);
  bool check_count(const Named<DeclaredSelector>& selector, std::size_t given);

  std::vector<PlannedSelection> pick(const Named<DeclaredSelector>& selector);
  std::vector<PlannedSelection> project(const Named<DeclaredSelector>& selector, const ProjectionQuery& query);
  std::optional<Columns> result_columns(const Named<DeclaredSelector>& selector, const ProjectionQuery& query,
                                        Columns& names);
  std::vector<PlannedSelection> selections_of(const std::string& input, std::size_t number, const std::string& table,
                                              const Columns& columns, const Columns& names) const;
  ColumnShape unmapped(const std::string& name) const;

  std::optional<PlannedQuery> compile_query(const Named<DeclaredSelector>& selector);
  const std::vector<QueryTable>& known_tables();
  const std::vector<PlannedTable>& tables();
  bool check_tables(const Named<DeclaredSelector>& selector);
  void report(const Named<DeclaredSelector>& selector, const QueryProblem& found);

  const Declarations& declarations_;
  std::string file_;
  const QueryCompiler& queries_;
  Plan& plan_;
  Problems& problems_;
  /// Section and name of two components that are one to SQL; empty if there are none.
  std::optional<std::pair<std::string, std::string>> twins_;
  std::vector<QueryTable> known_tables_;
  std::vector<PlannedTable> tables_;
};

}  // namespace batchout
