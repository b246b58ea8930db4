#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mqttzoo::ops {

struct HttpAnswer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

/// Bounds of the HTTP port, which probes and one or two scrapers use.
inline constexpr std::size_t http_connections_max = 64;
inline constexpr std::size_t http_header_bytes_max = 8 * 1024;
/// From the start of a request, or of the wait for one, to the end of its answer.
inline constexpr int http_seconds_max = 10;

/// Answers GET and HEAD over HTTP/1.1 on a thread of its own, so that no scrape holds up a message and a stuck loop can
/// still be reported.
class HttpServer {
 public:
  /// `target` is the path with its query. Called on the server's thread.
  using Handler = std::function<HttpAnswer(std::string_view target)>;

  /// Takes the port; who connects waits for start(). An empty host: all addresses of this machine. Port 0: any free
  /// one. Throws std::runtime_error, one line that names the address, when it cannot listen.
  HttpServer(const std::string& host, std::uint16_t port);
  /// Closes all connections.
  ~HttpServer();

  /// Once: answers from now on, so all that `handler` looks at must be there.
  void start(Handler handler);

  /// As bound, "0.0.0.0:9090".
  std::string address() const;
  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mqttzoo::ops
