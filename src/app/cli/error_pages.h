// The pages of docs/errors, built into the program by src/app/CMakeLists.txt.

#pragma once

#include <span>
#include <string_view>

namespace batchout::cli {

struct ErrorPage {
  std::string_view code;
  std::string_view text;  ///< Markdown.
};

/// In the order of their codes.
extern const std::span<const ErrorPage> kErrorPages;

}  // namespace batchout::cli
