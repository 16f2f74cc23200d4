// Reads the setting and makes the splitter that it stands for.

#include "components/file/split.h"

#include "components/file/json_array_splitter.h"
#include "components/file/line_splitter.h"
#include "components/file/mark_splitter.h"
#include "components/file/xml_splitter.h"

namespace batchout {

namespace file {

void Split::describe(Spec<Split>& s) {
  s.field("mark", &Split::mark, "A payload ends behind this text.")
      .field("bytes", &Split::bytes, "A payload ends after so many bytes, unless a mark comes first.")
      .range(1, kPayloadBytesMax)
      .field("xml", &Split::xml, "Path of the elements that are payloads, such as /orders/order.")
      .check(
          "mark", [](const Split& c) { return c.mark != std::string(); }, "is empty; leave it out to take whole files")
      .check(
          "xml", [](const Split& c) { return !c.xml || element_names(*c.xml); },
          "must be names from the root element on, such as /orders/order; * stands for any name")
      .check(
          "xml", [](const Split& c) { return !c.xml || !(c.mark || c.bytes); },
          "cannot be given together with mark or bytes")
      .check("", [](const Split& c) { return c.mark || c.bytes || c.xml; }, "needs one of mark, bytes, xml");
}

std::unique_ptr<Splitter> Split::splitter() const {
  switch (form) {
    case Form::lines:
      return std::make_unique<LineSplitter>();
    case Form::json_array:
      return std::make_unique<JsonArraySplitter>();
    case Form::xml:
      return std::make_unique<XmlSplitter>(element_names(*xml).value());
    case Form::whole:
    case Form::pieces:
      break;
  }
  return std::make_unique<MarkSplitter>(mark.value_or(""), bytes ? bytes->bytes : 0);
}

}  // namespace file

bool SettingType<file::Split>::read(const Setting& setting, file::Split& out) {
  using Form = file::Split::Form;
  constexpr std::string_view kHint =
      "choose from lines, json_array, {mark: \"text\"}, {bytes: 64k}, {xml: /orders/order}";
  const Node& node = setting.node();
  if (node.is_mapping()) {
    if (!description_of<file::Split>().decode(node, setting.decoding(), &out)) return false;
    out.form = out.xml ? Form::xml : Form::pieces;
    return true;
  }
  if (!node.is_text())
    return setting.wrong("BO203", "expected a word or a mapping, found " + setting.what(), std::string(kHint));
  if (node.text() == "lines")
    out.form = Form::lines;
  else if (node.text() == "json_array")
    out.form = Form::json_array;
  else
    return setting.wrong("BO204", "not one of the choices: " + setting.what(), std::string(kHint));
  return true;
}

}  // namespace batchout
