#include "write_options.hpp"

namespace activecampaign {

using sluice::Code;
using sluice::Error;

sluice::Spec write_spec(const AccountModel& model) {
  sluice::Spec spec{"contacts"};
  spec.string("list").describe(
      "List (name or id) that every written contact becomes a member of; must exist");
  // Of lists with one name, only the id means one.
  for (const auto& list : model.lists())
    spec.example(json::value(model.find_lists(list.name).size() == 1 ? list.name : list.id));
  if (model.lists().empty()) spec.example("Customers");
  return spec.choice("transport", {"auto", "sync", "bulk"})
      .describe(
          "auto: imports for many contacts, single calls for few; sync: only single calls; "
          "bulk: imports wherever they can express the change")
      .fallback("auto")
      .choice("resubscribe", {"never", "own", "always"})
      .describe("Which unsubscriptions may be undone: none, those that Sluice made, anybody's")
      .fallback("own")
      .boolean("exclude_automations")
      .describe("Imports start no automations; single calls cannot suppress them")
      .fallback(false)
      .string("delete_tag")
      .describe("Tag that the delete action \"tag\" adds")
      .fallback("deleted-in-source")
      .boolean("create_tags")
      .describe("Create tags that the account does not have; otherwise they are record errors")
      .fallback(true);
}

namespace {

TransportChoice parse_transport(const std::string& text) {
  if (text == "auto") return TransportChoice::Auto;
  if (text == "sync") return TransportChoice::Sync;
  if (text == "bulk") return TransportChoice::Bulk;
  throw Error{Code::Config, "transport: \"" + text + "\" is none of auto, sync, bulk"};
}

// An id may be written as a number.
std::string list_option(const sluice::Config& config) {
  const auto* value = config.values().if_contains("list");
  return value == nullptr ? std::string{} : std::string{trim(scalar(*value))};
}

}  // namespace

WriteOptions read_write_options(const sluice::Config& config, const AccountModel& model) {
  WriteOptions options;
  if (const auto list = list_option(config); !list.empty()) {
    options.list_id = require_list(model, list).id;
  }
  options.transport = parse_transport(config.text("transport", "auto"));
  options.resubscribe = parse_resubscribe(config.text("resubscribe", "own"));
  options.exclude_automations = config.flag("exclude_automations", false);
  options.create_tags = config.flag("create_tags", true);
  options.delete_tag = std::string{trim(config.text("delete_tag", options.delete_tag))};
  if (options.delete_tag.empty()) throw Error{Code::Config, "delete_tag is empty: name a tag"};
  return options;
}

}  // namespace activecampaign
