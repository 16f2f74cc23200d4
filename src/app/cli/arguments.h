// What may be given to options, with refusals that a person understands.

#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace batchout::cli {

/// Whole numbers from `least` on.
CLI::Validator whole_number(std::int64_t least = std::numeric_limits<std::int64_t>::min());

/// Times up to a hundred years: a plain number is seconds, units are ms, s, m, h and d. Turns them into seconds.
CLI::Validator seconds(bool zero_too = true);

/// One of `names`, as its number.
CLI::Validator choice(std::vector<std::string> names);

/// An option that takes the name of one of an enum's values 0, 1, …
template <class E>
void add_choice(CLI::App& app, const std::string& option, E& value, const std::vector<std::string>& names,
                const std::string& doc) {
  app.add_option(option, value, doc)->transform(choice(names))->option_text(CLI::detail::join(names, "|"));
}

}  // namespace batchout::cli
