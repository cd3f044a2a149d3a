#include "batch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "exchange.hpp"
#include "policy.hpp"

namespace sluice::http {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr int kLatencyLimits[] = {50, 100, 250, 500, 1000, 2500, 5000, 10'000, 30'000};

}  // namespace

Batch::Batch(const Core& core, Context& context, std::vector<HttpRequest> requests)
    : core_{core}, context_{context} {
  const auto& rates = core.options.rates;
  lines_.resize(std::max<std::size_t>(rates.size(), 1));
  for (std::size_t i = 0; i < rates.size(); ++i) {
    lines_[i].rate = &rates[i];
    if (i > 0 && core.options.first_rate_counts_all) lines_[i].also = &rates[0];
  }
  results_.resize(requests.size());
  open_ = requests.size();
  flights_.reserve(requests.size());
  for (auto& request : requests) {
    Flight flight;
    flight.label = request.label.empty() ? request.method + " " + request.path : request.label;
    flight.idempotent = is_idempotent(request);
    flight.line = line_of(request);
    flight.request = std::move(request);
    lines_[flight.line].waiting.push_back(flights_.size());
    flights_.push_back(std::move(flight));
  }
}

std::size_t Batch::line_of(const HttpRequest& request) const {
  if (request.rate_class.empty()) return 0;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].rate != nullptr && lines_[i].rate->name == request.rate_class) return i;
  }
  throw Error{Code::Internal, "unknown rate class \"" + request.rate_class + "\""};
}

std::vector<HttpResult> Batch::run() {
  std::deque<Arrival> arrived;
  while (open_ > 0) {
    if (context_.stop_requested()) throw Error{Code::Cancelled, "stopped on request"};
    std::uint64_t seen_releases = 0;
    {
      const std::lock_guard lock{core_.board->mutex};
      seen_releases = core_.board->releases;
    }
    wake_.reset();
    release_retries();
    launch();
    {
      const std::lock_guard lock{core_.board->mutex};
      arrived.swap(arrivals_->items);
    }
    if (arrived.empty() && open_ > 0) {
      wait(seen_releases);
      continue;
    }
    for (auto& arrival : arrived) settle(std::move(arrival));
    arrived.clear();
  }
  return std::move(results_);
}

void Batch::wake_at(TimePoint time) {
  wake_ = wake_ ? std::min(*wake_, time) : time;
}

void Batch::release_retries() {
  const auto now = core_.clock->now();
  std::erase_if(pausing_, [&](std::size_t index) {
    const auto& flight = flights_[index];
    if (flight.not_before > now) {
      wake_at(flight.not_before);
      return false;
    }
    lines_[flight.line].waiting.push_front(index);
    return true;
  });
}

void Batch::launch() {
  for (auto& line : lines_) launch(line);
}

void Batch::launch(Line& line) {
  while (!line.waiting.empty() && slot_is_free()) {
    const auto now = core_.clock->now();
    const auto room_in = [&](const RateClass* rate) {
      const auto room = rate == nullptr ? milliseconds{0} : context_.host().acquire(*rate, 1);
      return now + std::max(room, milliseconds{0});
    };
    if (!line.reserved) line.reserved = room_in(line.rate);
    const auto when = std::max(*line.reserved, line.paused_until);
    if (when > now) {
      wake_at(when);
      return;
    }
    // Only now that the request may leave: a room that is taken earlier would pass unused.
    if (line.also != nullptr && !line.also_reserved) {
      line.reserved = room_in(line.also);
      line.also_reserved = true;
      continue;
    }
    const std::size_t index = line.waiting.front();
    Transport::Exchange exchange;
    try {
      exchange = make_exchange(core_, flights_[index].request);
    } catch (const Error& error) {
      line.waiting.pop_front();
      finish(index, {.response = {}, .error = error, .unsent = true});
      continue;
    }
    if (!take_slot()) return;
    line.reserved.reset();
    line.also_reserved = false;
    line.waiting.pop_front();
    start(index, std::move(exchange));
  }
}

bool Batch::slot_is_free() {
  const std::lock_guard lock{core_.board->mutex};
  return core_.board->in_flight < core_.options.max_in_flight;
}

bool Batch::take_slot() {
  const std::lock_guard lock{core_.board->mutex};
  if (core_.board->in_flight >= core_.options.max_in_flight) return false;
  ++core_.board->in_flight;
  return true;
}

