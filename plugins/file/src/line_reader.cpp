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

}  // namespace

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
  std::size_t searched = used_;
  std::size_t end = buffer_.find('\n', searched);
  while (end == std::string::npos) {
    searched = buffer_.size() - used_;
    if (!fill()) break;
    end = buffer_.find('\n', used_ + searched);
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
  auto before = buffer_.rfind('\n');
  while (before == std::string::npos && start_ > 0) {
    if (buffer_.size() > kMaxLineBytes) refuse_long_line(start_);
    const auto count = std::min<std::uint64_t>(kBlockBytes, start_);
    buffer_.insert(0, file_.read_at(start_ - count, count));
    start_ -= count;
    before = buffer_.rfind('\n');
  }
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  line_.assign(buffer_, begin);
  buffer_.resize(begin);
  return Line{line_, end_of_buffer(), end, terminated};
}

}  // namespace file_connector
