// Scalars of a configuration as cells.

#include "components/text/values.h"

namespace batchout::text {

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

std::string print_constant(const Constant& constant) {
  std::string shown;
  if (constant.given) append_json(constant.cell(), nullptr, shown);
  return shown;
}

}  // namespace batchout::text
