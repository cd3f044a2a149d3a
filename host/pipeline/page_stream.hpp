// Pages of a stream, read ahead on a thread of their own while earlier ones are being mapped and
// written.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <sluice/json.hpp>
#include <thread>

#include "connector/connector.hpp"
#include "pipeline/side.hpp"

namespace sluice::host {

// Threads: [instance] one thread calls `next`.
class PageStream {
 public:
  // `request` as for open_reader. A source whose worker dies is started again and continues after
  // the last page.
  PageStream(Side& source, json::object request);
  ~PageStream();
  PageStream(const PageStream&) = delete;
  PageStream& operator=(const PageStream&) = delete;

  // The next page; nothing after the last. While the source lets it wait, `meanwhile` is called
  // several times a second. Errors: the source's, and what `meanwhile` throws.
  [[nodiscard]] std::optional<RecordPage> next(const std::function<void()>& meanwhile);

 private:
  void run(const std::stop_token& stop);
  void read_all(const std::stop_token& stop);
  void recover(const Error& error);
  void check_progress(const json::value& cursor);
  bool push(RecordPage page, const std::stop_token& stop);

  static constexpr std::size_t kAhead = 2;
  static constexpr int kMostPagesHere = 1000;
  static constexpr std::chrono::milliseconds kWait{200};

  Side& source_;
  json::object request_;
  int deaths_here_ = 0;  // since the last page; this and the next: the thread's own
  std::uint64_t records_ = 0;
  int pages_here_ = 0;  // in a row, with the cursor of the one before
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<RecordPage> pages_;
  std::exception_ptr failure_;
  bool over_ = false;
  std::jthread thread_;  // last: it uses the members above
};

}  // namespace sluice::host
