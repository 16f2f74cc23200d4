// The component types of a registry, by role and name, and the extractors, which only the library itself can add.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batchout/component.h"
#include "data/program.h"
#include "data/query.h"
#include "data/upsert_rules.h"

namespace batchout {

template <>
struct Choices<Strategy> {
  static constexpr std::string_view names[] = {"take_first", "take_first_not_null", "take_last", "take_last_not_null",
                                               "take_all"};
};

/// A configured extractor: its strategy belongs to the paths that name it, everything else to the compiler.
struct ExtractorMake {
  std::shared_ptr<const Extractor> extractor;
  Strategy strategy = Strategy::take_first;
};

/// A path into an input's own payloads, as its settings have it.
struct PayloadPath {
  /// Key path below the input, for example "paging.cursor".
  std::string key;
  /// A name of the section extractors; empty: JSON.
  std::string extractor;
  std::string text;
};

/// In the order of adding, which is that of suggestions and references.
struct Registry::Types {
  template <class Decoder>
  struct Type {
    SpecInfo spec;
    Decoder decoder;
  };
  /// None if the settings have errors, which are reported then.
  using ExtractorDecoder = std::function<std::optional<ExtractorMake>(const Node&, const Decoding&)>;

  std::vector<Type<InputDecoder>> inputs;
  std::vector<Type<ExtractorDecoder>> extractors;
  std::vector<Type<ProcessorDecoder>> processors;
  std::vector<Type<OutputDecoder>> outputs;
  /// By the name of an input's type: the paths in good settings, which are checked with the configuration. Built inputs
  /// get one finder for each, in their order.
  std::map<std::string, std::function<std::vector<PayloadPath>(const Node&)>> payload_paths;
  /// By the name of an output's type: the columns that good settings name, which are checked with the configuration.
  std::map<std::string, std::function<std::vector<NamedColumn>(const Node&)>> named_columns;
  /// The language of selectors; empty in a build without it.
  QueryCompiler query;

  /// The type of that name or alias, or null.
  template <class Decoder>
  static const Type<Decoder>* find(const std::vector<Type<Decoder>>& types, std::string_view name) {
    for (const auto& type : types)
      if (type.spec.answers_to(name)) return &type;
    return nullptr;
  }
};

/// Adds an extractor type. `Config` has a member `strategy`; `Class` is built from `(const Config&)`. Built at once,
/// unlike other components: extractors are immutable and touch nothing outside, and paths are checked with them.
template <class Config, class Class>
void add_extractor(Registry& registry) {
  registry.types().extractors.push_back(
      {spec_of<Config>(), [](const Node& node, const Decoding& decoding) -> std::optional<ExtractorMake> {
         auto config = decode<Config>(node, decoding);
         if (!config) return std::nullopt;
         return ExtractorMake{std::make_shared<const Class>(*config), config->strategy};
       }});
}

/// Lets the settings of an input type name paths: `Config` has `std::vector<PayloadPath> payload_paths() const`.
template <class Config>
void add_payload_paths(Registry& registry) {
  registry.types().payload_paths[spec_of<Config>().type] = [](const Node& node) -> std::vector<PayloadPath> {
    Decoding silent;
    silent.strict = false;
    const auto config = decode<Config>(node, silent);
    return config ? config->payload_paths() : std::vector<PayloadPath>();
  };
}

/// Lets the settings of an output type name columns: `Config` has `std::vector<NamedColumn> named_columns() const`.
template <class Config>
void add_named_columns(Registry& registry) {
  registry.types().named_columns[spec_of<Config>().type] = [](const Node& node) -> std::vector<NamedColumn> {
    Decoding silent;
    silent.strict = false;
    const auto config = decode<Config>(node, silent);
    return config ? config->named_columns() : std::vector<NamedColumn>();
  };
}

/// Adds every component that was built; generated from the list in src/components/CMakeLists.txt.
void add_components(Registry& registry);

}  // namespace batchout
