#include "discover.hpp"

#include "contact.hpp"
#include "removal.hpp"
#include "write_options.hpp"

namespace activecampaign {

using sluice::Field;
using sluice::FieldType;

std::optional<std::string> creatable_type(FieldType type) {
  switch (type) {
    case FieldType::Text:
      return "text";
    case FieldType::Textarea:
      return "textarea";
    case FieldType::Number:
      return "number";
    case FieldType::Date:
      return "date";
    case FieldType::Datetime:
      return "datetime";
    case FieldType::Boolean:
    case FieldType::Option:
    case FieldType::Options:
      break;
  }
  return std::nullopt;
}

namespace {

Field built_in(const char* name, bool is_set = false) {
  Field field;
  field.name = name;
  field.built_in = true;
  field.set = is_set;
  field.required = field.name == "email";
  return field;
}

Field custom(const CustomField& source, bool by_tag) {
  Field field;
  field.name = by_tag && !source.perstag.empty() ? source.perstag : source.title;
  field.type = source.type;
  for (const auto& option : source.options) field.options.push_back(option.value);
  return field;
}

}  // namespace

AccountModel load_model(sluice::Context& context, Client& client) {
  AccountModel model;
  model.load_fields(context, client);
  try {
    model.load_lists(context, client);
  } catch (const sluice::Error& error) {
    // They are choices to offer: who writes to no list may do without seeing them.
    if (error.code() == sluice::Code::Cancelled) throw;
  }
  return model;
}

sluice::Object describe_contacts(const AccountModel& model) {
  sluice::Object object;
  object.name = kContacts;
  object.match = {"email"};
  object.key_fold_lower = true;
  for (const char* name : {"email", "firstName", "lastName", "phone"}) {
    object.fields.push_back(built_in(name));
  }
  object.fields.push_back(built_in(kTagsField, true));
  object.fields.push_back(built_in(kListsField, true));
  for (const auto& field : model.fields()) {
    const bool hidden_by_built_in =
        is_built_in(field.title) || field.title == kTagsField || field.title == kListsField;
    const bool ambiguous = model.find_fields(field.title).size() > 1;
    object.fields.push_back(custom(field, ambiguous || hidden_by_built_in));
  }
  object.creates_fields = {FieldType::Text, FieldType::Textarea, FieldType::Number, FieldType::Date,
                           FieldType::Datetime};
  object.delete_actions = delete_actions();
  object.options = write_spec(model);
  return object;
}

}  // namespace activecampaign
