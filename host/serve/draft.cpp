#include "serve/draft.hpp"

#include <algorithm>
#include <vector>

#include "integration/limits.hpp"
#include "integration/options.hpp"
#include "integration/scalar.hpp"
#include "integration/substitute.hpp"
#include "serve/http.hpp"
#include "serve/views.hpp"

namespace sluice::host::serve {
namespace {

std::string below(const std::string& pointer, std::string_view key) {
  std::string out = pointer + '/';
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

// All that is wrong, each with its place.
class Faults {
 public:
  void add(std::string pointer, std::string detail) {
    if (summary_.empty()) {
      summary_ = pointer.substr(pointer.rfind('/') + 1);
      summary_ += (summary_.empty() ? "" : ": ") + detail;
    }
    json::object place{{"pointer", std::move(pointer)}, {"detail", std::move(detail)}};
    places_.push_back(json::value(std::move(place)));
  }
  void throw_if_any() const {
    if (places_.empty()) return;
    std::string text = summary_;
    if (places_.size() > 1) text += "; and " + std::to_string(places_.size() - 1) + " more";
    throw Problem{422, "invalid", text, {{"errors", places_}}};
  }

 private:
  json::array places_;
  std::string summary_;
};

// An object of the body; members that are not taken are faults.
class Part {
 public:
  Part(const json::object& object, std::string pointer, Faults& faults)
      : object_{object}, pointer_{std::move(pointer)}, faults_{faults} {}

  void allow(std::initializer_list<std::string_view> names) const {
    for (const auto& member : object_) {
      if (std::find(names.begin(), names.end(), member.key()) == names.end())
        faults_.add(at(member.key()), "is not known here");
    }
  }
  [[nodiscard]] std::string at(std::string_view key) const { return below(pointer_, key); }
  // Empty when it is absent or wrong.
  [[nodiscard]] std::string text(std::string_view key, bool required = true) const {
    const auto* value = object_.if_contains(key);
    if (value != nullptr && !value->is_string()) {
      faults_.add(at(key), "must be a text");
      return {};
    }
    if (required && (value == nullptr || value->get_string().empty()))
      faults_.add(at(key), "is required");
    return value == nullptr ? std::string{} : std::string{value->get_string()};
  }
  [[nodiscard]] const json::object& object(std::string_view key, bool required = true) const {
    static const json::object none;
    const auto* value = object_.if_contains(key);
    if (value != nullptr && value->is_object()) return value->get_object();
    if (value != nullptr || required)
      faults_.add(at(key), value == nullptr ? "is required" : "must be an object");
    return none;
  }
  // The objects of an array, with their pointers.
  [[nodiscard]] std::vector<Part> objects(std::string_view key) const {
    std::vector<Part> out;
    const auto* value = object_.if_contains(key);
    if (value == nullptr) return out;
    if (!value->is_array()) {
      faults_.add(at(key), "must be an array");
      return out;
    }
    for (std::size_t i = 0; i < value->get_array().size(); ++i) {
      const auto& item = value->get_array()[i];
      const std::string place = below(at(key), std::to_string(i));
      if (item.is_object()) {
        out.emplace_back(item.get_object(), place, faults_);
      } else {
        faults_.add(place, "must be an object");
      }
    }
    return out;
  }
  void copy_text(std::string_view key, json::object& to) const {
    if (const std::string found = text(key, false); !found.empty()) to[key] = found;
  }
  [[nodiscard]] Faults& faults() const noexcept { return faults_; }
  [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }

 private:
  const json::object& object_;
  std::string pointer_;
  Faults& faults_;
};

bool any_text(const json::value& value, bool (*is)(std::string_view)) {
  if (value.is_string()) return is(value.get_string());
  if (value.is_array())
    return std::any_of(value.get_array().begin(), value.get_array().end(),
                       [is](const json::value& item) { return any_text(item, is); });
  if (value.is_object())
    return std::any_of(value.get_object().begin(), value.get_object().end(),
                       [is](const auto& member) { return any_text(member.value(), is); });
  return false;
}

// Whoever may send requests is not to have the service read any file by its name.
bool names_a_file(std::string_view text) {
  for (auto found = text.find("${file:"); found != std::string_view::npos;
       found = text.find("${file:", found + 1)) {
    if (found == 0 || text[found - 1] != '$') return true;
  }
  return false;
}

// What the connector's schema says of the options, each at its place.
void check_options(const json::object& options, json::object schema, const std::string& pointer,
                   Faults& faults) {
  if (const auto* required = schema.if_contains("required"); required != nullptr) {
    for (const auto& name : required->as_array()) {
      const auto* value = options.if_contains(name.as_string());
      if (value == nullptr || (value->is_string() && value->get_string().empty()))
        faults.add(below(pointer, name.as_string()), "is required");
    }
    schema.erase("required");
  }
  const auto generic = connection_keys();
  for (const auto& option : options) {
    const std::string place = below(pointer, option.key());
    if (std::find(generic.begin(), generic.end(), option.key()) != generic.end()) {
      faults.add(place, "is set in the file, by hand");
      continue;
    }
    if (any_text(option.value(), names_a_file)) {
      faults.add(place,
                 "a ${file:…} can be written into the file by hand only: use ${NAME}, or type the "
                 "value, which is kept in a file that only the service reads");
      continue;
    }
    // A reference's value is known to nobody yet.
    if (any_text(option.value(), has_reference)) continue;
    json::object one;
    one[option.key()] = option.value();
    for (const auto& finding : validate_options(one, schema, {}, "")) {
      if (finding.severity != Diagnostic::Severity::Error) continue;
      faults.add(place, finding.hint.empty() ? finding.message
                                             : finding.message + " (" + finding.hint + ")");
    }
  }
}

// The connector's id and its options, of which all is known but whether the vendor takes them.
struct CheckedSide {
  std::string connector;
  json::object options;
  const json::object* schema = nullptr;  // null when there are faults
};

CheckedSide checked_side(const Part& side, const std::string& role, const Specs& specs) {
  CheckedSide out;
  out.connector = side.text("connector");
  out.options = side.object("options");
  const auto spec = specs.find(out.connector);
  if (out.connector.empty()) return out;
  if (spec == specs.end()) {
    side.faults().add(side.at("connector"),
                      "there is no connector \"" + out.connector + "\" here: install its plugin");
    return out;
  }
  const auto& roles = spec->second.at("roles").as_array();
  if (std::find(roles.begin(), roles.end(), json::value(role)) == roles.end()) {
    side.faults().add(side.at("connector"), "\"" + out.connector + "\" is not a " + role);
    return out;
  }
  out.schema = &spec->second.at("config").as_object();
  check_options(out.options, *out.schema, side.at("options"), side.faults());
  return out;
}

// So that what is typed for a secret is taken as it is.
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "${") out += '$';
    out += text[i];
  }
  return out;
}

