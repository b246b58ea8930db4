#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <optional>
#include <string>

namespace mqttzoo::client {

/// Lines of standard input on an io_context: typed at a terminal, from a pipe or a file. Bounded: a line of more than
/// `line_bytes_max` bytes ends the input with an error.
class InputLines {
 public:
  static constexpr std::size_t line_bytes_max = 256u << 20;
  /// A line without its line feed; nothing at the end of the input.
  using LineCallback = std::function<void(std::optional<std::string>)>;

  explicit InputLines(boost::asio::io_context& context);

  /// One at a time. May call back from inside.
  void next(LineCallback callback);
  /// Nobody waits for a line any more.
  void stop();

 private:
  bool take_line(std::string& line);
  void read();
  void read_now();

  boost::asio::posix::stream_descriptor input_;
  bool pollable_ = true;  ///< regular files cannot be waited for, but never block
  std::string buffer_;
  std::size_t searched_ = 0;
  bool ended_ = false;
  LineCallback waiting_;
};

/// All of a file ("-": standard input). Throws std::runtime_error with the reason.
std::string read_whole(const std::string& name);

}  // namespace mqttzoo::client
