// A vendor that answers what the input says. Input: answers one behind the other, separated by a
// line "%%"; the first line of each is its status and, after a space, a header "Name: value"; the
// rest is its body.
#pragma once

#include <charconv>
#include <functional>
#include <memory>
#include <sluice/testing/fake_host.hpp>
#include <sluice/testing/scripted_transport.hpp>
#include <string>
#include <vector>

#include "fuzz.hpp"

namespace sluice::fuzz {

// What a connector may say of a vendor that misbehaves: everything but a defect of its own.
inline constexpr std::initializer_list<Code> kVendorsFault{
    Code::Config,   Code::Auth,          Code::NotFound,       Code::RateLimited, Code::Transient,
    Code::Rejected, Code::CursorInvalid, Code::SchemaMismatch, Code::Unsupported};

class Vendor {
 public:
  // Answers a request itself, without the script; nothing: the script is asked, then `fallback`.
  using Standing = std::function<std::optional<HttpResult>(const Transport::Exchange&)>;

  Vendor(Input input, std::string fallback, Standing standing = {})
      : fallback_{std::move(fallback)}, standing_{std::move(standing)}, script_{input} {
    transport_->handle([this](const auto& exchange) { return answer(exchange); });
  }

  [[nodiscard]] std::shared_ptr<Transport> transport() const { return transport_; }
  [[nodiscard]] std::shared_ptr<HttpClock> clock() const {
    return std::make_shared<testing::JumpingClock>();
  }

  struct Asked {
    Transport::Exchange exchange;
    int status = 0;
    std::string body;
  };
  [[nodiscard]] const std::vector<Asked>& asked() const noexcept { return asked_; }
  void forget() { asked_.clear(); }

 private:
  // More than any honest exchange over so few answers takes.
  static constexpr std::size_t kMostRequests = 2000;

  HttpResult answer(const Transport::Exchange& exchange) {
    must(asked_.size() < kMostRequests, "no vendor keeps a connector asking for ever");
    for (const char c : exchange.url)
      must(c > 0x20 && c < 0x7F, "a URL is made of printable characters");
    if (!exchange.body.empty()) static_cast<void>(parse_json(exchange.body));
    HttpResult result;
    if (auto own = standing_ ? standing_(exchange) : std::nullopt) {
      result = *std::move(own);
    } else {
      result = script_.empty() ? testing::answered(200, fallback_) : next();
    }
    asked_.push_back({exchange, result.response ? result.response->status : 0,
                      result.response ? result.response->body : std::string{}});
    return result;
  }

  HttpResult next() {
    Input block{script_.until("\n%%\n")};
    Input head{block.until("\n")};
    const auto digits = head.until(" ");
    int status = 200;
    std::from_chars(digits.data(), digits.data() + digits.size(), status);
    if (status == 0)
      return {.response = {}, .error = Error{Code::Transient, "the connection was lost"}};
    Pairs headers;
    if (!head.empty()) {
      const auto name = head.until(": ");
      headers.emplace_back(std::string{name}, std::string{head.rest()});
    }
    return testing::answered(status, std::string{block.rest()}, std::move(headers));
  }

  std::string fallback_;
  Standing standing_;
  Input script_;
  std::vector<Asked> asked_;
  std::shared_ptr<testing::ScriptedTransport> transport_ =
      std::make_shared<testing::ScriptedTransport>();
};

}  // namespace sluice::fuzz
