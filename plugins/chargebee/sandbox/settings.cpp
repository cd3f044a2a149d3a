#include "settings.hpp"

#include <boost/program_options.hpp>
#include <cmath>
#include <iostream>

#include "sluice/error.hpp"
#include "sluice/json.hpp"

namespace chargebee_sandbox {
namespace {

namespace po = boost::program_options;

// An option that is one of two words.
auto choice(bool& target, const char* name, const char* yes, const char* no) {
  const std::string fallback = target ? yes : no;
  return po::value<std::string>()
      ->default_value(fallback)
      ->value_name(fallback + "|" + (target ? no : yes))
      ->notifier([&target, name, yes, no](const std::string& value) {
        if (value != yes && value != no) {
          throw po::error{"--" + std::string{name} + " must be " + no + " or " + yes + ", not " +
                          value};
        }
        target = value == yes;
      });
}

auto seconds(std::int64_t& target_ms) {
  return po::value<double>()->default_value(0)->value_name("SECONDS")->notifier(
      [&target_ms](double value) { target_ms = std::llround(value * 1000); });
}

template <typename T>
auto with_default(T& target, const char* name) {
  return po::value<T>(&target)->default_value(target)->value_name(name);
}

auto share(double& target) {
  std::string text;
  sluice::write_number(text, target);
  return po::value<double>(&target)->default_value(target, text)->value_name("SHARE");
}

po::options_description data_options(Settings& s) {
  po::options_description options{"Data"};
  auto add = options.add_options();
  add("customers", po::value<std::uint64_t>(&s.customers)->value_name("N"),
      "live customers; deleted ones come on top (default 1000, 0 with --seed-file)");
  add("seed", with_default(s.seed, "N"), "the same seed gives the same data");
  add("seed-file", po::value<std::string>(&s.seed_file)->value_name("FILE"),
      "JSON rows to start from: {\"insert\": [{\"type\", \"values\"}]} or a dump");
  add("catalog", po::value<int>(&s.catalog)->default_value(2)->value_name("1|2"),
      "product catalogue");
  add("data-end", with_default(s.data_end, "UNIX"), "the generated data's last moment");
  add("history", with_default(s.history, "N"), "latest customers that have events from the start");
  add("deleted", share(s.deleted), "deleted customers");
  add("without-subscription", share(s.without_subscription), "");
  add("several-subscriptions", share(s.several_subscriptions), "");
  add("gifters", share(s.gifters), "customers who bought a gift subscription");
  add("missing-email", share(s.missing_email), "");
  add("malformed-email", share(s.malformed_email), "");
  add("duplicate-email", share(s.duplicate_email), "");
  add("without-updated-at", share(s.without_updated_at), "");
  return options;
}

po::options_description behaviour_options(Settings& s) {
  po::options_description options{"Behaviour (the first word is the default)"};
  auto add = options.add_options();
  add("rate-limit",
      po::value<std::string>()
          ->default_value("off")
          ->value_name("off|N/min")
          ->notifier([&s](const std::string& text) { s.rate_limit = parse_rate(text); }),
      "answer 429 beyond so many requests in any 60 s");
  add("concurrency", with_default(s.concurrency, "N"),
      "answer 429 beyond so many at once; 0: no limit");
  add("retry-after", choice(s.retry_after, "retry-after", "on", "off"),
      "whether a 429 says when to come back");
  add("time-scale", with_default(s.time_scale, "X"), "the sandbox's clock runs X times faster");
  add("offset-mode", choice(s.keyset_offsets, "offset-mode", "keyset", "positional"),
      "what next_offset means");
  add("offset-expiry", seconds(s.offset_expiry_ms), "refuse older offsets; 0: never");
  add("visibility-lag", seconds(s.visibility_lag_ms), "lists show changes late");
  add("unknown-params", choice(s.strict_parameters, "unknown-params", "strict", "ignore"), "");
  add("default-order", choice(s.newest_first, "default-order", "desc", "asc"),
      "lists without sort_by");
  add("on", choice(s.on_means_day, "on", "day", "second"), "what attr[on] compares");
  add("consent", choice(s.consent_as_text, "consent", "text", "bool"), "JSON type of cs_* fields");
  add("unset-custom-fields", choice(s.null_custom_fields, "unset-custom-fields", "null", "absent"),
      "");
  return options;
}

}  // namespace

std::int64_t parse_rate(const std::string& text) {
  if (text == "off") return 0;
  const std::size_t slash = text.find('/');
  const std::string number = text.substr(0, slash);
  const bool per_minute = slash != std::string::npos && text.substr(slash) == "/min";
  const bool digits = !number.empty() && number.size() < 10 &&
                      number.find_first_not_of("0123456789") == std::string::npos;
  if (!per_minute || !digits || number == "0") {
    throw sluice::Error{sluice::Code::Config, "a rate limit is off or like 150/min, not " + text};
  }
  return std::stoll(number);
}

void change_settings(Settings& settings, const boost::json::object& changes) {
  const auto refuse = [](std::string_view name) {
    throw sluice::Error{sluice::Code::Config,
                        "reset: " + std::string{name} + " cannot be changed so"};
  };
  for (const auto& [name, value] : changes) {
    if (name == "offset_mode") {
      if (value != "positional" && value != "keyset") refuse(name);
      settings.keyset_offsets = value == "keyset";
      continue;
    }
    if (!value.is_number() || value.to_number<double>() < 0) refuse(name);
    if (name == "customers") {
      settings.customers = value.to_number<std::uint64_t>();
    } else if (name == "seed") {
      settings.seed = value.to_number<std::uint64_t>();
    } else if (name == "catalog" && (value == 1 || value == 2)) {
      settings.catalog = value.to_number<int>();
    } else if (name == "visibility_lag") {
      settings.visibility_lag_ms = std::llround(value.to_number<double>() * 1000);
    } else {
      refuse(name);
    }
  }
}

CommandLine parse_command_line(int argc, char** argv, Settings& settings) {
  po::options_description general{"General"};
  general.add_options()("help,h", "this text");
  general.add_options()("port", with_default(settings.port, "PORT"),
                        "on 127.0.0.1; 0: any free one");
  general.add_options()("site", with_default(settings.site, "NAME"), "the site's name");
  general.add_options()("api-key", with_default(settings.api_key, "KEY"), "full access");
  general.add_options()("read-only-key", with_default(settings.read_only_key, "KEY"),
                        "may only read");
  po::options_description all{
      "usage: sluice-sandbox chargebee [options]\n\n"
      "Serves a local site that behaves as Chargebee's API v2 does, and prints its URL"};
  all.add(general).add(data_options(settings)).add(behaviour_options(settings));

  po::variables_map values;
  // No abbreviations: a misspelt option must not pass as another one.
  const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::store(po::command_line_parser{argc, argv}.options(all).positional({}).style(style).run(),
            values);
  if (values.count("help") > 0) {
    std::cout << all;
    return CommandLine::Help;
  }
  po::notify(values);
  if (settings.catalog != 1 && settings.catalog != 2) throw po::error{"--catalog must be 1 or 2"};
  if (settings.time_scale <= 0) throw po::error{"--time-scale must be above 0"};
  if (!settings.seed_file.empty() && values.count("customers") == 0) settings.customers = 0;
  return CommandLine::Run;
}

}  // namespace chargebee_sandbox
