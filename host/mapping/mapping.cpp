#include "mapping/mapping.hpp"

#include <algorithm>

#include "integration/suggest.hpp"
#include "mapping/compiled_mapping.hpp"
#include "mapping/expression/text.hpp"
#include "mapping/limits.hpp"

namespace sluice::host {
namespace {

bool counts_as_true(const json::value& value) noexcept {
  return !value.is_null() && !(value.is_bool() && !value.get_bool());
}

// The values that the expression reads: an error is the same for as long as they are.
std::string values_read(const Expression& expression, const json::value& record) {
  json::array values;
  for (const auto& path : expression.paths()) {
    const json::value* at = &record;
    for (const auto& name : path) {
      const auto* object = at->if_object();
      if (object == nullptr) break;
      const auto* next = object->if_contains(name);
      if (next == nullptr) {
        at = nullptr;
        break;
      }
      at = next;
    }
    values.push_back(at == nullptr ? json::value(nullptr) : *at);
  }
  return to_json(values);
}

// About how many bytes a value takes as JSON.
std::size_t size_of(const json::value& value) {
  constexpr std::size_t kOfAnyOther = 8;
  if (value.is_string()) return value.get_string().size() + 2;
  const auto* items = value.if_array();
  if (items == nullptr) return kOfAnyOther;
  std::size_t bytes = 2;
  for (const auto& item : *items) bytes += size_of(item) + 1;
  return bytes;
}

// One record on its way through a mapping.
class Application {
 public:
  Application(const Mapping::Compiled& mapping, const json::value& record, EvaluationMemory& memory,
              json::storage_ptr storage)
      : mapping_{mapping}, record_{record}, memory_{memory}, result_{std::move(storage)} {}

  MapResult run() {
    if (!passes_filter()) return std::move(result_);
    if (passes_checks() && read_fields() && apply_rules() && collect() && take_key() &&
        is_of_legal_size()) {
      result_.status = MapResult::Status::Mapped;
    }
    return std::move(result_);
  }

 private:
  bool reject(std::string stage, std::string code, std::string field, std::string message,
              std::string value) {
    result_.status = MapResult::Status::Rejected;
    result_.rejection = {std::move(stage), std::move(code), std::move(field), std::move(message),
                         std::move(value)};
    return false;
  }

  bool reject(const ConversionProblem& problem, const Target& target, const json::value& value) {
    return reject(problem.stage, problem.code, target.name, problem.message, to_json(value));
  }

  bool passes_filter() {
    if (!mapping_.filter) return true;
    try {
      return counts_as_true(mapping_.filter->borrow(record_, memory_));
    } catch (const EvaluationError& error) {
      return reject("mapping", "filter_failed", "", std::string{"filter: "} + error.what(),
                    values_read(*mapping_.filter, record_));
    }
  }

  bool passes_checks() {
    for (const auto& check : mapping_.checks) {
      std::string message = check.say;
      try {
        if (counts_as_true(check.that.borrow(record_, memory_))) continue;
      } catch (const EvaluationError& error) {
        message += std::string{": "} + error.what();
      }
      return reject("check", "check_failed", "", std::move(message),
                    values_read(check.that, record_));
    }
    return true;
  }

  bool read_fields() {
    const auto& storage = result_.fields.storage();
    values_.reserve(mapping_.fields.size());
    while (values_.size() < mapping_.fields.size()) values_.emplace_back(storage);
    members_.resize(mapping_.fields.size());
    for (std::size_t i = 0; i < mapping_.fields.size(); ++i) {
      if (mapping_.fields[i].value && !read_field(i)) return false;
    }
    return true;
  }

  bool read_field(std::size_t i) {
    const auto& field = mapping_.fields[i];
    try {
      const json::value& value = field.value->borrow(record_, memory_);
      const auto problem = field.target.set ? add_members(value, field.target, members_[i])
                                            : convert(value, field.target, values_[i]);
      return !problem || reject(*problem, field.target, value);
    } catch (const EvaluationError& error) {
      return reject("mapping", "expression_failed", field.target.name,
                    "field " + in_quotes(field.target.name) + ": " + error.what(),
                    values_read(*field.value, record_));
    }
  }

