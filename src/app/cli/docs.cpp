// `batchout docs` and `batchout schema`: what the declarations and the error pages say.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/error_pages.h"
#include "app/cli/man.h"
#include "app/cli/reference.h"
#include "batchout/pipeline.h"

namespace batchout::cli {
namespace {

struct Asked {
  std::string name;
  bool table = false;
  bool man = false;
};

// Roles in the order of the sections, each with its types.
void print_list(const std::vector<SpecInfo>& types) {
  std::string role;
  for (const SpecInfo& info : types) {
    if (info.role != role) fmt::print("{}{}:\n", role.empty() ? "" : "\n", info.role);
    role = info.role;
    std::string names = info.type;
    for (const std::string& alias : info.aliases) names += ", " + alias;
    fmt::print("  {:31} {}\n", names, info.doc);
  }
  fmt::print("\n`batchout docs TYPE` shows the keys of a type, `batchout docs CODE` what an error means.\n");
}

Exit unknown(const Asked& asked) {
  fmt::print(stderr, "batchout: there is no type and no error code \"{}\"; `batchout docs` lists the types\n",
             asked.name);
  return Exit::usage;
}

// A name may belong to types of several roles: "csv output" or "output csv" asks for one of them.
bool is_asked_for(const SpecInfo& info, std::string_view name) {
  if (info.answers_to(name)) return true;
  return name.starts_with(info.role + " ") && info.answers_to(name.substr(info.role.size() + 1));
}

Exit print_types(const Asked& asked) {
  bool any = false;
  for (const SpecInfo& info : Pipeline::reference()) {
    if (!is_asked_for(info, asked.name)) continue;
    if (any) fmt::print("\n");
    fmt::print("{}", asked.table ? markdown_table(info) : page_text(info));
    any = true;
  }
  return any ? Exit::done : unknown(asked);
}

Exit print_docs(const CLI::App& app, const Asked& asked) {
  if (asked.man) {
    fmt::print("{}", man_page(app));
    return Exit::done;
  }
  if (asked.name.empty()) {
    print_list(Pipeline::reference());
    return Exit::done;
  }
  const auto page = std::ranges::find(kErrorPages, asked.name, &ErrorPage::code);
  if (page == std::end(kErrorPages)) return print_types(asked);
  fmt::print("{}", page->text);
  return Exit::done;
}

}  // namespace

void add_docs(CLI::App& app, Chosen& chosen) {
  auto asked = std::make_shared<Asked>();
  CLI::App& docs = *app.add_subcommand("docs", "Show the types of components with their keys, or what an error means");
  docs.add_option("name", asked->name,
                  "A type, such as kafka or \"output csv\", or a code, such as BO201; none: a list");
  docs.add_flag("--table", asked->table, "Print keys as a table of Markdown");
  docs.add_flag("--man", asked->man, "Print the manual page of the program");
  docs.callback([asked, &app, &chosen] { chosen = [asked, &app] { return print_docs(app, *asked); }; });
}

void add_schema(CLI::App& app, Chosen& chosen) {
  app.add_subcommand("schema", "Print the JSON Schema of configurations, for editors")->callback([&chosen] {
    chosen = [] {
      fmt::print("{}", Pipeline::schema());
      return Exit::done;
    };
  });
}

}  // namespace batchout::cli
