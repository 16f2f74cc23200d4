// Paths with parameters, which may come from data.

#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace batchout::file {

/// `path` with the names in braces replaced by the values of `params`, or why there is no such path. Characters of
/// masks in a value stand for themselves. A path that a value would lead out of `root` is refused; both are relative to
/// `folder` if they are relative. An empty `root` is the folder before the first name.
std::expected<std::string, std::string> filled_path(const std::string& path,
                                                    const std::map<std::string, std::string>& params,
                                                    std::string_view folder, const std::string& root);

}  // namespace batchout::file
