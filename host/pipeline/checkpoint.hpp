// Which cursor may be committed: that of the last page whose records, and those of all pages before
// it, are settled.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace sluice::host {

// Threads: [instance].
class Checkpoint {
 public:
  using Ticket = std::uint64_t;

  // Begins a page. It holds the cursor back until it is `finished` and every ticket taken on it is
  // `settled`.
  void begin_page(std::string cursor) { pages_.push_back({std::move(cursor), 0, false}); }
  // Takes a ticket on the page begun last; 0 when there is no page (records that were looked up by
  // key).
  [[nodiscard]] Ticket take() {
    if (pages_.empty()) return 0;
    ++pages_.back().open;
    return first_ + pages_.size();
  }
  void settled(Ticket ticket) {
    if (ticket != 0) --pages_.at(static_cast<std::size_t>(ticket - first_ - 1)).open;
  }
  void finish_page() { pages_.back().finished = true; }

  // The newest cursor that may be committed, once; nothing when none became safe since the last
  // call.
  [[nodiscard]] std::optional<std::string> take_safe_cursor() {
    std::optional<std::string> cursor;
    while (!pages_.empty() && pages_.front().finished && pages_.front().open == 0) {
      cursor = std::move(pages_.front().cursor);
      pages_.pop_front();
      ++first_;
    }
    return cursor;
  }

 private:
  struct Page {
    std::string cursor;
    std::uint64_t open;
    bool finished;
  };
  std::deque<Page> pages_;
  Ticket first_ = 0;  // pages taken off the front so far
};

}  // namespace sluice::host
