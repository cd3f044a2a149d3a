// How a Chargebee sandbox behaves and what it is filled with. Where the vendor's behaviour is not
// documented, a setting chooses between the plausible ones.
#pragma once

#include <cstdint>
#include <sluice/json.hpp>
#include <string>

namespace chargebee_sandbox {

struct Settings {
  std::uint64_t customers = 1000;  // live ones; deleted customers come on top
  std::uint64_t seed = 1;
  int port = 0;
  std::string site = "acme-test";
  std::string api_key = "sandbox-key";
  std::string read_only_key = "sandbox-read-only-key";
  int catalog = 2;
  // A JSON file with rows to start from, in the form of a mutation's `insert` or of a dump.
  std::string seed_file;

  std::int64_t rate_limit = 0;   // requests in any 60 s; 0: no limit
  std::int64_t concurrency = 0;  // requests at the same time; 0: no limit
  bool retry_after = true;       // whether a 429 says when to come back
  double time_scale = 1;         // the sandbox's clock runs so many times faster

  bool keyset_offsets = false;  // offsets continue after the last row instead of at a position
  std::int64_t offset_expiry_ms = 0;   // offsets older than this are refused; 0: never
  std::int64_t visibility_lag_ms = 0;  // lists show a change only after this
  bool strict_parameters = false;   // unknown query parameters answer 400 instead of being ignored
  bool newest_first = false;        // order of lists without sort_by
  bool on_means_day = true;         // attr[on]: same UTC day, or same second
  bool consent_as_text = false;     // cs_* fields are "True"/"False" instead of true/false
  bool null_custom_fields = false;  // unset cf_* fields are null instead of absent

  std::int64_t data_end =
      1'751'241'600;             // generated data lies in the eleven years before this (2025-06-30)
  std::uint64_t history = 1000;  // so many of the latest customers have events from the start

  // Shares of all customers.
  double deleted = 0.01;
  double without_subscription = 0.03;
  double several_subscriptions = 0.1;
  double gifters = 0.02;
  double missing_email = 0.005;
  double malformed_email = 0.0005;
  double duplicate_email = 0.004;
  double without_updated_at = 0.01;
};

enum class CommandLine { Run, Help };

// Reads the command line into `settings`; for --help, the text is printed.
// Errors: throws std::exception with a message for the user.
[[nodiscard]] CommandLine parse_command_line(int argc, char** argv, Settings& settings);

// What a reset may change: {"customers", "seed", "catalog": 1|2, "offset_mode":
// "positional"|"keyset", "visibility_lag": seconds}. Errors: throws sluice::Error{Config}.
void change_settings(Settings& settings, const boost::json::object& changes);

// "off" or "150/min"; returns requests per minute, 0 for off. Errors: throws sluice::Error{Config}.
[[nodiscard]] std::int64_t parse_rate(const std::string& text);

}  // namespace chargebee_sandbox
