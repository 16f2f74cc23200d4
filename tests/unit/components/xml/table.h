// What the tests of this folder share.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../table.h"
#include "components/xml/extractor.h"

namespace batchout::xml::test {

using namespace batchout::testing;

inline std::unique_ptr<Program> program_of(const Projection& projection, const XpathConfig& config = {}) {
  return XmlExtractor(config).compile(projection);
}

inline std::string extracted(const Projection& projection, const std::vector<std::string>& documents,
                             const XpathConfig& config = {}) {
  return batchout::testing::extracted(XmlExtractor(config), projection, documents);
}

inline std::string cells(const Table& table, const std::string& document, const XpathConfig& config = {}) {
  return batchout::testing::cells(XmlExtractor(config), table, document);
}

/// The text of /r, or the code of the refusal: the same by the walk without a tree and by the tree.
inline std::string text_of_root(const std::string& document) {
  Table fused;
  fused.column("/r");
  Table tree;
  tree.column("string(/r)");
  const std::string found = cells(fused, document);
  EXPECT_EQ(found, cells(tree, document)) << document.substr(0, 100);
  return found;
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// What a reject says, behind its payload's number; empty if there is none.
inline std::string refusal_of(const std::string& document) {
  Table table;
  table.column("string(/r)");
  const std::string all = extracted(table.projection, {document});
  return all.substr(std::min(all.find("0: BO"), all.size()));
}

}  // namespace batchout::xml::test
