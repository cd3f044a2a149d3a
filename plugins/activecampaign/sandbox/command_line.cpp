#include "command_line.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/program_options.hpp>
#include <sstream>

#include "sluice/error.hpp"

namespace activecampaign_sandbox {

namespace {

namespace po = boost::program_options;
using sluice::Code;
using sluice::Error;

using Texts = std::vector<std::string>;

po::options_description describe() {
  po::options_description all{"sluice-sandbox-activecampaign: the ActiveCampaign API v3, locally"};
  auto add = all.add_options();
  add("help,h", "this text");
  add("port", po::value<std::string>(), "port on 127.0.0.1; 0 = any free one (default)");
  add("api-key", po::value<std::string>(), "the accepted Api-Token (default sandbox-key)");
  add("time-scale", po::value<std::string>(), "so many times faster than real time (default 1)");
  add("utc-offset", po::value<std::string>(), "the account's zone (default -05:00)");
  add("contacts", po::value<std::string>(), "made-up contacts (default 0)");
  add("seed", po::value<std::string>(), "equal seeds make equal accounts (default 1)");
  add("lists", po::value<std::string>(), "so many lists beside Customers");
  add("fields", po::value<std::string>(), "so many custom fields of all types");
  add("list", po::value<Texts>()->composing(), "a further list, by name; repeatable");
  add("field", po::value<Texts>()->composing(),
      "a further field: TITLE[:TYPE[:OPTION|OPTION]]; repeatable");
  add("tag", po::value<Texts>()->composing(), "a tag, by name; repeatable");
  add("contact-limit", po::value<std::string>(), "contacts that the plan allows");
  for (const Choice& choice : choices()) {
    const std::string text = fmt::format("{} (default {}): {}", fmt::join(choice.values, " | "),
                                         choice.values.front(), choice.help);
    add(std::string{choice.name}.c_str(), po::value<std::string>(), text.c_str());
  }
  for (const NumberChoice& choice : number_choices()) {
    const std::string text = fmt::format("{} (default {})", choice.help, Switches{}.*choice.member);
    add(std::string{choice.name}.c_str(), po::value<std::string>(), text.c_str());
  }
  return all;
}

std::optional<std::string> text_of(const po::variables_map& map, const char* name) {
  if (map.count(name) == 0) return std::nullopt;
  return map[name].as<std::string>();
}

Texts texts_of(const po::variables_map& map, const char* name) {
  return map.count(name) == 0 ? Texts{} : map[name].as<Texts>();
}

std::uint64_t number_of(const po::variables_map& map, const char* name, std::uint64_t otherwise) {
  const auto text = text_of(map, name);
  if (!text) return otherwise;
  std::size_t used = 0;
  try {
    if (text->find('-') == std::string::npos) {
      const std::uint64_t number = std::stoull(*text, &used);
      if (used == text->size()) return number;
    }
  } catch (const std::exception&) {
    // Said below, with the option's name.
  }
  throw Error{Code::Config, fmt::format("--{}: '{}' is not a whole number from 0", name, *text)};
}

double scale_of(const po::variables_map& map) {
  const std::string text = text_of(map, "time-scale").value_or("1");
  std::istringstream in{text};
  double scale = 0;
  if (!(in >> scale) || !in.eof() || scale <= 0) {
    throw Error{Code::Config, fmt::format("--time-scale: '{}' is not a number above 0", text)};
  }
  return scale;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  const po::options_description described = describe();
  po::variables_map map;
  try {
    po::store(po::command_line_parser{arguments}.options(described).positional({}).run(), map);
  } catch (const po::error& error) {
    throw Error{Code::Config, error.what()};
  }
  CommandLine made;
  if (map.count("help") != 0) {
    std::ostringstream out;
    out << described;
    made.help = out.str();
  }
  const std::uint64_t port = number_of(map, "port", 0);
  if (port > 65'535) throw Error{Code::Config, "--port: must be below 65536"};
  made.port = static_cast<int>(port);
  made.time_scale = scale_of(map);
  Switches& switches = made.config.switches;
  if (const auto key = text_of(map, "api-key")) switches.api_key = *key;
  for (const Choice& choice : choices()) {
    const std::string name{choice.name};
    if (const auto value = text_of(map, name.c_str())) set_switch(switches, name, *value);
  }
  for (const NumberChoice& choice : number_choices()) {
    const std::string name{choice.name};
    if (const auto value = text_of(map, name.c_str())) set_switch(switches, name, *value);
  }
  if (const auto offset = text_of(map, "utc-offset")) set_switch(switches, "utc-offset", *offset);
  Seed& seed = made.config.seed;
  seed.contacts = number_of(map, "contacts", 0);
  seed.number = number_of(map, "seed", 1);
  seed.lists = number_of(map, "lists", 0);
  seed.fields = number_of(map, "fields", 0);
  seed.list_names = texts_of(map, "list");
  seed.field_specs = texts_of(map, "field");
  seed.tag_names = texts_of(map, "tag");
  if (map.count("contact-limit") != 0) {
    made.config.contact_limit = number_of(map, "contact-limit", 0);
  }
  return made;
}

}  // namespace activecampaign_sandbox
