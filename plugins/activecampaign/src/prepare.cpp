#include "prepare.hpp"

#include <optional>
#include <string>
#include <utility>

#include "contact.hpp"
#include "discover.hpp"
#include "write_options.hpp"

namespace activecampaign {

using sluice::PreparedField;
using sluice::WantedField;
using Kind = Answer::Kind;
using Status = PreparedField::Status;

namespace {

constexpr auto kEverywhere = "0";  // a relation to all lists
constexpr int kAttempts = 3;

// Neither made nor refused by an answer that says so: a refusal without a word, or a web page,
// comes and goes with valid keys too.
bool is_undecided(const Answer& answer) {
  if (answer.kind == Kind::Denied) return answer.body.empty() || answer.status == 402;
  return answer.kind == Kind::Passing;
}

class Preparation {
 public:
  Preparation(sluice::Context& context, Client& client, KnownAccount& known,
              const sluice::PrepareRequest& request)
      : context_{context},
        client_{client},
        request_{request},
        known_{known},
        model_{known.whole(context, client)},
        options_{read_write_options(request.options, model_)} {}

  std::vector<PreparedField> run() {
    std::vector<PreparedField> result;
    result.reserve(request_.fields.size());
    for (const auto& wanted : request_.fields) result.push_back(prepare(wanted));
    return result;
  }

 private:
  PreparedField prepare(const WantedField& wanted) {
    if (is_built_in(wanted.name) || wanted.name == kTagsField || wanted.name == kListsField) {
      return {wanted.name, Status::Exists, {}};
    }
    if (trim(wanted.name).empty()) {
      return {wanted.name, Status::Impossible, "a custom field needs a title"};
    }
    if (auto known = existing(wanted, Status::Exists)) return std::move(*known);
    const auto type = creatable_type(wanted.type);
    if (!type) {
      return {wanted.name, Status::Impossible,
              "fields of type " + std::string{sluice::to_string(wanted.type)} +
                  " cannot be created: create \"" + wanted.name +
                  "\" at ActiveCampaign with its options, or map it as text"};
    }
    if (request_.dry_run) return {wanted.name, Status::Missing, "would be created as " + *type};
    return create(wanted, *type);
  }

  // The answer for a field that the account has; nothing when it has none.
  std::optional<PreparedField> existing(const WantedField& wanted, Status status) {
    const auto found = model_.find_fields(wanted.name);
    if (found.empty()) return std::nullopt;
    if (found.size() > 1) {
      std::string tags;
      for (const auto* field : found) {
        tags += (tags.empty() ? "" : ", ") + field->perstag + " (id " + field->id + ")";
      }
      return PreparedField{wanted.name, Status::Impossible,
                           "several fields have this title: map the one that is meant by its "
                           "personalisation tag: " +
                               tags};
    }
    return PreparedField{wanted.name, status, show(*found.front())};
  }

  PreparedField create(const WantedField& wanted, const std::string& type) {
    const std::string title{trim(wanted.name)};
    const json::object body{
        {"field", json::object{{"title", title}, {"type", type}, {"visible", 1}}}};
    Answer answer;
    std::string id;
    known_.forget();
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      answer = send_creation(body);
      id = scalar(member(answer.body, "field"), "id");
      const bool is_title_taken = answer.status == 422 || answer.code == "duplicate";
      if (!is_undecided(answer) && !is_title_taken) break;
      // Somebody has created it, or our own request arrived and its answer did not. Where the key
      // is refused for good, this says so.
      model_.load_fields(context_, client_);
      const auto status = is_title_taken ? Status::Exists : Status::Created;
      if (auto known = existing(wanted, status)) return std::move(*known);
      if (is_title_taken) break;
    }
    if (is_undecided(answer)) throw answer.error("creating the field \"" + title + '"');
    if (!answer.ok()) {
      return {wanted.name, Status::Impossible,
              "the account refuses to create the field: " + answer.message +
                  (answer.kind == Kind::Denied
                       ? "; the API key's user needs the permission to manage custom fields"
                       : "")};
    }
    CustomField field;
    field.id = id;
    field.title = title;
    field.lists_are_known = true;
    return {wanted.name, Status::Created, show(field)};
  }

  Answer send_creation(const json::object& body) {
    auto answer = client_.send(context_, write_request("POST", "/fields", "/fields", body, false));
    if (answer.ok() && scalar(member(answer.body, "field"), "id").empty()) {
      answer.kind = Kind::Passing;
      answer.message = "the answer names no field";
    }
    return answer;
  }

  // A field without a relation is shown nowhere: such are those that the API has just created, and
  // those of a run that was cut off between the two calls. Returns a warning, if any.
  std::string show(const CustomField& field) {
    if (request_.dry_run || !field.lists_are_known || field.id.empty()) return {};
    std::string target = kEverywhere;
    if (!field.lists.empty()) {
      const bool is_shown = field.lists.contains(kEverywhere) || !options_.list_id ||
                            field.lists.contains(*options_.list_id);
      if (is_shown) return {};
      target = *options_.list_id;
    }
    const json::object body{
        {"fieldRel", json::object{{"field", id_value(field.id)}, {"relid", id_value(target)}}}};
    known_.forget();
    const auto answer =
        client_.send(context_, write_request("POST", "/fieldRels", "/fieldRels", body, true));
    if (answer.ok()) return {};
    auto warning =
        "the field \"" + field.title +
        "\" could not be made visible, so that its values may not be shown: " + answer.message;
    context_.warn(warning);
    return warning;
  }

  sluice::Context& context_;
  Client& client_;
  const sluice::PrepareRequest& request_;
  KnownAccount& known_;
  AccountModel model_;
  WriteOptions options_;
};

}  // namespace

std::vector<PreparedField> prepare_fields(sluice::Context& context, Client& client,
                                          KnownAccount& known,
                                          const sluice::PrepareRequest& request) {
  return Preparation{context, client, known, request}.run();
}

}  // namespace activecampaign
