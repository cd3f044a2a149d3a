// HTTP exchanges with a real API, written to a file once and replayed in tests ever after.
//
//   // Once, with a real key, by hand:
//   HttpOptions options{.base_url = "https://api.vendor.com", .auth = BasicAuth{key}};
//   options.transport = std::make_shared<RecordingTransport>(
//       network_transport(options), "fixtures/pages.ndjson", Redaction{.secrets = {key}});
//   // In tests:
//   auto replay = std::make_shared<ReplayTransport>("fixtures/pages.ndjson");
//   HttpClient client{{.base_url = "https://vendor.test", .transport = replay}};
//
// The file has one JSON object a line, in the order in which requests were sent:
//   {"request":{"method","target","headers","body"},
//    "response":{"status","headers":[[name,value]],"body"} or "error":{"code","message","unsent"}}
// `target` is the path and query; the host is left out, so that a replay may use any base URL.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sluice/http.hpp"

namespace sluice::testing {

// What never reaches the file: it is replaced by REDACTED before anything is written. Headers that
// carry credentials (Authorization, Cookie, Set-Cookie and whatever has key, token, secret or auth
// in its name) are redacted always.
struct Redaction {
  std::vector<std::string> secrets = {};  // these texts, wherever they stand
  std::vector<std::string> members = {};  // the values of JSON members of these names, at any depth
  std::vector<std::string> query = {};    // the values of these query parameters
};

// The network, as a client of these options uses it when they name no transport.
// Errors: Error{Config} as HttpClient's constructor.
[[nodiscard]] std::shared_ptr<Transport> network_transport(const HttpOptions& options);

// Passes every exchange on and remembers it, redacted. Threads: [any thread].
class RecordingTransport final : public Transport {
 public:
  // `file` is written by `save`, and by the destructor when `save` was not called.
  RecordingTransport(std::shared_ptr<Transport> through, std::filesystem::path file,
                     Redaction redaction = {});
  ~RecordingTransport() override;

  void start(Exchange exchange, std::stop_token stop, Done done) override;
  // Writes what was exchanged so far. Errors: Error{Config} when the file cannot be written, or a
  // body is no UTF-8 text.
  void save();

 private:
  struct Tape;
  std::shared_ptr<Tape> tape_;
  std::shared_ptr<Transport> through_;
  std::filesystem::path file_;
  bool saved_ = false;
};

// Answers each request with what was answered to the same one: method, target and body are equal
// after the redaction. Of several the first that is not used yet. A request that was not recorded
// fails with Error{Internal} that names it. Threads: [any thread].
class ReplayTransport final : public Transport {
 public:
  // `redaction` as it was for recording. Errors: Error{Config} naming file and line.
  explicit ReplayTransport(const std::filesystem::path& file, Redaction redaction = {});

  void start(Exchange exchange, std::stop_token stop, Done done) override;
  [[nodiscard]] std::size_t unused() const;  // recorded exchanges that nobody has asked for

 private:
  struct Recorded {
    std::string request;
    HttpResult result;
    bool used = false;
  };

  Redaction redaction_;
  mutable std::mutex mutex_;
  std::vector<Recorded> recorded_;
};

}  // namespace sluice::testing