  bool apply_rules() {
    for (std::size_t i = 0; i < mapping_.rules.size(); ++i) {
      const auto& rule = mapping_.rules[i];
      try {
        if (!counts_as_true(rule.when.borrow(record_, memory_))) continue;
      } catch (const EvaluationError& error) {
        return reject("mapping", "rule_failed", "",
                      "rule " + std::to_string(i + 1) + ": " + error.what(),
                      values_read(rule.when, record_));
      }
      result_.rules.push_back(i);
      for (const auto& setting : rule.settings) {
        auto& members = members_[setting.field];
        members.insert(members.end(), setting.members.begin(), setting.members.end());
        if (!mapping_.fields[setting.field].target.set) values_[setting.field] = setting.value;
      }
    }
    return true;
  }

  bool collect() {
    result_.fields.reserve(mapping_.fields.size());
    for (std::size_t i = 0; i < mapping_.fields.size(); ++i) {
      const auto& field = mapping_.fields[i];
      const auto& name = field.target.name;
      auto& members = members_[i];
      auto& value = values_[i];
      if (field.target.required && value.is_null() && members.empty() && i != mapping_.key_field) {
        return reject("constraint", "required", name,
                      "field " + in_quotes(name) + " is required, but has no value", "null");
      }
      if (!members.empty()) {
        std::sort(members.begin(), members.end());
        members.erase(std::unique(members.begin(), members.end()), members.end());
        result_.sets.emplace(name, std::move(members));
      }
      if (field.target.set || (value.is_null() && !field.clear_null)) continue;
      result_.fields.emplace(name, std::move(value));
      if (field.if_empty) result_.if_empty.push_back(name);
    }
    return true;
  }

  bool take_key() {
    const auto& name = mapping_.fields[mapping_.key_field].target.name;
    const auto* value = result_.fields.if_contains(name);
    std::string key;
    if (value != nullptr && value->is_string()) {
      key = expr::text_of(*value);
    } else if (value != nullptr && !value->is_null() && !value->is_structured()) {
      key = to_json(*value);
    }
    if (mapping_.key_fold_lower) key = expr::lower_case(expr::trimmed(key));
    if (expr::trimmed(key).empty()) {
      return reject("mapping", "no_key", name, "no " + name,
                    value == nullptr ? "null" : to_json(*value));
    }
    result_.key = std::move(key);
    return true;
  }

  // What is larger could not cross to the destination, and would stop the run instead of this
  // record.
  bool is_of_legal_size() {
    std::size_t bytes = 0;
    for (const auto& field : result_.fields) {
      bytes += field.key().size() + size_of(field.value());
    }
    for (const auto& [name, members] : result_.sets) {
      for (const auto& member : members) bytes += member.size() + 3;
    }
    if (bytes <= kMaxDocumentBytes) return true;
    return reject("constraint", "too_large", "",
                  "the document has " + std::to_string(bytes) + " bytes, more than " +
                      std::to_string(kMaxDocumentBytes) + ": map less of the record",
                  std::to_string(bytes));
  }

  const Mapping::Compiled& mapping_;
  const json::value& record_;
  EvaluationMemory& memory_;
  MapResult result_;
  std::vector<json::value> values_;
  std::vector<std::vector<std::string>> members_;
};

}  // namespace

MapResult Mapping::apply(const json::value& record, json::storage_ptr storage) const {
  thread_local EvaluationMemory memory;
  memory.clear();
  return Application{*compiled_, record, memory, std::move(storage)}.run();
}

const RecordParts& Mapping::parts() const noexcept {
  return compiled_->parts;
}

MapResult Mapping::likeness() const {
  MapResult out;
  out.status = MapResult::Status::Mapped;
  for (const auto& field : compiled_->fields) {
    if (field.target.set) {
      out.sets[field.target.name];
    } else {
      out.fields[field.target.name] = "";
    }
  }
  for (const auto& rule : compiled_->rules) {
    for (const auto& setting : rule.settings) {
      const Target& target = compiled_->fields[setting.field].target;
      if (target.set) {
        auto& members = out.sets[target.name];
        members.insert(members.end(), setting.members.begin(), setting.members.end());
      } else {
        out.fields[target.name] = setting.value;
      }
    }
  }
  return out;
}

json::object document_of(const MapResult& result) {
  json::object document = result.fields;
  for (const auto& [name, members] : result.sets) {
    document[name] = json::array(members.begin(), members.end());
  }
  return document;
}

}  // namespace sluice::host
