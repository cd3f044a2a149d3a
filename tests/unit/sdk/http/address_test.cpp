// Where a client may send, as far as that shows before names are resolved.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "recording_host.hpp"
#include "sluice/http.hpp"
#include "sluice/testing/scripted_transport.hpp"

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Addresses : ::testing::Test {
  RecordingHost host;
  Context context{host, {}};
  std::shared_ptr<ScriptedTransport> transport = std::make_shared<ScriptedTransport>();
  HttpOptions options{.base_url = {}, .transport = transport};

  Error refusal(const std::string& url) {
    options.base_url = url;
    try {
      const HttpClient client{options};
      ADD_FAILURE() << url << " is accepted";
    } catch (const Error& error) {
      return error;
    }
    return Error{Code::Ok, ""};
  }
};

TEST_F(Addresses, RefusesAddressesThatCannotWork) {
  for (const auto* url :
       {"", "vendor.test", "ftp://vendor.test", "http://vendor.test", "https://key@vendor.test",
        "https://vendor.test/?a=1", "https://vendor.test/#a"}) {
    EXPECT_EQ(refusal(url).code(), Code::Config) << url;
  }
  for (const auto* url :
       {"file:///etc/passwd", "gopher://vendor.test", "https://user:pw@vendor.test",
        "https://vendor.test:99999", "https://", "javascript:1"}) {
    EXPECT_EQ(refusal(url).code(), Code::Config) << url;
    EXPECT_THAT(refusal(url).what(), Not(HasSubstr("pw"))) << url;
  }
}

TEST_F(Addresses, PlainHttpIsForThisMachine) {
  // Numbers in all spellings of an IPv4 address; a name is judged by its text and, when it
  // connects, by its address.
  for (const auto* url : {"http://127.0.0.1:8080", "http://localhost/api", "http://[::1]:80/",
                          "http://LOCALHOST", "http://127.1", "http://2130706433", "http://0x7f.1",
                          "http://0177.0.0.1", "http://[::ffff:127.0.0.1]", "http://127.255.1.2"}) {
    options.base_url = url;
    EXPECT_NO_THROW(HttpClient{options}) << url;
  }
  for (const auto* url :
       {"http://vendor.test", "http://127.0.0.1.vendor.test", "http://127.vendor.test",
        "http://localhost.vendor.test", "http://10.0.0.1", "http://0x0a000001", "http://[fd12::1]",
        "http://[::ffff:10.0.0.1]", "http://128.0.0.1"}) {
    EXPECT_THAT(refusal(url).what(), HasSubstr("allow_plain_http: true")) << url;
  }
  options.network.proxy = "http://proxy.test:3128";
  EXPECT_THAT(refusal("http://127.0.0.1").what(), HasSubstr("through a proxy"));
  options.network.allow_plain_http = true;
  for (const auto* url : {"http://vendor.test", "http://10.0.0.1", "http://127.0.0.1"}) {
    options.base_url = url;
    EXPECT_NO_THROW(HttpClient{options}) << url;
  }
}

TEST_F(Addresses, PlainHttpIsToldInEveryRun) {
  options.network.allow_plain_http = true;
  options.base_url = "http://vendor.test/api";
  transport->answer(200, "{}");
  transport->answer(200, "{}");
  HttpClient client{options};
  static_cast<void>(client.send(context, {.path = "/a"}));
  static_cast<void>(client.send(context, {.path = "/b"}));
  const auto told = [&](const auto& line) {
    return line.find("in clear to http://vendor.test") != std::string::npos;
  };
  EXPECT_EQ(std::count_if(host.lines.begin(), host.lines.end(), told), 1);
}

TEST_F(Addresses, AddressesOfMetadataServicesAreRefused) {
  const std::vector<std::string> addresses{
      "169.254.169.254", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
      "0.0.0.0", "224.0.0.1", "255.255.255.255", "[fe80::1]", "[febf::1]", "[fd00:ec2::254]",
      "[fd20:ce::254]", "[fd00:42::42]", "[::]", "[ff02::1]", "[::ffff:169.254.169.254]",
      "[::169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::1]",
      // The same address in other words.
      "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "0"};
  for (const auto& address : addresses) {
    const auto error = refusal("https://" + address);
    EXPECT_EQ(error.code(), Code::Config) << address;
    EXPECT_THAT(error.what(), HasSubstr("allow_addresses: [")) << address;
  }
  EXPECT_THAT(refusal("https://0xa9fea9fe").what(), HasSubstr("169.254.169.254 is a link-local"));
  // Plain http for this machine makes no exception for them.
  options.network.allow_plain_http = true;
  EXPECT_THAT(refusal("http://169.254.169.254").what(), HasSubstr("allow_addresses"));
}

TEST_F(Addresses, AllowsTheAddressesThatAreNamed) {
  options.network.allow_addresses = {"169.254.10.1", "fe80::1", "::ffff:100.100.100.200"};
  for (const auto* url : {"https://169.254.10.1", "https://[fe80::1]", "https://[fe80::1%25eth0]",
                          "https://100.100.100.200"}) {
    options.base_url = url;
    EXPECT_NO_THROW(HttpClient{options}) << url;
  }
  EXPECT_EQ(refusal("https://169.254.10.2").code(), Code::Config);
  EXPECT_EQ(refusal("https://[fe80::2]").code(), Code::Config);
  options.network.allow_addresses = {"vendor.test"};
  EXPECT_THAT(refusal("https://vendor.test").what(), HasSubstr("\"vendor.test\" is no IP address"));
}

TEST_F(Addresses, PrivateAddressesAreFine) {
  for (const auto* url : {"https://10.1.2.3", "https://192.168.1.1", "https://172.16.0.1",
                          "https://100.64.0.1", "https://[fd12:3456::1]", "https://169.253.1.1",
                          "https://169.255.1.1", "https://[fec0::1]"}) {
    options.base_url = url;
    EXPECT_NO_THROW(HttpClient{options}) << url;
  }
}

}  // namespace
}  // namespace sluice::testing
