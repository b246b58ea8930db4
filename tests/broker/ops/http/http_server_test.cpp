#include "broker/ops/http_server.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

namespace mqttzoo::ops {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

HttpAnswer answer_with_target(std::string_view target) {
  HttpAnswer answer;
  answer.status = target == "/no" ? 503 : 200;
  answer.body = "you asked for " + std::string(target);
  return answer;
}

int sent(std::uint16_t port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(fd, request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
  return fd;
}

// All that comes until the server closes.
std::string received(int fd) {
  std::string answer;
  char bytes[4096];
  for (ssize_t size; (size = ::recv(fd, bytes, sizeof bytes, 0)) > 0;) answer.append(bytes, static_cast<size_t>(size));
  ::close(fd);
  return answer;
}

std::string exchange(std::uint16_t port, const std::string& request) { return received(sent(port, request)); }

struct HttpServerTest : testing::Test {
  HttpServerTest() { server.start(&answer_with_target); }
  HttpServer server{"127.0.0.1", 0};
};

TEST(HttpServerStart, Who_asks_before_waits_for_it) {
  HttpServer server("127.0.0.1", 0);
  const int early = sent(server.port(), "GET /early HTTP/1.1\r\nConnection: close\r\n\r\n");
  server.start(&answer_with_target);
  EXPECT_THAT(received(early), EndsWith("you asked for /early"));
}

TEST(HttpServerStart, A_server_that_never_starts_hangs_up_at_its_end) {
  auto server = std::make_unique<HttpServer>("127.0.0.1", 0);
  const int early = sent(server->port(), "GET / HTTP/1.1\r\n\r\n");
  server.reset();
  EXPECT_EQ(received(early), "");
}

TEST_F(HttpServerTest, A_GET_is_answered_by_the_handler) {
  const std::string answer = exchange(server.port(), "GET /yes?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nyou asked for /yes?x=1"));
  EXPECT_THAT(exchange(server.port(), "GET /no HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 503 Service Unavailable\r\n"));
}

TEST_F(HttpServerTest, One_connection_serves_several_requests) {
  const std::string answer =
      exchange(server.port(), "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("you asked for /1"));
  EXPECT_THAT(answer, EndsWith("you asked for /2"));
}

TEST_F(HttpServerTest, HEAD_has_no_body) {
  const std::string answer = exchange(server.port(), "HEAD /yes HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 18\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, Other_methods_are_not_allowed) {
  EXPECT_THAT(exchange(server.port(), "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
}

TEST_F(HttpServerTest, Garbage_bodies_and_endless_headers_end_the_connection) {
  EXPECT_EQ(exchange(server.port(), "\x10\x0c\x00\x04MQTT\r\n\r\n"), "");
  EXPECT_EQ(exchange(server.port(), "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), "");
  EXPECT_EQ(exchange(server.port(), "GET / HTTP/1.1\r\nX: " + std::string(2 * http_header_bytes_max, 'x')), "");
}

TEST_F(HttpServerTest, Who_says_nothing_makes_room) {
  std::vector<int> silent;
  for (std::size_t i = 0; i < http_connections_max; ++i) silent.push_back(sent(server.port(), "GET /"));
  EXPECT_THAT(exchange(server.port(), "GET /yes HTTP/1.1\r\nConnection: close\r\n\r\n"), EndsWith("for /yes"));
  EXPECT_EQ(received(silent.front()), "") << "the oldest was closed";
  for (std::size_t i = 1; i < silent.size(); ++i) ::close(silent[i]);
}

TEST_F(HttpServerTest, A_port_in_use_is_named) {
  try {
    HttpServer second("127.0.0.1", server.port());
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "http_listener: cannot listen on " + server.address() + ": the port is in use");
  }
}

}  // namespace
}  // namespace mqttzoo::ops
