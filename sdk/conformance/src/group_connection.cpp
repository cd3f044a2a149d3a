// sandbox, config, check and discover: what a scenario stands on, options, credentials, what there
// is.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <set>

#include "check.hpp"
#include "connector/driver.hpp"
#include "connector/unique_fd.hpp"
#include "integration/options.hpp"
#include "walk.hpp"

namespace sluice::conformance {
namespace {

using Needs = Check::Needs;

const json::object& schema_of(const Bench& bench) {
  return bench.spec.at("config").as_object();
}

// Makes an instance in this process from options as they are, which the host would not let through.
void create(Bench& bench, const std::string& options) {
  const auto driver = host::make_table_driver(bench.plugin, bench.services);
  driver->create(options);
}

// A connector of both roles looks at its options when a role is first used.
void create_and_use(Bench& bench, const json::object& options) {
  const auto driver = host::make_table_driver(bench.plugin, bench.services);
  driver->create(to_json(options));
  static_cast<void>(driver->call(host::Operation::Check, 0, {}));
}

json::object whole(const Bench& bench) {
  json::object options = bench.config;
  host::apply_defaults(options, schema_of(bench));
  return options;
}

std::vector<std::string> required(const Bench& bench) {
  std::vector<std::string> names;
  if (const auto* all = schema_of(bench).if_contains("required"))
    for (const auto& name : all->as_array()) names.emplace_back(name.as_string());
  return names;
}

void keeps_secrets(const Bench& bench, const std::string& what, const std::string& text) {
  expect_no_secret(host::secrets_in(schema_of(bench), bench.config), what, text);
}

void names_what_is_missing(Bench& bench) {
  for (const auto& name : required(bench)) {
    json::object options = whole(bench);
    options.erase(name);
    const auto error = expect_error("an instance without the required option " + name,
                                    {Code::Config}, [&] { create_and_use(bench, options); });
    expect(std::string_view{error.what()}.find(name) != std::string_view::npos,
           "without option " + name + ", the error does not name it: " + error.what());
    keeps_secrets(bench, "the error about a missing option", error.what());
  }
}

void refuses_other_types(Bench& bench) {
  for (const auto& name : required(bench)) {
    json::object options = whole(bench);
    options[name] = json::object{{"not", "this"}};
    const auto error = expect_error("an instance whose option " + name + " is an object",
                                    {Code::Config}, [&] { create_and_use(bench, options); });
    expect(std::string_view{error.what()}.find(name) != std::string_view::npos,
           "when option " + name + " is an object, the error does not name it: " + error.what());
  }
}

void survives_anything(Bench& bench) {
  const auto try_it = [&](const std::string& what, const std::string& options) {
    try {
      create(bench, options);
    } catch (const Error& error) {
      expect(error.code() == Code::Config,
             "an instance with " + what + " must work or fail with Config, but fails with " +
                 std::string{to_string(error.code())} + ": " + error.what());
      keeps_secrets(bench, "the error about " + what, error.what());
    }
  };
  const json::object options = whole(bench);
  json::object more = options;
  more["an option that does not exist"] = 1;
  try_it("an option that does not exist", to_json(more));
  for (const auto& name : required(bench)) {
    json::object changed = options;
    for (const auto& [what, text] : {std::pair{"an empty text", std::string{}},
                                     {"a text of 1 MB", std::string(1'000'000, 'x')}}) {
      if (!changed[name].is_string()) continue;
      changed[name] = text;
      try_it(std::string{what} + " in " + name, to_json(changed));
    }
  }
  try_it("no options", "{}");
  try_it("an array in place of the options", "[]");
  try_it("bytes that are not UTF-8", "{\"a\":\"\xFF\xFE\"}");
  try_it("half a document", to_json(options).substr(0, 5));
}

std::string account_of(const json::object& answer) {
  const auto* id = answer.if_contains("account_id");
  expect(id != nullptr && id->is_string() && !id->get_string().empty(),
         "check answers no account_id, to which the state would be bound");
  return std::string{id->get_string()};
}

void check_names_the_account(Bench& bench) {
  const auto first = account_of(bench.start()->check());
  expect(first == account_of(bench.start()->check()), "the account_id differs between two calls");
}

void check_refuses_credentials(Bench& bench) {
  if (!bench.scenario.bad_credentials)
    throw Failed{
        "the scenario gives no bad_credentials: give some, or say in quirks.yaml why "
        "there are none"};
  const auto changes =
      substituted(json::value(*bench.scenario.bad_credentials), {{"DIR", bench.folder.string()}});
  expect_error("check with bad credentials", {Code::Auth}, [&] {
    static_cast<void>(bench.start(host::RunMode::Worker, changes.as_object())->check());
  });
}

void check_writes_nothing(Bench& bench) {
  const auto before = bench.sandbox().writes();
  const auto connector = bench.start();
  static_cast<void>(connector->check());
  static_cast<void>(connector->discover());
  expect(bench.sandbox().writes() == before,
         "check or discover write: " + bench.sandbox().writes());
}

// Where a sandbox was. Its port is kept, so that nobody else opens it: connections are refused.
class GoneSandbox {
 public:
  explicit GoneSandbox(const Bench& bench) {
    do {
      const Sandbox gone{bench.scenario.sandbox, bench.scenario.file.parent_path()};
      url_ = gone.url();
    } while (!keep_port());
  }

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  // False when somebody else has it already.
  bool keep_port() {
    constexpr std::string_view kLoopback = "http://127.0.0.1:";
    if (!url_.starts_with(kLoopback)) return true;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(url_.substr(kLoopback.size()))));
    port_ = host::UniqueFd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const int on = 1;
    ::setsockopt(port_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(port_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return true;
    expect(errno == EADDRINUSE, "the port of a sandbox that has ended cannot be kept");
    return false;
  }

  std::string url_;
  host::UniqueFd port_;
};

void check_says_that_nobody_answers(Bench& bench) {
  const GoneSandbox gone{bench};
  const auto changes = substituted(json::value(bench.scenario.config),
                                   {{"URL", gone.url()}, {"DIR", bench.folder.string()}});
  expect_error("check of an address where nobody answers", {Code::Transient}, [&] {
    static_cast<void>(bench.start(host::RunMode::Worker, changes.as_object())->check());
  });
}

std::set<std::string> names_in(const json::object& catalog, const char* kind) {
  std::set<std::string> names;
  const auto* all = catalog.if_contains(kind);
  if (all == nullptr) return names;
  for (const auto& one : all->as_array()) {
    const std::string name{one.at("name").as_string()};
    expect(!name.empty(), std::string{"one of the "} + kind + " has no name");
    expect(names.insert(name).second, std::string{kind} + " name " + name + " twice");
  }
  return names;
}

void discover_is_repeatable(Bench& bench) {
  const auto first = bench.start()->discover();
  static_cast<void>(names_in(first, "streams"));
  static_cast<void>(names_in(first, "objects"));
  expect(to_canonical_json(first) == to_canonical_json(bench.start()->discover()),
         "discover answers something else when it is asked again");
}

void discover_knows_the_scenario(Bench& bench) {
  const auto catalog = bench.start()->discover();
  if (const auto& read = bench.scenario.read)
    expect(names_in(catalog, "streams").count(read->stream) == 1,
           "discover does not name the stream " + read->stream);
  if (const auto& write = bench.scenario.write)
    expect(names_in(catalog, "objects").count(write->object) == 1,
           "discover does not name the object " + write->object);
}

void records_match_the_schema(Bench& bench) {
  const auto& plan = *bench.scenario.read;
  const auto connector = bench.start();
  const auto catalog = connector->discover();
  json::object schema;
  for (const auto& stream : catalog.at("streams").as_array()) {
    const auto* declared = stream.as_object().if_contains("schema");
    if (stream.at("name") == json::value(plan.stream) && declared != nullptr)
      schema = declared->as_object();
  }
  for (const auto& [key, record] : keys_of(walk(*connector, read_request(plan)))) {
    const auto* data = record.if_contains("data");
    if (data == nullptr) continue;
    for (const auto& problem : host::validate_options(data->as_object(), schema, {}, "record"))
      throw Failed{"record " + key + " is not as discover says: " + problem.message};
  }
}

}  // namespace

void add_sandbox_checks(std::vector<Check>& checks) {
  checks.push_back({"sandbox", "starts", "the sandbox starts and says where it is", 0,
                    Needs::Sandbox, nullptr, true, false});
}

void add_config_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, auto run) {
    checks.push_back({"config", name, about, 0, Needs::Nothing, run, true, false});
  };
  add("missing", "a missing option is named", names_what_is_missing);
  add("types", "an option of another type is named", refuses_other_types);
  add("anything", "no options make the connector crash or tell a secret", survives_anything);
}

void add_check_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, bool promised, auto run) {
    checks.push_back({"check", name, about, 0, Needs::Nothing, run, promised, false});
  };
  add("account", "the account has a name that stays", true, check_names_the_account);
  add("credentials", "bad credentials are Auth", false, check_refuses_credentials);
  add("unreachable", "an address where nobody answers is Transient", false,
      check_says_that_nobody_answers);
  add("writes_nothing", "neither check nor discover write", false, check_writes_nothing);
}

void add_discover_checks(std::vector<Check>& checks) {
  const auto add = [&](const char* name, const char* about, Needs needs, auto run) {
    checks.push_back({"discover", name, about, 0, needs, run, true, false});
  };
  add("repeatable", "the answer stays, names are unique", Needs::Nothing, discover_is_repeatable);
  add("scenario", "the scenario's stream and object are named", Needs::Nothing,
      discover_knows_the_scenario);
  add("schema", "records are as their schema says", Needs::Read, records_match_the_schema);
}

}  // namespace sluice::conformance
