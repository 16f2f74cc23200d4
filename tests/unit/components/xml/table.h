// What the tests of this folder share.

#pragma once

#include <memory>
#include <string>
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

}  // namespace batchout::xml::test
