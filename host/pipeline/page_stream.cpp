#include "pipeline/page_stream.hpp"

namespace sluice::host {

PageStream::PageStream(Side& source, json::object request)
    : source_{source}, request_{std::move(request)}, thread_{[this](const std::stop_token& stop) {
        run(stop);
      }} {}

PageStream::~PageStream() {
  thread_.request_stop();
  changed_.notify_all();
}

std::optional<RecordPage> PageStream::next(const std::function<void()>& meanwhile) {
  std::unique_lock lock{mutex_};
  while (!changed_.wait_for(lock, kWait, [this] { return !pages_.empty() || over_; })) {
    lock.unlock();
    meanwhile();
    lock.lock();
  }
  if (!pages_.empty()) {
    RecordPage page = std::move(pages_.front());
    pages_.pop_front();
    changed_.notify_all();
    return page;
  }
  if (failure_) std::rethrow_exception(failure_);
  return std::nullopt;
}

void PageStream::run(const std::stop_token& stop) {
  std::exception_ptr failure;
  while (!stop.stop_requested()) {
    try {
      read_all(stop);
      break;
    } catch (const Error& error) {
      try {
        if (error.code() != Code::Transient) throw;
        const bool was_alive = source_.connector()->alive();
        if (!was_alive) ++deaths_here_;
        recover(error);
        if (was_alive) throw;  // the connector has already tried again as often as is sensible
      } catch (...) {
        failure = std::current_exception();
        break;
      }
    } catch (...) {
      failure = std::current_exception();
      break;
    }
  }
  const std::lock_guard lock{mutex_};
  failure_ = failure;
  over_ = true;
  changed_.notify_all();
}

void PageStream::recover(const Error& error) {
  // The deaths before the last restart, and this one.
  if (deaths_here_ <= Side::kMaxRestarts) return source_.recover(error);
  source_.recover(
      error, Death::Unexplained,
      "it dies at the same place each time, behind " + std::to_string(records_) +
          " records of this run. What was read until there is kept, but no run gets further until "
          "the record there or connector '" +
          source_.plugin().id + "' is corrected");
}

// A cursor may stay while a source waits for something, but not for ever.
void PageStream::check_progress(const json::value& cursor) {
  const auto* before = request_.if_contains("cursor");
  pages_here_ = before != nullptr && *before == cursor ? pages_here_ + 1 : 0;
  if (pages_here_ < kMostPagesHere) return;
  throw Error{Code::Internal, "connector '" + source_.plugin().id + "' gave " +
                                  std::to_string(pages_here_ + 1) +
                                  " pages with one and the same cursor and would never end: update "
                                  "it, or report this to its author"};
}

void PageStream::read_all(const std::stop_token& stop) {
  const auto connector = source_.connector();
  const auto reader = connector->open_reader(request_);
  while (!stop.stop_requested()) {
    RecordPage page = reader->read();
    deaths_here_ = 0;
    records_ += page.count;
    if (!page.end) check_progress(page.cursor);
    const bool end = page.end;
    request_["cursor"] = page.cursor;
    if (!push(std::move(page), stop) || end) return;
  }
}

bool PageStream::push(RecordPage page, const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  if (!changed_.wait(lock, stop, [this] { return pages_.size() < kAhead; })) return false;
  pages_.push_back(std::move(page));
  changed_.notify_all();
  return true;
}

}  // namespace sluice::host
