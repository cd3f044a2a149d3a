// What an operator can choose about the account's behaviour: every point that the vendor's
// documentation leaves open or that was seen both ways. The same names serve the command line
// (`--bad-token html200`) and the control endpoint
// (`{"switches": {"bad-token": "html200"}}`).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace activecampaign_sandbox {

enum class BadToken : std::uint8_t { Empty403 = 0, Html200 = 1, Json403 = 2 };
enum class RateBody : std::uint8_t { Empty = 0, Html = 1, Json = 2 };
enum class ExcludeAutomations : std::uint8_t { Top = 0, Row = 1, Both = 2 };

struct Switches {
  std::string api_key = "sandbox-key";
  bool rate_limit = false;
  bool rate_headers = false;
  bool retry_after = true;
  RateBody rate_body = RateBody::Empty;
  BadToken bad_token = BadToken::Empty403;
  std::int64_t import_delay_ms = 200;  // from submission to completion of a bulk batch
  bool bulk_success_all = false;   // `success` holds created and updated ids, not only created ones
  bool bulk_blanks_clear = false;  // "" in a bulk row clears instead of keeping
  int unknown_batch_status = 404;
  bool tag_duplicate_refused = false;  // POST /tags of an existing name: 422 instead of 200
  bool keep_email_case = false;
  bool tombstones = false;  // GET of a deleted contact answers a `deleted+<id>@` row instead of 404
  std::int64_t utc_offset_minutes = -300;
  bool all_ids_as_strings = false;  // otherwise first writes echo numbers, as recorded
  ExcludeAutomations exclude_automations = ExcludeAutomations::Top;
  int over_limit_status = 422;
  bool bad_field_values_fail =
      false;  // {"id": …} instead of {"field": …} in a sync: 500 instead of ignored
  bool standard_blank_keeps = false;   // "" for names and phone
  bool standard_null_keeps = false;    // null for names and phone
  bool empty_date_keeps = false;       // "" for date and datetime fields
  bool option_mismatch_drops = false;  // a value that is no option of its field is not stored
  bool field_titles_exact = false;     // titles differing only in case are different fields
  bool currency_fields = true;
  bool resubscribe_needs_source = false;  // status 1 over 2 works only with sourceid 4
  std::int64_t fields_default_limit = 20;
  std::int64_t max_length = 0;  // longer texts are refused with 422; 0 = no limit
};

// A switch with named values; the first is the default.
struct Choice {
  std::string_view name;
  std::vector<std::string_view> values;
  std::string_view help;
  std::function<void(Switches&, std::size_t)> set;  // gets the index of the chosen value
};

// A switch with a number in a range.
struct NumberChoice {
  std::string_view name;
  std::int64_t minimum;
  std::int64_t maximum;
  std::string_view help;
  std::int64_t Switches::*member;
};

[[nodiscard]] const std::vector<Choice>& choices();
[[nodiscard]] const std::vector<NumberChoice>& number_choices();

// Sets one switch by name. Errors: throws sluice::Error{Config} naming the switch, the value and
// what is allowed.
void set_switch(Switches& switches, std::string_view name, std::string_view value);

}  // namespace activecampaign_sandbox
