#include "sluice/testing/recording.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <utility>

#include "http/curl_transport.hpp"

namespace sluice::testing {
namespace {

constexpr std::string_view kRedacted = "REDACTED";

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_credential(std::string_view header) {
  const std::string name = lower(header);
  if (name == "cookie" || name == "set-cookie") return true;
  for (const std::string_view word : {"key", "token", "secret", "auth"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Redactor {
 public:
  explicit Redactor(const Redaction& redaction) : redaction_{redaction} {}

  [[nodiscard]] std::string text(std::string text) const {
    for (const auto& secret : redaction_.secrets) {
      // A secret may be percent-encoded in a target.
      for (const auto& form : {secret, percent_encode(secret)}) {
        if (form.empty()) continue;
        for (auto at = text.find(form); at != std::string::npos;
             at = text.find(form, at + kRedacted.size()))
          text.replace(at, form.size(), kRedacted);
      }
    }
    return text;
  }

  [[nodiscard]] json::array headers(const Pairs& headers) const {
    json::array out;
    for (const auto& [name, value] : headers) {
      const std::string shown = is_credential(name) ? std::string{kRedacted} : text(value);
      out.push_back(json::array{json::string{name}, json::string{shown}});
    }
    return out;
  }

  [[nodiscard]] std::string body(const std::string& body) const {
    if (redaction_.members.empty() || body.empty()) return text(body);
    json::value value;
    try {
      value = parse_json(body);
    } catch (const Error&) {
      return text(body);  // not JSON: it has no members
    }
    hide_members(value);
    return text(to_json(value));
  }

  // Path and query of a URL.
  [[nodiscard]] std::string target(const std::string& url) const {
    const auto host = url.find("://");
    const auto path = host == std::string::npos ? 0 : url.find('/', host + 3);
    const std::string whole = path == std::string::npos ? "/" : url.substr(path);
    const auto question = whole.find('?');
    if (question == std::string::npos) return text(whole);
    std::string out = whole.substr(0, question);
    char separator = '?';
    for (std::string_view rest{whole.c_str() + question + 1}; !rest.empty();) {
      const auto end = rest.find('&');
      const auto pair = rest.substr(0, end);
      const auto name = pair.substr(0, pair.find('='));
      out += separator;
      out += has(redaction_.query, name) ? std::string{name} + "=" + std::string{kRedacted}
                                         : std::string{pair};
      separator = '&';
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    return text(out);
  }

  [[nodiscard]] json::object request(const Transport::Exchange& exchange) const {
    return {{"method", exchange.method},
            {"target", target(exchange.url)},
            {"headers", headers(exchange.headers)},
            {"body", body(exchange.body)}};
  }

  [[nodiscard]] json::object answer(const HttpResult& result) const {
    if (result.error) {
      return {{"error", json::object{{"code", static_cast<std::int32_t>(result.error->code())},
                                     {"message", text(result.error->what())},
                                     {"unsent", result.unsent}}}};
    }
    const auto& response = *result.response;
    return {{"response", json::object{{"status", response.status},
                                      {"headers", headers(response.headers)},
                                      {"body", body(response.body)}}}};
  }

 private:
  void hide_members(json::value& value) const {
    if (auto* array = value.if_array()) {
      for (auto& item : *array) hide_members(item);
    } else if (auto* object = value.if_object()) {
      for (auto& member : *object) {
        if (has(redaction_.members, {member.key().data(), member.key().size()}))
          member.value() = kRedacted;
        else
          hide_members(member.value());
      }
    }
  }

  const Redaction& redaction_;
};

// What makes two requests the same.
std::string identity_of(const json::object& request) {
  return text(request.at("method")) + " " + text(request.at("target")) + "\n" +
         text(request.at("body"));
}

HttpResult result_of(const json::object& line) {
  if (const auto* error = line.if_contains("error")) {
    return {.response = {},
            .error = Error{static_cast<Code>(error->at("code").to_number<std::int32_t>()),
                           text(error->at("message"))},
            .unsent = error->at("unsent").as_bool()};
  }
  const auto& from = line.at("response");
  HttpResponse response;
  response.status = from.at("status").to_number<int>();
  for (const auto& header : from.at("headers").as_array())
    response.headers.emplace_back(text(header.as_array().at(0)), text(header.as_array().at(1)));
  response.body = text(from.at("body"));
  return {.response = std::move(response), .error = {}};
}

}  // namespace

std::shared_ptr<Transport> network_transport(const HttpOptions& options) {
  return std::make_shared<http::CurlTransport>(
      options, http::parse_address(options.base_url, options.network));
}

struct RecordingTransport::Tape {
  std::mutex mutex;
  Redaction redaction;
  std::vector<json::object> lines;  // in the order of sending; without an answer until it is there
};

RecordingTransport::RecordingTransport(std::shared_ptr<Transport> through,
                                       std::filesystem::path file, Redaction redaction)
    : tape_{std::make_shared<Tape>()}, through_{std::move(through)}, file_{std::move(file)} {
  tape_->redaction = std::move(redaction);
}

RecordingTransport::~RecordingTransport() {
  if (saved_) return;
  try {
    save();
  } catch (const std::exception&) {
    // Who must know calls `save`.
  }
}

void RecordingTransport::start(Exchange exchange, std::stop_token stop, Done done) {
  std::size_t index = 0;
  {
    const std::lock_guard lock{tape_->mutex};
    index = tape_->lines.size();
    tape_->lines.push_back({{"request", Redactor{tape_->redaction}.request(exchange)}});
  }
  through_->start(std::move(exchange), std::move(stop),
                  [tape = tape_, index, done = std::move(done)](HttpResult result) {
                    {
                      const std::lock_guard lock{tape->mutex};
                      for (const auto& [name, value] : Redactor{tape->redaction}.answer(result))
                        tape->lines[index][name] = value;
                    }
                    done(std::move(result));
                  });
}

void RecordingTransport::save() {
  saved_ = true;
  std::string all;
  const std::lock_guard lock{tape_->mutex};
  for (const auto& line : tape_->lines) {
    if (line.size() < 2) continue;  // never answered
    std::string text;
    write_json(text, line);
    try {
      static_cast<void>(parse_json(text));
    } catch (const Error&) {
      throw Error{Code::Config, file_.string() + ": the answer to " +
                                    sluice::text(line.at("request").at("target")) +
                                    " is no UTF-8 text and cannot be recorded"};
    }
    all += text + "\n";
  }
  std::ofstream out{file_, std::ios::binary | std::ios::trunc};
  out << all;
  if (!out.flush()) throw Error{Code::Config, file_.string() + " cannot be written"};
}

ReplayTransport::ReplayTransport(const std::filesystem::path& file, Redaction redaction)
    : redaction_{std::move(redaction)} {
  std::ifstream in{file};
  if (!in) throw Error{Code::Config, file.string() + " cannot be read"};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    try {
      const auto recorded = parse_json(line).as_object();
      recorded_.push_back(
          {identity_of(recorded.at("request").as_object()), result_of(recorded), false});
    } catch (const std::exception& error) {
      throw Error{Code::Config, file.string() + ":" + std::to_string(number) +
                                    ": is no recorded exchange: " + error.what()};
    }
  }
}

void ReplayTransport::start(Exchange exchange, std::stop_token, Done done) {
  const std::string wanted = identity_of(Redactor{redaction_}.request(exchange));
  HttpResult result;
  {
    const std::lock_guard lock{mutex_};
    const auto found = std::find_if(recorded_.begin(), recorded_.end(), [&](const Recorded& one) {
      return !one.used && one.request == wanted;
    });
    if (found != recorded_.end()) {
      found->used = true;
      result = found->result;
    } else {
      const bool again = std::any_of(recorded_.begin(), recorded_.end(),
                                     [&](const Recorded& one) { return one.request == wanted; });
      result.error = Error{Code::Internal, wanted.substr(0, wanted.find('\n')) +
                                               (again ? " is sent more often than it was recorded"
                                                      : " was not recorded, or with another body")};
    }
  }
  done(std::move(result));
}

std::size_t ReplayTransport::unused() const {
  const std::lock_guard lock{mutex_};
  return static_cast<std::size_t>(std::count_if(recorded_.begin(), recorded_.end(),
                                                [](const Recorded& one) { return !one.used; }));
}

}  // namespace sluice::testing
