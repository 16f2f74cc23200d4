// The manual page of the program, made of its commands and options.

#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace batchout::cli {

/// In the macros of man(7).
std::string man_page(const CLI::App& app);

}  // namespace batchout::cli
