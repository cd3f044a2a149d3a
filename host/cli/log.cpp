#include "cli/log.hpp"

#include <date/date.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <sluice/json.hpp>

#include "integration/log_subject.hpp"
#include "integration/one_line.hpp"

namespace sluice::host::cli {
namespace {

// The message as one line that cannot act on a terminal: parts of it come from vendors and records.
class CleanMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const auto line = one_line({message.payload.data(), message.payload.size()});
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<CleanMessage>();
  }
};

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const auto moment = std::chrono::floor<std::chrono::milliseconds>(message.time);
    json::object line{{"time", date::format("%FT%TZ", moment)},
                      {"level", std::string_view{level.data(), level.size()}}};
    const LogSubject subject = log_subject();
    if (!subject.integration.empty()) line["integration"] = subject.integration;
    if (subject.run != 0) line["run"] = subject.run;
    line["message"] = one_line({message.payload.data(), message.payload.size()});
    const std::string text = to_json(json::value(std::move(line))) + '\n';
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

}  // namespace

void set_up_log() {
  auto logger = spdlog::stderr_color_mt("sluice");
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<CleanMessage>('*').set_pattern("%^%L%$ %*");
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(logger);
}

void log_as_json() {
  spdlog::default_logger()->set_formatter(std::make_unique<JsonLines>());
}

}  // namespace sluice::host::cli
