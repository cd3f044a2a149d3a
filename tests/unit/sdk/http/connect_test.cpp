// Whom the libcurl transport connects to once names are resolved. This program resolves the names
// below `.sluice.test` itself: libcurl calls the function defined here.
#include <arpa/inet.h>
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <map>
#include <mutex>

#include "recording_host.hpp"
#include "sluice/http.hpp"
#include "sluice/testing/sandbox.hpp"

namespace {

std::mutex names_mutex;
std::map<std::string, std::vector<std::string>> names;  // guarded by names_mutex

std::vector<std::string> addresses_of(const char* name) {
  const std::lock_guard lock{names_mutex};
  const auto found = name == nullptr ? names.end() : names.find(name);
  return found == names.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  static const auto real =
      reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  const auto addresses = addresses_of(name);
  if (addresses.empty()) return real(name, service, hints, result);
  addrinfo numeric = hints != nullptr ? *hints : addrinfo{};
  numeric.ai_flags |= AI_NUMERICHOST;
  numeric.ai_family = AF_UNSPEC;
  addrinfo** end = result;
  for (const auto& address : addresses) {
    if (const int failure = real(address.c_str(), service, &numeric, end)) return failure;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return 0;
}

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;

struct Connect : ::testing::Test {
  RecordingHost host;
  Context context{host, {}};
  SandboxClock clock;
  SandboxServer server{clock};
  std::atomic<int> handled = 0;
  HttpOptions options;
  std::string port;

  void SetUp() override {
    const auto handle = [this](const SandboxRequest&) {
      ++handled;
      return SandboxResponse::text(200, "text/plain", "reached");
    };
    server.route("GET", "/x", handle);
    server.start();
    port = server.url().substr(server.url().rfind(':'));
    options.network.allow_plain_http = true;
    options.auth = BasicAuth{"key"};
    options.retry_base = std::chrono::milliseconds{1};
  }
  void TearDown() override {
    const std::lock_guard lock{names_mutex};
    names.clear();
  }

  void resolve(const std::string& name, std::vector<std::string> addresses) {
    const std::lock_guard lock{names_mutex};
    names[name] = std::move(addresses);
  }
  HttpResult get(const std::string& name) {
    options.base_url = "http://" + name + port;
    HttpClient client{options};
    return client.send_all(context, {HttpRequest{.path = "/x"}}).front();
  }
  std::string refusal(const std::string& name) {
    const auto result = get(name);
    if (!result.error) return "reached";
    EXPECT_EQ(result.error->code(), Code::Config) << result.error->what();
    EXPECT_TRUE(result.unsent);
    return result.error->what();
  }
};

TEST_F(Connect, ReachesWhatANameResolvesTo) {
  resolve("good.sluice.test", {"127.0.0.1"});
  EXPECT_EQ(get("good.sluice.test").response->body, "reached");
}

TEST_F(Connect, RefusesNamesOfMetadataAddresses) {
  int count = 0;
  for (const auto* address : {"169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0",
                              "::", "::ffff:169.254.169.254", "224.0.0.1", "100.100.100.200"}) {
    const std::string name = "bad" + std::to_string(++count) + ".sluice.test";
    resolve(name, {address});
    EXPECT_THAT(refusal(name), HasSubstr("refusing to connect to http://" + name)) << address;
    EXPECT_THAT(refusal(name), HasSubstr("allow_addresses: [")) << address;
  }
  EXPECT_EQ(host.counters["retries"], 0);
}

TEST_F(Connect, RefusesANameThatResolvesDifferentlyTheNextTime) {
  resolve("rebound.sluice.test", {"127.0.0.1"});
  EXPECT_EQ(get("rebound.sluice.test").response->body, "reached");
  resolve("rebound.sluice.test", {"0.0.0.0"});  // on Linux, this machine
  EXPECT_THAT(refusal("rebound.sluice.test"), HasSubstr("0.0.0.0"));
  EXPECT_EQ(handled, 1);
}

TEST_F(Connect, TakesTheGoodAddressAmongSeveral) {
  resolve("mixed.sluice.test", {"169.254.169.254", "127.0.0.1"});
  EXPECT_EQ(get("mixed.sluice.test").response->body, "reached");
}

TEST_F(Connect, ReachesAnAddressThatIsAllowed) {
  resolve("allowed.sluice.test", {"0.0.0.0"});
  options.network.allow_addresses = {"0.0.0.0"};
  EXPECT_EQ(get("allowed.sluice.test").response->body, "reached");
}

TEST_F(Connect, JudgesTheAddressOfTheProxyToo) {
  resolve("proxy.sluice.test", {"169.254.169.254"});
  options.network.proxy = "http://proxy.sluice.test:3128";
  EXPECT_THAT(refusal("vendor.sluice.test"), HasSubstr("169.254.169.254 is a link-local address"));
}

TEST_F(Connect, HonoursTheEnvironmentsProxyButNotForThisMachine) {
  resolve("proxied.sluice.test", {"127.0.0.1"});
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);  // nothing listens there
  const auto proxied = get("proxied.sluice.test");
  EXPECT_TRUE(proxied.error);
  ::setenv("no_proxy", "proxied.sluice.test", 1);
  const auto excepted = get("proxied.sluice.test");
  ::unsetenv("no_proxy");
  const auto own = get("127.0.0.1");
  ::unsetenv("http_proxy");
  EXPECT_TRUE(excepted.response);
  EXPECT_TRUE(own.response);
}

// "localhost" is the one name that plain http is sent to without leave.
TEST_F(Connect, PlainHttpStaysOnThisMachineWhateverLocalhostMeans) {
  options.network.allow_plain_http = false;
  resolve("localhost", {"192.0.2.1"});
  const auto result = get("localhost");
  if (result.error) {
    EXPECT_THAT(result.error->what(), HasSubstr("192.0.2.1 would send the credentials in clear"));
  } else {
    EXPECT_EQ(handled, 1);  // libcurl resolves localhost by itself, to this machine
  }
}

// Fullwidth characters become plain ones when the name is resolved.
TEST_F(Connect, AnInternationalNameIsJudgedByItsAddress) {
  for (const auto* name :
       {"１６９.２５４.１６９.２５４", "169。254。169。254", "①⑥⑨.254.169.254"}) {
    const auto result = get(name);
    ASSERT_TRUE(result.error) << name;
    EXPECT_TRUE(result.unsent) << name;
    EXPECT_EQ(handled, 0) << name;
  }
}

TEST_F(Connect, CredentialsDoNotFollowARedirect) {
  static constexpr int kStatuses[] = {301, 302, 303, 307, 308};
  SandboxServer moved{clock};
  const auto redirect = [this](const SandboxRequest& request) {
    auto response = SandboxResponse::text(std::stoi(request.path.substr(1)), "text/plain", "");
    response.headers = {{"Location", server.url() + "/x?key=1"}};
    return response;
  };
  for (const int status : kStatuses) {
    moved.route("GET", "/" + std::to_string(status), redirect);
    moved.route("POST", "/" + std::to_string(status), redirect);
  }
  moved.start();
  options.base_url = moved.url();
  for (const Auth& auth : {Auth{BasicAuth{"key"}}, Auth{HeaderAuth{"Api-Token", "key"}}}) {
    options.auth = auth;
    HttpClient client{options};
    for (const int status : kStatuses) {
      const auto path = "/" + std::to_string(status);
      EXPECT_EQ(client.send(context, {.path = path}).status, status);
      EXPECT_EQ(client.send(context, {.method = "POST", .path = path, .body = "{}"}).status,
                status);
      try {
        static_cast<void>(client.get(context, path));
        FAIL();
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::Config);
        EXPECT_THAT(error.what(), HasSubstr("a redirect to " + server.url() + "/x"));
        EXPECT_THAT(error.what(), ::testing::Not(HasSubstr("key=1")));
      }
    }
  }
  EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace sluice::testing
