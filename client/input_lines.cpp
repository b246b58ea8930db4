#include "client/input_lines.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace mqttzoo::client {

InputLines::InputLines(boost::asio::io_context& context) : input_(context) {
  boost::system::error_code error;
  input_.assign(::dup(STDIN_FILENO), error);
  pollable_ = !error;
}

void InputLines::next(LineCallback callback) {
  std::string line;
  if (take_line(line)) return callback(std::move(line));
  if (ended_) return callback(std::nullopt);
  waiting_ = std::move(callback);
  read();
}

void InputLines::stop() {
  waiting_ = nullptr;
  boost::system::error_code ignored;
  input_.close(ignored);
}

bool InputLines::take_line(std::string& line) {
  const std::size_t end = buffer_.find('\n', searched_);
  if (end == std::string::npos) {
    searched_ = buffer_.size();
    if (!ended_ || buffer_.empty()) return false;
    line = std::exchange(buffer_, {});
    searched_ = 0;
    return true;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  searched_ = 0;
  return true;
}

void InputLines::read() {
  if (!pollable_) return read_now();
  input_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
    // epoll takes no regular file and no /dev/null: those can be read at any time.
    if (error != boost::asio::error::operation_aborted) read_now();
  });
}

void InputLines::read_now() {
  char chunk[16 * 1024];
  const ssize_t size = ::read(STDIN_FILENO, chunk, sizeof chunk);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return read();
  if (size > 0) {
    buffer_.append(chunk, static_cast<std::size_t>(size));
  } else {
    ended_ = true;
  }
  if (buffer_.size() > line_bytes_max)
    throw std::runtime_error("a line of standard input is longer than a message can be");
  if (waiting_) next(std::exchange(waiting_, nullptr));
}

std::string read_whole(const std::string& name) {
  std::ostringstream content;
  if (name == "-") {
    content << std::cin.rdbuf();
    return content.str();
  }
  std::ifstream file(name, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + name + ": " + std::strerror(errno));
  content << file.rdbuf();
  if (file.bad()) throw std::runtime_error("cannot read " + name);
  return content.str();
}

}  // namespace mqttzoo::client
