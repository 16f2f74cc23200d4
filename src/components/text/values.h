// What processors of this folder share: values seen as texts, and scalars of a configuration as cells.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "batchout/component.h"
#include "batchout/spec.h"
#include "data/render.h"

namespace batchout::text {

/// Calls `change(text, out)` for each value of `in`, which has to append exactly one cell. A value that is no text is
/// shown as the string cast shows it, a container as its JSON. Empty cells are passed on. The text is borrowed for the
/// call.
template <class Change>
void each_text(const Column& in, Column& out, Change change) {
  char buffer[kPlainSizeMax];
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Cell cell = in.cell(i);
    if (cell.empty())
      out.append(cell);
    else if (is_textual(cell.tag))
      change(cell.text, out);
    else
      change(std::string_view(buffer, write_plain(buffer, cell, nullptr)), out);
  }
}

/// A processor that makes a text of every value. `Class` has `void change(std::string_view, Column& out)`, and maybe
/// `void start()`, which comes before the values of a column. No virtual call per value.
template <class Class>
class TextProcessor : public Processor {
 public:
  void apply(const Column& in, Column& out) final {
    if constexpr (requires(Class& processor) { processor.start(); }) static_cast<Class*>(this)->start();
    each_text(in, out, [this](std::string_view value, Column& to) { static_cast<Class*>(this)->change(value, to); });
  }
  Tags gives(Tags) const final { return tags_of(Tag::text); }

 private:
  // Only `Class` itself may be built on this, or the cast above would be wrong.
  friend Class;
  TextProcessor() = default;
};

/// A scalar of a configuration: null, boolean, number or text; or nothing, where the key is not given.
struct Constant {
  bool given = false;
  /// Only null, boolean, integer, real and text occur.
  Tag tag = Tag::null;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;

  /// Borrows the text.
  Cell cell() const { return {tag, integer, real, text}; }
};

/// Reports lists and mappings, which no cell of a processor can be.
bool read_constant(const Setting& setting, Constant& out);
std::string print_constant(const Constant& constant);

}  // namespace batchout::text

namespace batchout {

template <>
struct SettingType<text::Constant> : AnySettingType {
  static constexpr bool takes_null = true;
  static std::string name() { return "text, number, boolean or null"; }
  static std::string print(const text::Constant& value) { return text::print_constant(value); }
  static bool read(const Setting& setting, text::Constant& out) { return text::read_constant(setting, out); }
};

}  // namespace batchout
