#include "pipeline/batch_writer.hpp"

#include <sluice/abi.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "pipeline/pause.hpp"
#include "state/error_log.hpp"

namespace sluice::host {
namespace {

constexpr int kMaxBatchAttempts = 6;  // of a batch whose fate is unknown
constexpr int kDeathsOfChance = 1;    // of a batch, before the cause is sought in it

std::string joined(std::span<const std::string> lines, bool repeated) {
  std::string text;
  for (const auto& line : lines) text += repeated ? as_repeated(line) : line;
  return text;
}

}  // namespace

BatchWriter::BatchWriter(WriterSlot& slot, std::stop_token stop)
    : slot_{slot}, stop_{std::move(stop)} {}

std::vector<WriteResult> BatchWriter::write(std::span<const std::string> lines) {
  return search(
      lines,
      [this](std::span<const std::string> part, bool repeated, std::optional<Error>& death) {
        return send(part, repeated, death);
      },
      "it wrote this record");
}

std::vector<WriteResult> BatchWriter::poll(const std::string& header,
                                           std::span<const std::string> lines) {
  return search(
      lines,
      [&](std::span<const std::string> part, bool, std::optional<Error>& death) {
        return ask(header + joined(part, false), death);
      },
      "it was asked what had become of this record");
}

std::vector<WriteResult> BatchWriter::search(std::span<const std::string> lines, const Send& send,
                                             std::string_view doing) {
  std::vector<WriteResult> results(lines.size());
  std::vector<Part> parts{{0, lines.size(), 0, false}};
  bool is_searching = false;
  while (!parts.empty()) {
    Part part = parts.back();
    parts.pop_back();
    const auto of_part = lines.subspan(part.begin, part.end - part.begin);
    std::optional<Error> death;
    if (const auto answer = send(of_part, part.repeated, death)) {
      const auto& plugin = slot_.plugin();
      auto written = decode_outcomes(*answer, of_part.size(), plugin.id,
                                     (plugin.capabilities & SLUICE_CAP_RECEIPTS) != 0);
      std::move(written.begin(), written.end(),
                results.begin() + static_cast<std::ptrdiff_t>(part.begin));
      isolated_in_a_row_ = 0;
      continue;
    }
    ++part.deaths;
    part.repeated = true;
    if (!is_searching && part.deaths <= kDeathsOfChance) {
      spdlog::warn("{} records are tried again: {}", of_part.size(), death->what());
      slot_.recover(*death, Death::Unexplained);
      parts.push_back(part);
      continue;
    }
    if (!std::exchange(is_searching, true)) slot_.explain_death();
    if (of_part.size() == 1) results[part.begin] = isolated(*death, doing);
    slot_.recover(*death, Death::Explained);
    if (of_part.size() <= 1) continue;
    const std::size_t middle = part.begin + of_part.size() / 2;
    parts.push_back({middle, part.end, 0, true});
    parts.push_back({part.begin, middle, 0, true});
  }
  return results;
}

std::optional<std::string> BatchWriter::send(std::span<const std::string> lines, bool repeated,
                                             std::optional<Error>& death) {
  std::string text = joined(lines, repeated);
  for (int attempt = 1;; ++attempt) {
    bool is_writing = false;
    try {
      RecordWriter& writer = slot_.writer();
      is_writing = true;
      return writer.write(text);
    } catch (const Error& error) {
      const bool passing = error.code() == Code::Transient || error.code() == Code::RateLimited;
      if (!passing || stop_.stop_requested()) throw;
      if (is_writing && !slot_.alive()) {
        death = error;
        return std::nullopt;
      }
      if (attempt == kMaxBatchAttempts) throw;
      spdlog::warn("a batch is sent again: {}", error.what());
      pause(stop_, std::max<std::int64_t>(error.retry_after_ms(), 250LL << attempt));
      slot_.recover(error, Death::Unexplained);
      text = joined(lines, true);
    }
  }
}

std::optional<std::string> BatchWriter::ask(const std::string& text, std::optional<Error>& death) {
  RecordWriter& writer = slot_.writer();
  try {
    return writer.poll(text);
  } catch (const Error& error) {
    if (stop_.stop_requested() || slot_.alive()) throw;
    death = error;
    return std::nullopt;
  }
}

WriteResult BatchWriter::isolated(const Error& death, std::string_view doing) {
  if (++isolated_in_a_row_ > kMostInARow || ++isolated_in_all_ > kMostInAll) {
    throw Error{Code::Transient,
                std::string{death.what()} + "; it has died of " + std::to_string(isolated_in_all_) +
                    " records by now, which is not the records' fault, and was given up: the state "
                    "is kept. Update connector '" +
                    slot_.plugin().id +
                    "' or report this to its author, then run the same command again to continue"};
  }
  spdlog::warn("one record is left out: {}", death.what());
  WriteResult result;
  result.status = WriteResult::Status::Rejected;
  result.code = kCrashedConnector;
  result.message = std::string{death.what()} + ", each time that " + std::string{doing} +
                   ": correct the record, or report it to the connector's author";
  return result;
}

}  // namespace sluice::host
