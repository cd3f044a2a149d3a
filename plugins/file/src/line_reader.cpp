#include "line_reader.hpp"

#include <algorithm>
#include <sluice/error.hpp>

namespace file_connector {
namespace {

constexpr std::size_t kBlockBytes = 256u << 10;

void refuse_long_line(std::uint64_t offset) {
  throw sluice::Error{sluice::Code::SchemaMismatch,
                      "the line at byte " + std::to_string(offset) + " is longer than " +
                          std::to_string(kMaxLineBytes >> 20) + " MiB"};
}

bool has_odd_quotes(std::string_view text) {
  return std::count(text.begin(), text.end(), '"') % 2 != 0;
}

}  // namespace

std::string_view row_text(const Line& line) noexcept {
  auto text = line.text;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (line.offset == 0 && text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

std::size_t LineReader::find_end(std::size_t from, bool& in_quotes) const {
  for (;;) {
    const auto end = buffer_.find('\n', from);
    if (ends_ == LineEnd::Any) return end;
    const auto text = std::string_view{buffer_}.substr(from, end - from);
    if (has_odd_quotes(text)) in_quotes = !in_quotes;
    if (end == std::string::npos || !in_quotes) return end;
    from = end + 1;
  }
}

bool LineReader::fill() {
  if (used_ > 0) {
    start_ += used_;
    buffer_.erase(0, used_);
    used_ = 0;
  }
  const auto size = buffer_.size();
  if (size > kMaxLineBytes) refuse_long_line(start_);
  buffer_.resize(size + kBlockBytes);
  const auto count = file_.read_at(start_ + size, buffer_.data() + size, kBlockBytes);
  buffer_.resize(size + count);
  return count > 0;
}

std::optional<Line> LineReader::next() {
  bool in_quotes = false;
  std::size_t end = find_end(used_, in_quotes);
  while (end == std::string::npos) {
    const auto searched = buffer_.size() - used_;
    if (!fill()) break;
    end = find_end(used_ + searched, in_quotes);
  }
  const bool terminated = end != std::string::npos;
  if (!terminated) end = buffer_.size();
  if (!terminated && end == used_) return std::nullopt;
  Line line;
  line.text = std::string_view{buffer_}.substr(used_, end - used_);
  line.offset = offset();
  used_ = terminated ? end + 1 : end;
  line.end = offset();
  line.terminated = terminated;
  return line;
}

void LineReader::seek(std::uint64_t offset) {
  if (offset == this->offset()) return;
  start_ = offset;
  used_ = 0;
  buffer_.clear();
}

// The quotes of a file are even in number, so that those behind a line end tell, too.
std::size_t BackwardLineReader::find_end_before(std::size_t to, bool& in_quotes) const {
  while (to > 0) {
    const auto end = buffer_.rfind('\n', to - 1);
    if (ends_ == LineEnd::Any) return end;
    const auto start = end == std::string::npos ? 0 : end + 1;
    if (has_odd_quotes(std::string_view{buffer_}.substr(start, to - start))) in_quotes = !in_quotes;
    if (end == std::string::npos || !in_quotes) return end;
    to = end;
  }
  return std::string::npos;
}

std::optional<Line> BackwardLineReader::previous() {
  if (start_ == 0 && buffer_.empty()) return std::nullopt;
  const auto end_of_buffer = [&] { return start_ + buffer_.size(); };
  const auto end = end_of_buffer();
  if (buffer_.empty()) {
    const auto count = std::min<std::uint64_t>(kBlockBytes, start_);
    buffer_ = file_.read_at(start_ - count, count);
    start_ -= count;
  }
  const bool terminated = !buffer_.empty() && buffer_.back() == '\n';
  if (terminated) buffer_.pop_back();
  bool in_quotes = false;
  auto before = find_end_before(buffer_.size(), in_quotes);
  while (before == std::string::npos && start_ > 0) {
    if (buffer_.size() > kMaxLineBytes) refuse_long_line(start_);
    const auto count = std::min<std::uint64_t>(kBlockBytes, start_);
    buffer_.insert(0, file_.read_at(start_ - count, count));
    start_ -= count;
    before = find_end_before(count, in_quotes);
  }
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  line_.assign(buffer_, begin);
  buffer_.resize(begin);
  return Line{line_, end_of_buffer(), end, terminated};
}

}  // namespace file_connector
