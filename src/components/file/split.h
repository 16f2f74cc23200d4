// The setting `split`: how a file is cut into payloads.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "batchout/spec.h"
#include "components/file/splitter.h"

namespace batchout {

namespace file {

/// A word, or a mapping that has `mark`, `bytes` or both, or `xml`. By default a file is one payload.
struct Split {
  enum class Form : std::uint8_t { whole, pieces, lines, json_array, xml };

  Form form = Form::whole;
  std::optional<std::string> mark;
  std::optional<ByteSize> bytes;
  std::optional<std::string> xml;

  static void describe(Spec<Split>& s);
  std::unique_ptr<Splitter> splitter() const;
};

inline constexpr double kPayloadBytesMax = 512.0 * 1024 * 1024;

}  // namespace file

template <>
struct SettingType<file::Split> : AnySettingType {
  static std::string name() { return "lines, json_array or mapping"; }
  static std::string print(const file::Split&) { return {}; }
  static std::vector<std::string> choices() { return {"lines", "json_array"}; }
  static const SpecInfo* inside() { return &description_of<file::Split>().info; }
  static bool read(const Setting& setting, file::Split& out);
};

}  // namespace batchout