json::object file_side(const Part& side, const std::string& role, const std::string& integration,
                       const Specs& specs, std::map<std::string, std::string>& secrets) {
  side.allow({"connector", "options"});
  const CheckedSide checked = checked_side(side, role, specs);
  json::object out{{"connector", checked.connector}};
  for (const auto& option : checked.options) {
    const bool secret = checked.schema != nullptr && is_secret(*checked.schema, option.key());
    if (!secret || any_text(option.value(), has_reference)) {
      out[option.key()] = option.value();
      continue;
    }
    std::string file = "secrets/";
    file.append(integration).append(".").append(role).append(".").append(option.key());
    const std::string place = below(side.at("options"), option.key());
    if (!option.value().is_string()) {
      side.faults().add(place, "must be a text, or a reference such as ${NAME}");
    } else if (option.value().get_string().size() > kMaxSecretBytes) {
      side.faults().add(place, "is longer than " + std::to_string(kMaxSecretBytes >> 10U) + " KiB");
    } else if (!option.value().get_string().empty()) {
      secrets[file] = option.value().get_string();
      out[option.key()] = "${file:" + file + "}";
    }
  }
  return out;
}

// `stream` or `object` and their options, as one block of the file.
void add_options(const Part& part, const std::vector<std::string>& generic, json::object& out) {
  for (const auto& option : part.object("options", false)) {
    const std::string place = below(part.at("options"), option.key());
    if (std::find(generic.begin(), generic.end(), option.key()) != generic.end()) {
      part.faults().add(place, "is no option of the connector");
    } else {
      out[option.key()] = option.value();
    }
  }
}

json::object fields_of(const Part& sync) {
  json::object out;
  for (const auto& field : sync.objects("fields")) {
    field.allow({"name", "value", "type", "null", "overwrite", "preset", "at"});
    const std::string name = field.text("name");
    json::object entry{{"value", field.text("value")}};
    for (const char* key : {"type", "null", "overwrite"}) field.copy_text(key, entry);
    if (name.empty()) continue;
    if (out.contains(name)) field.faults().add(field.at("name"), "\"" + name + "\" is there twice");
    out[name] = entry.size() == 1 ? entry.at("value") : json::value(entry);
  }
  return out;
}

