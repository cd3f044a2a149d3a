#include "serve/http_server.hpp"

#include <httplib.h>

#include <cctype>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <sluice/error.hpp>
#include <utility>
#include <vector>

#include "serve/tls.hpp"

namespace sluice::host::serve {
namespace {

constexpr std::size_t kWaiting = 64;  // accepted connections without a thread

// The library's own queue has no bound.
class Pool final : public httplib::TaskQueue {
 public:
  explicit Pool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  // Waits while too many wait: the kernel then keeps further connections, and refuses some.
  void enqueue(std::function<void()> task) override {
    std::unique_lock lock{mutex_};
    wake_.wait(lock, [this] { return tasks_.size() < kWaiting || ending_; });
    tasks_.push_back(std::move(task));
    wake_.notify_all();
  }
  void shutdown() override {
    {
      const std::lock_guard guard{mutex_};
      ending_ = true;
    }
    wake_.notify_all();
    threads_.clear();
  }

 private:
  void work() {
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return !tasks_.empty() || ending_; });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      wake_.notify_all();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;
};

std::string lower(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

Request request_of(const httplib::Request& from) {
  Request request;
  request.method = from.method;
  request.path = from.path;
  request.body = from.body;
  for (const auto& [name, value] : from.params) request.query.emplace(name, value);
  for (const auto& [name, value] : from.headers) request.headers.emplace(lower(name), value);
  return request;
}

void put(Reply reply, httplib::Response& to) {
  to.status = reply.status;
  for (const auto& [name, value] : reply.headers) to.set_header(name, value);
  if (!reply.stream) {
    // An empty body has no type: no JSON is empty.
    if (!reply.body.empty()) to.set_content(reply.body, reply.type);
    return;
  }
  to.set_chunked_content_provider(
      reply.type, [stream = std::move(reply.stream)](std::size_t, httplib::DataSink& sink) {
        const auto send = [&sink](std::string_view text) {
          return sink.is_writable() && sink.write(text.data(), text.size());
        };
        if (!stream(send)) sink.done();
        return sink.is_writable();
      });
}

}  // namespace

struct HttpServer::Impl {
  std::unique_ptr<httplib::Server> server;
};

HttpServer::HttpServer(const HttpOptions& options) : impl_{std::make_unique<Impl>()} {
  if (options.certificate.empty()) {
    impl_->server = std::make_unique<httplib::Server>();
  } else {
    // The library frees its context only when it is told of failures.
    std::exception_ptr failure;
    impl_->server = std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) {
      try {
        set_up_tls(context, options.certificate, options.key);
      } catch (...) {
        failure = std::current_exception();
      }
      return failure == nullptr;
    });
    if (failure) std::rethrow_exception(failure);
    if (!impl_->server->is_valid()) throw Error{Code::Internal, "OpenSSL cannot be used"};
  }
  auto& server = *impl_->server;
  server.new_task_queue = [threads = options.threads] { return new Pool{threads}; };
  server.set_payload_max_length(options.largest_body);
  server.set_read_timeout(10, 0);
  server.set_write_timeout(10, 0);
  // A connection without a request takes a thread from others.
  server.set_keep_alive_timeout(2);
  server.set_keep_alive_max_count(100);
  // Only one server at a time may have the port.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server.set_error_handler([](const httplib::Request&, httplib::Response& to) {
    if (!to.body.empty() || to.status < 400) return;
    const bool large = to.status == 413;
    put(Problem{to.status, large ? "too_large" : "invalid",
                large ? "the body is larger than this service takes"
                      : "this is not a request that this service understands"}
            .reply(),
        to);
  });
  port_ = options.port;
  if (options.port == 0) {
    port_ = server.bind_to_any_port(options.address);
  } else if (!server.bind_to_port(options.address, options.port)) {
    port_ = -1;
  }
  if (port_ < 0) {
    throw Error{Code::Config, "cannot listen at " + options.address + ":" +
                                  std::to_string(options.port) +
                                  ": another program has it, or it is no address of this machine; "
                                  "name another with --listen"};
  }
}

void HttpServer::serve(const std::function<Reply(Request&)>& handler) {
  auto& server = *impl_->server;
  const auto answer = [handler](const httplib::Request& from, httplib::Response& to) {
    Request request = request_of(from);
    put(handler(request), to);
  };
  server.Get(".*", answer);
  server.Post(".*", answer);
  server.Put(".*", answer);
  server.Patch(".*", answer);
  server.Delete(".*", answer);
  server.Options(".*", answer);
  thread_ = std::jthread{[&server] { server.listen_after_bind(); }};
}

HttpServer::~HttpServer() {
  impl_->server->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace sluice::host::serve