void Batch::start(std::size_t index, Transport::Exchange exchange) {
  auto& flight = flights_[index];
  ++flight.attempt;
  ++flying_;
  flight.started = core_.clock->now();
  context_.host().count("requests " + flight.label, 1);
  auto done = [board = core_.board, arrivals = arrivals_, index](HttpResult result) {
    {
      const std::lock_guard lock{board->mutex};
      --board->in_flight;
      ++board->releases;
      arrivals->items.push_back({index, std::move(result)});
    }
    board->changed.notify_all();
  };
  exchange.idempotent = flight.idempotent;
  core_.transport->start(std::move(exchange), context_.stop(), std::move(done));
}

void Batch::wait(std::uint64_t seen_releases) {
  if (flying_ == 0 && wake_ && core_.clock->skip_to(*wake_)) return;
  std::unique_lock lock{core_.board->mutex};
  const auto news = [&] {
    return !arrivals_->items.empty() || core_.board->releases != seen_releases;
  };
  if (wake_) {
    core_.board->changed.wait_until(lock, context_.stop(), *wake_, news);
  } else {
    core_.board->changed.wait(lock, context_.stop(), news);
  }
}

void Batch::count_answer(const Flight& flight, const HttpResult& result, milliseconds took) {
  auto& host = context_.host();
  host.count("answers " +
                 (result.response ? std::to_string(result.response->status) : std::string{"none"}) +
                 ' ' + flight.label,
             1);
  const auto* limit = std::find_if(std::begin(kLatencyLimits), std::end(kLatencyLimits),
                                   [took](int most) { return took <= milliseconds{most}; });
  host.count("latency " +
                 (limit != std::end(kLatencyLimits) ? std::to_string(*limit) : std::string{"more"}),
             1);
  host.count("latency sum", took.count());
}

void Batch::log_attempt(const Flight& flight, const HttpResult& result, milliseconds took) {
  const auto& method = flight.request.method;
  std::string line = flight.label.starts_with(method) ? flight.label : method + " " + flight.label;
  line += result.response ? ": " + std::to_string(result.response->status)
                          : std::string{": "} + result.error->what();
  line += " in " + std::to_string(took.count()) + " ms";
  if (flight.attempt > 1) line += ", attempt " + std::to_string(flight.attempt);
  context_.debug(line);
}

void Batch::settle(Arrival arrival) {
  auto& flight = flights_[arrival.index];
  --flying_;
  const auto took = duration_cast<milliseconds>(core_.clock->now() - flight.started);
  log_attempt(flight, arrival.result, took);
  count_answer(flight, arrival.result, took);
  if (arrival.result.response) {
    settle_answer(flight, arrival.index, std::move(*arrival.result.response));
    return;
  }
  const bool repeat = arrival.result.error->code() == Code::Transient &&
                      (arrival.result.unsent || flight.idempotent) &&
                      flight.attempt - flight.limited < core_.options.max_attempts;
  if (repeat) {
    retry(arrival.index, back_off(core_.options, *core_.clock, flight.attempt));
  } else {
    finish(arrival.index, std::move(arrival.result));
  }
}

void Batch::settle_answer(Flight& flight, std::size_t index, HttpResponse response) {
  const auto& options = core_.options;
  auto pause = passing(options, flight.request, response);
  const bool limited = is_rate_limit(options, response);
  if (limited) context_.host().count("rate limit answers", 1);
  if (!pause) {
    finish(index, {.response = std::move(response), .error = {}});
    return;
  }
  if (pause->count() == 0) pause = back_off(options, *core_.clock, flight.attempt);
  auto& line = lines_[flight.line];
  if (limited && line.rate != nullptr) {
    context_.host().back_off(*line.rate, *pause);
    line.paused_until = std::max(line.paused_until, core_.clock->now() + *pause);
  }
  const auto now = core_.clock->now();
  if (!limited) {
    flight.limited_since.reset();
  } else if (++flight.limited; !flight.limited_since) {
    flight.limited_since = now;
  }
  const bool allowed = limited ? now + *pause - *flight.limited_since <= options.max_limited
                               : (flight.idempotent || response.status < 500) &&
                                     flight.attempt - flight.limited < options.max_attempts;
  if (allowed && *pause <= options.max_retry_after) {
    retry(index, *pause);
    return;
  }
  const Error reason = http_error(response, flight.label);
  const auto asked = parse_retry_after(response.header("retry-after"));
  finish(index, {.response = {},
                 .error = Error{limited ? Code::RateLimited : Code::Transient, reason.what(),
                                limited || asked ? pause->count() : 0}});
}

void Batch::retry(std::size_t index, milliseconds pause) {
  context_.host().count("retries", 1);
  flights_[index].not_before = core_.clock->now() + pause;
  pausing_.push_back(index);
}

void Batch::finish(std::size_t index, HttpResult result) {
  results_[index] = std::move(result);
  --open_;
}

}  // namespace sluice::http
