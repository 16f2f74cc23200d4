// Compiled paths written out again, fully bracketed, so that compiling the text gives the same path.

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "components/json/path.h"

namespace batchout::json::test {

class PathText {
 public:
  static Template of(const Path& path, Syntax syntax) {
    PathText text;
    text.add("$");
    for (const Step& step : path.steps) {
      if (syntax == Syntax::jsonpath_rw)
        text.old_step(step);
      else
        text.segment(step);
    }
    return std::move(text.out_);
  }

 private:
  void add(std::string_view literal) {
    out_.written += literal;
    if (literal.empty()) return;
    if (out_.pieces.empty() || out_.pieces.back().index() != 0) out_.pieces.emplace_back(std::string{});
    std::get<std::string>(out_.pieces.back()) += literal;
  }

  void add(const Template::Slot& slot) {
    out_.written += "{i}";
    out_.pieces.emplace_back(slot);
  }

  void raw(const Words& words) {
    for (const auto& piece : words.pieces) std::visit([this](const auto& part) { add(part); }, piece);
  }

  void quoted(const Words& words, bool escapes_controls) {
    add("'");
    for (const auto& piece : words.pieces) {
      if (const auto* slot = std::get_if<Template::Slot>(&piece)) {
        add(*slot);
        continue;
      }
      for (const char c : std::get<std::string>(piece)) {
        if (c == '\'' || c == '\\')
          add(fmt::format("\\{}", c));
        else if (escapes_controls && static_cast<unsigned char>(c) < 0x20)
          add(fmt::format("\\u{:04x}", c));
        else
          add(std::string_view(&c, 1));
      }
    }
    add("'");
  }

  void bounds(const Step& step) {
    if (step.from) raw(*step.from);
    add(":");
    if (step.to) raw(*step.to);
    if (step.stride != 1) add(fmt::format(":{}", step.stride));
  }

  // jsonpath_rw: a step behind a dot; inner paths begin at the node itself.
  void old_inner(const Path& path) {
    add("(`this`");
    for (const Step& step : path.steps) old_step(step);
    add(")");
  }

  void old_names(const Step& step) {
    for (std::size_t i = 0; i < step.names.size(); ++i) {
      if (i > 0) add(",");
      quoted(step.names[i], false);
    }
  }

  void old_nested(std::string_view mark, const Step& step) {
    add("(");
    if (step.inner.size() == 1) add("`this`" + std::string(mark));
    for (std::size_t i = 0; i < step.inner.size(); ++i) {
      if (i > 0) add(mark);
      old_inner(step.inner[i]);
    }
    add(")");
  }

  void old_step(const Step& step) {
    add(".");
    switch (step.kind) {
      case Step::Kind::root:
        return add("$");
      case Step::Kind::parent:
        return add("`parent`");
      case Step::Kind::members:
        return old_names(step);
      case Step::Kind::any_member:
        return add("*");
      case Step::Kind::position:
        return add(fmt::format("[{}]", step.number));
      case Step::Kind::any_element:
        return add("[*]");
      case Step::Kind::selector:
        add("[");
        raw(step.selector);
        return add("]");
      case Step::Kind::slice:
        add("[");
        bounds(step);
        return add("]");
      case Step::Kind::descendants:
        return old_nested("..", step);
      case Step::Kind::where:
        return old_nested(" where ", step);
      case Step::Kind::alternatives:
        return old_nested("|", step);
      default:
        return add("?");
    }
  }

  // RFC 9535.
  void segment(const Step& step) {
    if (step.kind == Step::Kind::descendants) {
      add("..");
      return segment(step.inner[0].steps[0]);
    }
    add("[");
    if (step.kind != Step::Kind::alternatives) selector(step);
    for (std::size_t i = 0; i < step.inner.size(); ++i) {
      if (i > 0) add(",");
      selector(step.inner[i].steps[0]);
    }
    add("]");
  }

  void selector(const Step& step) {
    switch (step.kind) {
      case Step::Kind::members:
        return quoted(step.names[0], true);
      case Step::Kind::any_child:
        return add("*");
      case Step::Kind::position:
        return add(std::to_string(step.number));
      case Step::Kind::selector:
        return raw(step.selector);
      case Step::Kind::slice:
        return bounds(step);
      case Step::Kind::filter:
        add("?");
        return condition(step.conditions[0]);
      default:
        return add("!");
    }
  }

  void parts(const Condition& all, std::string_view mark) {
    for (std::size_t i = 0; i < all.parts.size(); ++i) {
      if (i > 0) add(mark);
      const bool several = all.parts[i].kind == Condition::Kind::any_of || all.parts[i].kind == Condition::Kind::all_of;
      if (several) add("(");
      condition(all.parts[i]);
      if (several) add(")");
    }
  }

  void condition(const Condition& asked) {
    static constexpr std::string_view kComparators[] = {"==", "!=", "<", "<=", ">", ">="};
    switch (asked.kind) {
      case Condition::Kind::any_of:
        return parts(asked, "||");
      case Condition::Kind::all_of:
        return parts(asked, "&&");
      case Condition::Kind::negation:
        add("!(");
        condition(asked.parts[0]);
        return add(")");
      case Condition::Kind::test:
        return operand(asked.operands[0]);
      case Condition::Kind::comparison:
        operand(asked.operands[0]);
        add(kComparators[static_cast<std::size_t>(asked.comparator)]);
        return operand(asked.operands[1]);
    }
  }

  void literal(const Operand& value) {
    if (value.tag == Tag::text) return quoted(value.words, true);
    if (value.tag == Tag::null) return add("null");
    if (value.tag == Tag::boolean) return add(value.integer != 0 ? "true" : "false");
    raw(value.words);
  }

  void operand(const Operand& value) {
    static constexpr std::string_view kFunctions[] = {"length", "count", "value", "match", "search"};
    switch (value.kind) {
      case Operand::Kind::literal:
        return literal(value);
      case Operand::Kind::slot:
        return raw(value.words);
      case Operand::Kind::query:
        add(value.absolute ? "$" : "@");
        for (const Step& step : value.path.steps) segment(step);
        return;
      default:
        break;
    }
    add(kFunctions[static_cast<std::size_t>(value.kind) - static_cast<std::size_t>(Operand::Kind::length)]);
    for (std::size_t i = 0; i < value.arguments.size(); ++i) {
      add(i == 0 ? "(" : ",");
      operand(value.arguments[i]);
    }
    add(")");
  }

  Template out_;
};

}  // namespace batchout::json::test
