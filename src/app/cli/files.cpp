// Plain streams: payloads on a command line are small.

#include "app/cli/files.h"

#include <fstream>
#include <iostream>
#include <iterator>

namespace batchout::cli {

std::optional<std::string> read_all(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return std::nullopt;
  return text;
}

}  // namespace batchout::cli
