#include "sandbox_transport.hpp"

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <charconv>
#include <thread>

#include "sluice/error.hpp"

namespace sluice::testing {
namespace {

constexpr int kReadTimeoutMs = 60'000;

// True once `fd` has something to read; false on timeout or when the server stops.
bool wait_readable(int fd, int stop_fd, int timeout_ms) {
  std::array<pollfd, 2> fds{{{fd, POLLIN, 0}, {stop_fd, POLLIN, 0}}};
  const int ready = ::poll(fds.data(), fds.size(), timeout_ms);
  return ready > 0 && fds[1].revents == 0;
}

bool send_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// One client connection as httplib's parser sees it. What httplib wants to write is kept back: the
// sandbox writes its own answers, and httplib's are sent only when a request never reached a
// handler (a malformed or oversized one).
class Connection final : public httplib::Stream {
 public:
  Connection(int fd, int stop_fd) : fd_{fd}, stop_fd_{stop_fd} {}

  using httplib::Stream::write;
  bool is_readable() const override {
    return begin_ < end_ || wait_readable(fd_, stop_fd_, kReadTimeoutMs);
  }
  bool is_writable() const override { return true; }
  ssize_t read(char* data, size_t size) override {
    if (begin_ == end_) {
      if (!flush() || !wait_readable(fd_, stop_fd_, kReadTimeoutMs)) return -1;
      const ssize_t got = ::recv(fd_, buffer_.data(), buffer_.size(), 0);
      if (got <= 0) return got;
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
    }
    const std::size_t count = std::min(size, end_ - begin_);
    std::copy_n(buffer_.data() + begin_, count, data);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* data, size_t size) override {
    output_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 0;
  }
  socket_t socket() const override { return fd_; }

  [[nodiscard]] bool has_buffered_input() const { return begin_ < end_; }
  void discard_output() { output_.clear(); }
  bool flush() {
    const bool sent = send_all(fd_, output_);
    output_.clear();
    return sent;
  }

