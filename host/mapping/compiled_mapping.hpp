// The compiled form of a sync's mapping. Private to the mapping library.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "integration/integration.hpp"
#include "mapping/conversion.hpp"
#include "mapping/expression.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host {

struct CompiledCheck {
  Expression that;
  std::string say;
};

// A field of the document; without a value it is set by rules only.
struct CompiledField {
  Target target;
  std::optional<Expression> value;
  bool clear_null = false;
  bool if_empty = false;
  bool from_preset = false;
};

// What one rule does to one field.
struct CompiledSetting {
  std::size_t field = 0;
  json::value value;                 // of a plain field, converted
  std::vector<std::string> members;  // of a set
};

struct CompiledRule {
  Expression when;
  std::vector<CompiledSetting> settings;
};

struct Mapping::Compiled {
  std::optional<Expression> filter;
  std::vector<CompiledCheck> checks;
  std::vector<CompiledField> fields;
  std::vector<CompiledRule> rules;
  std::size_t key_field = 0;
  bool key_fold_lower = false;
  std::vector<ReadPath> paths;
  RecordParts parts;
};

// Adds what is wrong to `diagnostics`; the result is complete only when no error was added.
[[nodiscard]] std::shared_ptr<Mapping::Compiled> compile_mapping(
    const SyncConfig& sync, const DestinationSchema& schema, const std::string& file,
    std::vector<Diagnostic>& diagnostics);

}  // namespace sluice::host
