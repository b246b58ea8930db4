// The only user of Boost.Beast: it takes long to compile.
#include "broker/ops/http_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

namespace mqttzoo::ops {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

// How long accepting rests when it fails, e.g. for want of file descriptors.
constexpr auto accept_pause = std::chrono::milliseconds(500);

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(endpoint.port());
}

// One connection: reads a request, answers, and so on. Owned by the operation under way.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const HttpServer::Handler& handler) : stream_(std::move(socket)), handler_(handler) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(http_header_bytes_max);
    stream_.expires_after(std::chrono::seconds(http_seconds_max));
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                       if (!error) self->answer();
                     });
  }
  void close() { stream_.close(); }

 private:
  void answer() {
    const auto& request = parser_->get();
    answer_ = {};
    answer_.version(request.version());
    answer_.keep_alive(request.keep_alive());
    if (request.method() == http::verb::get || request.method() == http::verb::head) {
      const HttpAnswer given = handler_(std::string_view(request.target().data(), request.target().size()));
      answer_.result(given.status);
      answer_.set(http::field::content_type, given.content_type);
      answer_.set(http::field::cache_control, "no-store");
      answer_.body() = given.body;
    } else {
      answer_.result(http::status::method_not_allowed);
      answer_.set(http::field::allow, "GET, HEAD");
    }
    answer_.prepare_payload();
    if (request.method() == http::verb::head) answer_.body().clear();
    write();
  }

  void write() {
    http::async_write(stream_, answer_, [self = shared_from_this()](const beast::error_code& error, std::size_t) {
      if (error) return;
      if (self->answer_.keep_alive()) return self->read();
      beast::error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{http_header_bytes_max};
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> answer_;
  const HttpServer::Handler& handler_;
};

tcp::acceptor listening(asio::io_context& io, const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  tcp::endpoint endpoint(tcp::v6(), port);
  if (!host.empty()) {
    const auto found = tcp::resolver(io).resolve(host, std::to_string(port), tcp::resolver::passive, error);
    if (error) throw std::runtime_error("http_listener: " + host + " cannot be resolved: " + error.message());
    endpoint = *found.begin();
  }
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (error == asio::error::address_family_not_supported && host.empty()) {
    endpoint = tcp::endpoint(tcp::v4(), port);
    acceptor.open(endpoint.protocol(), error);
  }
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && host.empty() && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(http_connections_max, error);
  if (error == asio::error::address_in_use) {
    throw std::runtime_error("http_listener: cannot listen on " + text_of(endpoint) + ": the port is in use");
  }
  if (error) throw std::runtime_error("http_listener: cannot listen on " + text_of(endpoint) + ": " + error.message());
  return acceptor;
}

}  // namespace

struct HttpServer::State {
  State(const std::string& host, std::uint16_t port)
      : acceptor(listening(io, host, port)), pause(io), local(acceptor.local_endpoint()) {}

  void accept() {
    acceptor.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        pause.expires_after(accept_pause);
        return pause.async_wait([this](const boost::system::error_code& stopped) {
          if (!stopped) accept();
        });
      }
      take(std::move(socket));
      accept();
    });
  }

  // The oldest makes room: whoever opens sockets and says nothing must not keep out those who ask for health.
  void take(tcp::socket socket) {
    sessions.remove_if([](const std::weak_ptr<Session>& session) { return session.expired(); });
    if (sessions.size() >= http_connections_max) {
      if (const auto oldest = sessions.front().lock()) oldest->close();
      sessions.pop_front();
    }
    const auto session = std::make_shared<Session>(std::move(socket), handler);
    sessions.push_back(session);
    session->read();
  }

  Handler handler;  ///< written before the thread starts
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::list<std::weak_ptr<Session>> sessions;  ///< in the order they came
  const tcp::endpoint local;
  std::thread thread;
};

HttpServer::HttpServer(const std::string& host, std::uint16_t port) : state_(std::make_unique<State>(host, port)) {}

HttpServer::~HttpServer() {
  state_->io.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

void HttpServer::start(Handler handler) {
  state_->handler = std::move(handler);
  state_->accept();
  state_->thread = std::thread([this] { state_->io.run(); });
}

std::string HttpServer::address() const { return text_of(state_->local); }
std::uint16_t HttpServer::port() const { return state_->local.port(); }

}  // namespace mqttzoo::ops