 private:
  int fd_;
  int stop_fd_;
  std::array<char, 16'384> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string output_;
};

std::string gzip(const std::string& text) {
  z_stream stream{};
  // Level 1: sandboxes answer on the same machine that runs the tests, so processor time matters
  // more than size. 15 + 16 asks zlib for a gzip header.
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Error{Code::Internal, "zlib cannot be initialised"};
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool accepts_gzip(const SandboxRequest& request) {
  return request.header("Accept-Encoding").find("gzip") != std::string_view::npos;
}

const char* reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

std::string response_head(const SandboxRequest& request, const SandboxResponse& response,
                          bool compressed) {
  std::string head =
      "HTTP/1.1 " + std::to_string(response.status) + ' ' + reason_phrase(response.status) + "\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) add(name, value);
  if (compressed) {
    add("Content-Encoding", "gzip");
    add("Vary", "Accept-Encoding");
  }
  if (response.status != 204) add("Content-Length", std::to_string(response.body.size()));
  const bool close = response.close || request.header("Connection") == "close";
  add("Connection", close ? "close" : "keep-alive");
  return head + "\r\n";
}

}  // namespace

void set_target(SandboxRequest& request, std::string_view target) {
  const std::size_t question = std::min(target.find('?'), target.size());
  request.raw_path = target.substr(0, question);
  request.raw_query = question < target.size() ? target.substr(question + 1) : "";
  request.path = percent_decode(request.raw_path, false);
  request.query = parse_form(request.raw_query);
}

struct SandboxTransport::Impl final : httplib::Server {
  Impl(SandboxTransport::Handler request_handler, const SandboxOptions& server_options)
      : handler{std::move(request_handler)},
        options{server_options},
        stop_fd{::eventfd(0, EFD_CLOEXEC)} {
    new_task_queue = [this] { return new httplib::ThreadPool(options.connections); };
    const auto collect = [](const httplib::Request& from, httplib::Response& response) {
      collect_request(from);
      response.status = 200;
    };
    // `.` does not match a line break, which a decoded path may contain.
    const std::string any = "[\\s\\S]*";
    Get(any, collect);
    Post(any, collect);
    Put(any, collect);
    Patch(any, collect);
    Delete(any, collect);
    Options(any, collect);
    set_read_timeout(kReadTimeoutMs / 1000);
    // httplib's own choice, SO_REUSEPORT, would let two sandboxes share a port.
    set_socket_options([](socket_t fd) {
      const int on = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
  }
  ~Impl() override { ::close(stop_fd); }

  static void collect_request(const httplib::Request& from) {
    auto& request = current().emplace();
    request.method = from.method;
    set_target(request, from.target);
    for (const auto& [name, value] : from.headers) {
      if (name != "REMOTE_ADDR" && name != "REMOTE_PORT" && name != "LOCAL_ADDR" &&
          name != "LOCAL_PORT") {
        request.headers.emplace_back(name, value);
      }
    }
    request.body = from.body;
  }

  // httplib offers a handler no way to its connection, so the request travels from the handler to
  // the connection's loop, which runs on the same thread, through here.
  static std::optional<SandboxRequest>& current() {
    thread_local std::optional<SandboxRequest> request;
    return request;
  }

  bool process_and_close_socket(socket_t fd) override {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection connection{fd, stop_fd};
    while ((connection.has_buffered_input() ||
            wait_readable(fd, stop_fd, options.idle_seconds * 1000)) &&
           serve_one(connection, fd)) {
    }
    ::close(fd);
    return true;
  }

  // Returns whether the connection can go on.
  bool serve_one(Connection& connection, int fd) {
    current().reset();
    bool closing = false;
    std::string content_type;
    const bool parsed = process_request(connection, false, closing, [&](httplib::Request& from) {
      // A request's own ranges would make httplib check them against its empty answer.
      from.headers.erase("Range");
      from.ranges.clear();
      // httplib refuses forms beyond 8 KB and takes multipart bodies apart; sandboxes read bodies
      // themselves.
      content_type = from.get_header_value("Content-Type");
      from.headers.erase("Content-Type");
    });
    if (!current().has_value()) {
      connection.flush();
      return false;
    }
    connection.discard_output();
    SandboxRequest request = std::move(*current());
    if (!content_type.empty()) request.headers.emplace_back("Content-Type", content_type);
    SandboxResponse response = handler(request);
    response.close = response.close || closing || !parsed;
    if (response.delay_ms > 0) {
      pollfd stopped{stop_fd, POLLIN, 0};
      ::poll(&stopped, 1, static_cast<int>(response.delay_ms));
    }
    return send(fd, request, response);
  }

  bool send(int fd, const SandboxRequest& request, SandboxResponse& response) const {
    if (response.reset) {
      const linger hard{1, 0};
      ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      return false;
    }
    const bool compressed = response.body.size() >= options.gzip_from && accepts_gzip(request);
    if (compressed) response.body = gzip(response.body);
    std::string out = response_head(request, response, compressed);
    if (request.method != "HEAD") {
      std::size_t cut = response.truncate_at.value_or(response.body.size());
      // The place was chosen in the uncompressed body and may lie behind the end of this one.
      if (response.truncate_at && cut >= response.body.size()) cut = response.body.size() / 2;
      out.append(response.body, 0, cut);
    }
    if (send_all(fd, out) && !response.truncate_at && !response.close) return true;
    ::shutdown(fd, SHUT_WR);
    return false;
  }

  // httplib listens with a backlog of 5; a burst of connections would wait a second for its second
  // SYN.
  void widen_backlog() { ::listen(svr_sock_, 512); }

  SandboxTransport::Handler handler;
  SandboxOptions options;
  int stop_fd;
  int bound_port = 0;
  std::thread thread;
};

SandboxTransport::SandboxTransport(Handler handler, const SandboxOptions& options)
    : impl_{std::make_unique<Impl>(std::move(handler), options)} {}

SandboxTransport::~SandboxTransport() {
  stop();
}

void SandboxTransport::start() {
  const char* host = "127.0.0.1";
  if (impl_->options.port == 0) {
    impl_->bound_port = impl_->bind_to_any_port(host);
  } else if (impl_->bind_to_port(host, impl_->options.port)) {
    impl_->bound_port = impl_->options.port;
  } else {
    impl_->bound_port = -1;
  }
  if (impl_->bound_port <= 0) {
    throw Error{Code::Transient,
                "cannot listen on 127.0.0.1:" + std::to_string(impl_->options.port) +
                    ": the port is taken; choose another one, or 0 for any"};
  }
  impl_->widen_backlog();
  impl_->thread = std::thread{[this] { impl_->listen_after_bind(); }};
  // httplib's stop() does nothing before its loop runs.
  while (!impl_->is_running()) std::this_thread::yield();
}

void SandboxTransport::stop() {
  if (!impl_->thread.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(impl_->stop_fd, &one, sizeof one);
  impl_->Server::stop();
  impl_->thread.join();
}

int SandboxTransport::port() const {
  return impl_->bound_port;
}

}  // namespace sluice::testing
