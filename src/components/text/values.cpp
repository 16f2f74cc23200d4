// Scalars of a configuration as cells.

#include "components/text/values.h"

namespace batchout::text {

// The key is there even if it is null, hence `given`.
bool read_constant(const Setting& setting, Constant& out) {
  const Node& node = setting.node();
  out.given = true;
  switch (node.type()) {
    case Node::Type::null:
      out.tag = Tag::null;
      return true;
    case Node::Type::boolean:
      out.tag = Tag::boolean;
      out.integer = node.boolean() ? 1 : 0;
      return true;
    case Node::Type::integer:
      out.tag = Tag::integer;
      out.integer = node.integer();
      return true;
    case Node::Type::real:
      out.tag = Tag::real;
      out.real = node.real();
      return true;
    case Node::Type::text:
      out.tag = Tag::text;
      out.text = node.text();
      return true;
    case Node::Type::list:
    case Node::Type::mapping:
      break;
  }
  return setting.wrong("BO203", "expected a text, number, boolean or null, found " + setting.what());
}

// As JSON, so that a text "1" and the number 1 differ in the reference.
std::string print_constant(const Constant& constant) {
  std::string shown;
  if (constant.given) append_json(constant.cell(), nullptr, shown);
  return shown;
}

}  // namespace batchout::text
