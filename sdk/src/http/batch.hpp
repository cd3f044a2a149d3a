// One call of `HttpClient::send_all`: its requests, their waiting lines, retries and results.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/http.hpp>
#include <vector>

#include "address.hpp"

namespace sluice::http {

// What all calls on one client share. Outlives the client when a cancelled exchange is still
// ending.
struct Switchboard {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::uint32_t in_flight = 0;
  std::uint64_t releases = 0;  // counts up with every slot given back
};

struct Core {
  HttpOptions options;
  Address address;
  std::shared_ptr<Transport> transport;
  std::shared_ptr<HttpClock> clock;
  std::shared_ptr<Switchboard> board;
};

class Batch {
 public:
  Batch(const Core& core, Context& context, std::vector<HttpRequest> requests);
  // Errors: throws Error{Cancelled}; Error{Config} for a request that cannot be sent at all.
  [[nodiscard]] std::vector<HttpResult> run();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Flight {
    HttpRequest request;
    std::string label;
    std::size_t line = 0;
    bool idempotent = false;
    std::uint32_t attempt = 0;
    std::uint32_t limited = 0;               // attempts that a limit refused
    std::optional<TimePoint> limited_since;  // the first of those since another answer
    TimePoint started{};
    TimePoint not_before{};  // after a retry's pause
  };
  // Requests of one rate class. Only the first in line holds a reservation, so that what is
  // reserved is used.
  struct Line {
    const RateClass* rate = nullptr;
    const RateClass* also = nullptr;  // whose room a request takes besides
    std::deque<std::size_t> waiting;
    std::optional<TimePoint> reserved;
    bool also_reserved = false;
    TimePoint paused_until{};
  };
  struct Arrival {
    std::size_t index = 0;
    HttpResult result;
  };
  struct Arrivals {
    std::deque<Arrival> items;  // guarded by the switchboard's mutex
  };

  [[nodiscard]] std::size_t line_of(const HttpRequest& request) const;
  // Starts what may start; afterwards `wake_` is the earliest time at which more may.
  void launch();
  void launch(Line& line);
  [[nodiscard]] bool take_slot();
  [[nodiscard]] bool slot_is_free();
  void start(std::size_t index, Transport::Exchange exchange);
  void release_retries();
  void wait(std::uint64_t seen_releases);
  void settle(Arrival arrival);
  void settle_answer(Flight& flight, std::size_t index, HttpResponse response);
  void retry(std::size_t index, std::chrono::milliseconds pause);
  void finish(std::size_t index, HttpResult result);
  void wake_at(TimePoint time);
  void count_answer(const Flight& flight, const HttpResult& result, std::chrono::milliseconds took);
  void log_attempt(const Flight& flight, const HttpResult& result, std::chrono::milliseconds took);

  const Core& core_;
  Context& context_;
  std::vector<Flight> flights_;
  std::vector<Line> lines_;
  std::vector<std::size_t> pausing_;  // waiting for `not_before`
  std::vector<HttpResult> results_;
  std::size_t open_ = 0;
  std::size_t flying_ = 0;
  std::optional<TimePoint> wake_;
  std::shared_ptr<Arrivals> arrivals_ = std::make_shared<Arrivals>();
};

}  // namespace sluice::http
