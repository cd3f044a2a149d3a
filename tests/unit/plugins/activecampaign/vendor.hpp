// A scripted account: answers by route, remembers what was asked.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sluice/testing/fake_host.hpp>
#include <sluice/testing/scripted_transport.hpp>
#include <string>
#include <vector>

#include "settings.hpp"
#include "writer.hpp"

namespace activecampaign::testing {

// One request as the account saw it.
struct Asked {
  std::string route;  // "GET /contacts/7/contactLists"
  std::string query;  // decoded: "email=a@b.co&limit=100"
  json::value body;   // null without one
};

class Vendor {
 public:
  using Reply = std::function<sluice::HttpResult(const Asked&)>;

  // Has two lists (1 Customers, 2 News), six fields and two tags (1 vip, 2 churned).
  Vendor();

  // Every answer of a route from now on; `next` answers come before it, one a request.
  void on(const std::string& route, Reply reply);
  void on(const std::string& route, int status, const std::string& body);
  void next(const std::string& route, int status, const std::string& body,
            sluice::Pairs headers = {});
  void next(const std::string& route, Reply reply);

  [[nodiscard]] std::vector<Asked> asked(const std::string& route) const;
  [[nodiscard]] std::size_t count(const std::string& route) const { return asked(route).size(); }
  // Requests that change something.
  [[nodiscard]] std::vector<std::string> writes() const;
  [[nodiscard]] std::size_t total() const { return log_.size(); }

  [[nodiscard]] Settings settings() const;
  [[nodiscard]] Client& client();
  [[nodiscard]] sluice::Context context() { return host.context(); }
  [[nodiscard]] std::unique_ptr<ContactWriter> open(
      const std::string& options = "{}", sluice::WriteMode mode = sluice::WriteMode::Upsert);

  sluice::testing::FakeHost host;

 private:
  sluice::HttpResult answer(const sluice::Transport::Exchange& exchange);

  std::shared_ptr<sluice::testing::ScriptedTransport> transport_;
  std::shared_ptr<sluice::testing::JumpingClock> clock_;
  std::map<std::string, Reply> standing_;
  std::map<std::string, std::deque<Reply>> next_;
  std::vector<Asked> log_;
  std::unique_ptr<Client> client_;
};

// A row as the host sends it: {"key", "fields", "sets", …} as in abi.h; op upsert unless given.
[[nodiscard]] sluice::Write row(const std::string& json_text);
[[nodiscard]] std::vector<sluice::Write> rows(std::size_t count, const std::string& options = {});

// The answer of contact/sync to what was sent: all fields echoed, id from the table or new.
[[nodiscard]] sluice::HttpResult echo(const Asked& asked, int status, const std::string& id);

[[nodiscard]] json::object object(const std::string& json_text);
using sluice::testing::answered;

}  // namespace activecampaign::testing
