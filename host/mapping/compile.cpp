#include <algorithm>
#include <set>

#include "integration/limits.hpp"
#include "integration/load.hpp"
#include "integration/suggest.hpp"
#include "mapping/compiled_mapping.hpp"

namespace sluice::host {
namespace {

using Compiled = Mapping::Compiled;

class Compiler {
 public:
  Compiler(const SyncConfig& sync, const DestinationSchema& schema, const std::string& file,
           std::vector<Diagnostic>& diagnostics)
      : sync_{sync}, schema_{schema}, file_{file}, diagnostics_{diagnostics} {}

  std::shared_ptr<Compiled> run() {
    out_->key_fold_lower = schema_.key_fold_lower;
    if (sync_.filter) out_->filter = expression(*sync_.filter, false);
    for (const auto& check : sync_.checks) {
      if (auto that = expression(check.that, false)) out_->checks.push_back({*that, check.say});
    }
    for (const auto& field : sync_.fields) add_field(field);
    for (const auto& rule : sync_.rules) add_rule(rule);
    check_count();
    find_key();
    check_required();
    return std::move(out_);
  }

 private:
  std::optional<Expression> expression(const ExpressionText& text, bool from_preset) {
    // A key that the file lacks has been reported where it should stand.
    if (text.text.empty() && text.at.line == 0) return std::nullopt;
    const std::string& file = from_preset ? sync_.preset_file : file_;
    try {
      auto result = Expression::parse(text);
      result.add_to(out_->parts);
      for (auto& path : result.paths()) {
        out_->paths.push_back({std::move(path), from_preset ? sync_.preset_file : "", text.at});
      }
      return result;
    } catch (const ExpressionError& problem) {
      diagnostics_.push_back({Diagnostic::Severity::Error, file, problem.position(),
                              problem.message(), problem.hint()});
      return std::nullopt;
    }
  }

  void error(Position at, std::string message, std::string hint = {}) {
    diagnostics_.push_back(
        {Diagnostic::Severity::Error, file_, at, std::move(message), std::move(hint)});
  }

  // The destination's word on a field comes before the file's.
  [[nodiscard]] Target target(const std::string& name, const std::string& type) const {
    Target result;
    result.name = name;
    if (!type.empty()) result.type = field_type(type);
    if (const auto* known = schema_.find(name)) {
      result.type = known->type;
      result.set = known->set;
      result.required = known->required;
      result.options = known->options;
      result.max_length = known->max_length;
    } else {
      result.set = rule_sets_.contains(name);
    }
    return result;
  }

  void add_field(const FieldMapping& field) {
    CompiledField compiled;
    compiled.target = target(field.name, field.type);
    compiled.value = expression(field.value, field.from_preset);
    compiled.clear_null = field.null == NullPolicy::Clear;
    compiled.if_empty = field.overwrite == Overwrite::IfEmpty;
    compiled.from_preset = field.from_preset;
    if (const auto* known = schema_.find(field.name); known != nullptr && !field.type.empty()) {
      check_type(field, known->type);
    }
    if (compiled.value) check_constants(field, compiled);
    if (compiled.target.set && compiled.if_empty) {
      error(field.at, "field " + in_quotes(field.name) + " holds a set: `overwrite` does not apply",
            "members that Sluice did not add are never touched");
    }
    out_->fields.push_back(std::move(compiled));
  }

  // A text takes anything, and what is declared a text may still be a number: the others exclude
  // each other, and would fail record by record.
  void check_type(const FieldMapping& field, FieldType known) {
    const auto strict = [](FieldType type) {
      return type == FieldType::Number || type == FieldType::Date || type == FieldType::Datetime ||
             type == FieldType::Boolean;
    };
    const auto declared = field_type(field.type);
    if (!declared || *declared == known || !strict(*declared) || !strict(known)) return;
    error(field.from_preset ? sync_.write.at : field.at,
          "field " + in_quotes(field.name) + " is a " + std::string{to_string(known)} +
              " at the destination, not a " + field.type,
          "map it to a value of that type, or use another name");
  }

  // A value that stands in the expression and can never be taken: better said now than of each
  // record that comes to it.
  void check_constants(const FieldMapping& field, const CompiledField& compiled) {
    for (const auto& value : compiled.value->constants()) {
      json::value converted;
      std::vector<std::string> members;
      const auto problem = compiled.target.set ? add_members(value, compiled.target, members)
                                               : convert(value, compiled.target, converted);
      if (!problem) continue;
      const std::string& file = field.from_preset ? sync_.preset_file : file_;
      diagnostics_.push_back(
          {Diagnostic::Severity::Error, file, field.value.at, problem->message, ""});
    }
  }

