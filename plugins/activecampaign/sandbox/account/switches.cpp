#include "account/switches.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "account/times.hpp"
#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

using sluice::Code;
using sluice::Error;

Choice flag(std::string_view name, std::string_view off, std::string_view on, std::string_view help,
            bool Switches::*member) {
  return {name, {off, on}, help, [member](Switches& s, std::size_t i) { s.*member = i == 1; }};
}

Choice inverted(std::string_view name, std::string_view on, std::string_view off,
                std::string_view help, bool Switches::*member) {
  return {name, {on, off}, help, [member](Switches& s, std::size_t i) { s.*member = i == 0; }};
}

Choice status(std::string_view name, std::vector<int> codes, std::vector<std::string_view> values,
              std::string_view help, int Switches::*member) {
  return {name, std::move(values), help,
          [member, codes = std::move(codes)](Switches& s, std::size_t i) { s.*member = codes[i]; }};
}

std::vector<Choice> make_choices() {
  using S = Switches;
  return {
      flag("rate-limit", "off", "on", "5 requests a second and the bulk limits", &S::rate_limit),
      flag("rate-headers", "off", "on", "RateLimit-* headers on every answer", &S::rate_headers),
      inverted("retry-after", "on", "off", "Retry-After with 429", &S::retry_after),
      {"rate-body",
       {"empty", "html", "json"},
       "body of a 429",
       [](S& s, std::size_t i) { s.rate_body = static_cast<RateBody>(i); }},
      {"bad-token",
       {"empty403", "html200", "json403"},
       "answer to a wrong or missing Api-Token",
       [](S& s, std::size_t i) { s.bad_token = static_cast<BadToken>(i); }},
      flag("bulk-success", "created", "all", "ids in a batch's `success`", &S::bulk_success_all),
      flag("bulk-blanks", "keep", "clear", "\"\" in a bulk row", &S::bulk_blanks_clear),
      status("unknown-batch", {404, 400, 200}, {"404", "400", "200"},
             "answer to import/info for an unknown batchId", &S::unknown_batch_status),
      flag("tag-duplicate", "200", "422", "POST /tags of an existing name",
           &S::tag_duplicate_refused),
      flag("email-case", "fold", "keep", "how addresses are stored (matching always folds)",
           &S::keep_email_case),
      flag("tombstone", "off", "on", "GET of a deleted contact answers a deleted+<id>@ row",
           &S::tombstones),
      flag("id-style", "mixed", "strings", "numbers or strings in answers to writes",
           &S::all_ids_as_strings),
      {"exclude-automations",
       {"top", "row", "both"},
       "where bulk_import reads exclude_automations",
       [](S& s, std::size_t i) { s.exclude_automations = static_cast<ExcludeAutomations>(i); }},
      status("over-limit", {422, 402, 403}, {"422", "402", "403"},
             "answer to creating a contact beyond the contact limit", &S::over_limit_status),
      flag("bad-field-values", "ignore", "500", "fieldValues without `field` in a sync",
           &S::bad_field_values_fail),
      flag("standard-blank", "clear", "keep", "\"\" for firstName, lastName, phone",
           &S::standard_blank_keeps),
      flag("standard-null", "clear", "keep", "null for firstName, lastName, phone",
           &S::standard_null_keeps),
      flag("empty-date", "clear", "keep", "\"\" for date and datetime fields",
           &S::empty_date_keeps),
      flag("option-mismatch", "store", "drop", "a value that is no option of its field",
           &S::option_mismatch_drops),
      flag("field-titles", "fold", "exact", "whether titles differing in case are duplicates",
           &S::field_titles_exact),
      inverted("currency-fields", "on", "off", "contact fields of type currency",
               &S::currency_fields),
      flag("resubscribe", "plain", "sourceid", "status 1 over 2 needs sourceid 4",
           &S::resubscribe_needs_source),
  };
}

std::int64_t parse_number(std::string_view name, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw Error{Code::Config, fmt::format("{}: '{}' is not a whole number", name, text)};
  }
  return number;
}

}  // namespace

const std::vector<Choice>& choices() {
  static const std::vector<Choice> all = make_choices();
  return all;
}

const std::vector<NumberChoice>& number_choices() {
  static const std::vector<NumberChoice> all = {
      {"import-delay", 0, 86'400'000, "milliseconds until a bulk batch is completed",
       &Switches::import_delay_ms},
      {"fields-default-limit", 1, 100, "page size of GET /fields without a limit",
       &Switches::fields_default_limit},
      {"max-length", 0, 1'000'000, "longest text a contact accepts; 0 = any",
       &Switches::max_length},
  };
  return all;
}

void set_switch(Switches& switches, std::string_view name, std::string_view value) {
  for (const Choice& choice : choices()) {
    if (choice.name != name) continue;
    for (std::size_t i = 0; i < choice.values.size(); ++i) {
      if (choice.values[i] == value) return choice.set(switches, i);
    }
    throw Error{Code::Config,
                fmt::format("{}: '{}' is none of {}", name, value, fmt::join(choice.values, ", "))};
  }
  for (const NumberChoice& choice : number_choices()) {
    if (choice.name != name) continue;
    const std::int64_t number = parse_number(name, value);
    if (number < choice.minimum || number > choice.maximum) {
      throw Error{Code::Config, fmt::format("{}: {} is not between {} and {}", name, number,
                                            choice.minimum, choice.maximum)};
    }
    switches.*choice.member = number;
    return;
  }
  if (name == "utc-offset") {
    switches.utc_offset_minutes = parse_utc_offset(value);
    return;
  }
  throw Error{Code::Config, fmt::format("no switch is called '{}'", name)};
}

}  // namespace activecampaign_sandbox