json::object sync_of(const Part& sync, Faults& faults) {
  sync.allow({"name", "read", "write", "preset", "filter", "fields", "checks", "rules"});
  json::object out;
  const Part read{sync.object("read"), sync.at("read"), faults};
  read.allow({"stream", "options"});
  json::object from{{"stream", read.text("stream")}};
  add_options(read, read_keys(), from);
  out["read"] = std::move(from);

  const Part write{sync.object("write"), sync.at("write"), faults};
  write.allow({"object", "match", "mode", "on_delete", "on_exclude", "on_duplicate", "options"});
  json::object to{{"object", write.text("object")}, {"match", write.text("match")}};
  for (const char* key : {"mode", "on_delete", "on_exclude", "on_duplicate"})
    write.copy_text(key, to);
  add_options(write, write_keys(), to);
  out["write"] = std::move(to);

  json::array checks, rules;
  for (const auto& check : sync.objects("checks")) {
    check.allow({"that", "say"});
    checks.push_back(json::object{{"that", check.text("that")}, {"say", check.text("say")}});
  }
  if (!checks.empty()) out["check"] = std::move(checks);
  for (const char* key : {"filter", "preset"}) sync.copy_text(key, out);
  if (auto fields = fields_of(sync); !fields.empty()) out["fields"] = std::move(fields);
  for (const auto& rule : sync.objects("rules")) {
    rule.allow({"when", "set"});
    rules.push_back(json::object{{"when", rule.text("when")}, {"set", rule.object("set")}});
  }
  if (!rules.empty()) out["rules"] = std::move(rules);
  return out;
}

json::value schedule_of(const json::object& draft, Faults& faults) {
  const auto* schedule = draft.if_contains("schedule");
  if (schedule != nullptr && schedule->is_string() && schedule->get_string() == "manual")
    return *schedule;
  if (schedule == nullptr || !schedule->is_object()) {
    faults.add("/schedule", R"(must be "manual", {"every": …} or {"cron": …})");
    return nullptr;
  }
  const Part part{schedule->get_object(), "/schedule", faults};
  part.allow({"every", "cron", "timezone"});
  json::object out;
  for (const char* key : {"every", "cron", "timezone"}) part.copy_text(key, out);
  return json::value(std::move(out));
}

}  // namespace

TrialSide trial_side_of(const json::object& side, const Specs& specs) {
  Faults faults;
  const Part part{side, "", faults};
  part.allow({"connector", "role", "options"});
  TrialSide out;
  out.role = part.text("role");
  if (out.role != "source" && out.role != "destination")
    throw invalid("/role", "\"role\" must be source or destination");
  CheckedSide checked = checked_side(part, out.role, specs);
  faults.throw_if_any();
  out.block["connector"] = checked.connector;
  for (auto& option : checked.options) {
    const bool plain = is_secret(*checked.schema, option.key()) && option.value().is_string() &&
                       !has_reference(option.value().get_string());
    out.block[option.key()] =
        plain ? json::value(escaped(option.value().get_string())) : option.value();
  }
  return out;
}

NewFile new_file_of(const json::object& draft, const Specs& specs) {
  Faults faults;
  const Part part{draft, "", faults};
  part.allow({"integration", "source", "destination", "schedule", "syncs"});
  NewFile out;
  out.integration = part.text("integration");
  if (!out.integration.empty() && !is_name(out.integration)) {
    faults.add("/integration",
               "must be of letters, digits, '-', '_' and '.', starting with a letter or digit, at "
               "most " +
                   std::to_string(kMaxNameBytes));
  }
  faults.throw_if_any();
  out.document["integration"] = out.integration;
  for (const char* role : {"source", "destination"}) {
    const Part side{part.object(role), part.at(role), faults};
    out.document[role] = file_side(side, role, out.integration, specs, out.secrets);
  }
  out.document["schedule"] = schedule_of(draft, faults);
  json::object syncs;
  for (const auto& sync : part.objects("syncs")) {
    const std::string name = sync.text("name");
    json::object entry = sync_of(sync, faults);
    if (name.empty()) continue;
    if (syncs.contains(name)) faults.add(sync.at("name"), "\"" + name + "\" is there twice");
    syncs[name] = std::move(entry);
  }
  if (syncs.empty()) faults.add("/syncs", "there must be one at least");
  if (any_text(json::value(syncs), names_a_file))
    faults.add("/syncs", "a ${file:…} can be written into the file by hand only");
  out.document["syncs"] = std::move(syncs);
  faults.throw_if_any();
  return out;
}

}  // namespace sluice::host::serve