  std::size_t field_index(const std::string& name) {
    auto& fields = out_->fields;
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const CompiledField& field) {
      return field.target.name == name;
    });
    if (found != fields.end()) return static_cast<std::size_t>(found - fields.begin());
    fields.emplace_back().target = target(name, "");
    return fields.size() - 1;
  }

  void add_rule(const Rule& rule) {
    auto when = expression(rule.when, false);
    std::vector<CompiledSetting> settings;
    for (const auto& member : rule.set) {
      CompiledSetting setting;
      setting.field = field_index(std::string{member.key()});
      const Target& field = out_->fields[setting.field].target;
      const auto problem = field.set ? add_members(member.value(), field, setting.members)
                                     : convert(member.value(), field, setting.value);
      if (problem) error(rule.at, problem->message);
      settings.push_back(std::move(setting));
    }
    if (when) out_->rules.push_back({std::move(*when), std::move(settings)});
  }

  void check_count() {
    if (out_->fields.size() <= kMaxFields) return;
    error(sync_.write.at,
          "the sync maps " + std::to_string(out_->fields.size()) + " fields, more than " +
              std::to_string(kMaxFields),
          "divide it into several syncs");
  }

  void find_key() {
    const auto& fields = out_->fields;
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const CompiledField& field) {
      return field.target.name == sync_.write.match;
    });
    if (found == fields.end()) {
      // The preset that could not be read may well have it.
      if (!sync_.preset.empty() && sync_.preset_file.empty()) return;
      std::vector<std::string> names;
      names.reserve(fields.size());
      for (const auto& field : fields) names.push_back(field.target.name);
      error(sync_.write.at,
            "records are matched by " + in_quotes(sync_.write.match) +
                ", but `fields:` has no such field",
            names.empty() ? "" : suggestion(sync_.write.match, names));
      return;
    }
    if (found->target.set) {
      error(sync_.write.at,
            "records cannot be matched by " + in_quotes(sync_.write.match) + ": it holds a set");
    }
    out_->key_field = static_cast<std::size_t>(found - fields.begin());
  }

  void check_required() {
    if (sync_.write.mode == WriteMode::Update) return;
    for (const auto& known : schema_.fields) {
      const bool mapped =
          std::any_of(out_->fields.begin(), out_->fields.end(),
                      [&](const CompiledField& field) { return field.target.name == known.name; });
      if (known.required && !mapped) {
        error(sync_.write.at,
              "the destination requires field " + in_quotes(known.name) + ", which is not mapped");
      }
    }
  }

  // Where the destination is not known, an array in a rule tells that the field holds a set.
  [[nodiscard]] static std::set<std::string> sets_in(const std::vector<Rule>& rules) {
    std::set<std::string> names;
    for (const auto& rule : rules) {
      for (const auto& member : rule.set) {
        if (member.value().is_array()) names.emplace(member.key());
      }
    }
    return names;
  }

  const SyncConfig& sync_;
  const DestinationSchema& schema_;
  const std::string& file_;
  std::vector<Diagnostic>& diagnostics_;
  std::set<std::string> rule_sets_ = sets_in(sync_.rules);
  std::shared_ptr<Compiled> out_ = std::make_shared<Compiled>();
};

bool is_error(const Diagnostic& diagnostic) {
  return diagnostic.severity == Diagnostic::Severity::Error;
}

}  // namespace

const DestinationField* DestinationSchema::find(std::string_view name) const noexcept {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const DestinationField& field) {
    return field.name == name;
  });
  return found == fields.end() ? nullptr : &*found;
}

std::shared_ptr<Compiled> compile_mapping(const SyncConfig& sync, const DestinationSchema& schema,
                                          const std::string& file,
                                          std::vector<Diagnostic>& diagnostics) {
  return Compiler{sync, schema, file, diagnostics}.run();
}

Mapping Mapping::compile(const SyncConfig& sync, const DestinationSchema& schema) {
  std::vector<Diagnostic> diagnostics;
  auto compiled = compile_mapping(sync, schema, "", diagnostics);
  if (std::any_of(diagnostics.begin(), diagnostics.end(), is_error)) {
    throw IntegrationError{std::move(diagnostics)};
  }
  return Mapping{std::move(compiled)};
}

std::vector<ReadPath> Mapping::paths() const {
  return compiled_->paths;
}

void lint_mapping(const SyncConfig& sync, const std::string& file,
                  std::vector<Diagnostic>& diagnostics) {
  static_cast<void>(compile_mapping(sync, {}, file, diagnostics));
}

}  // namespace sluice::host
