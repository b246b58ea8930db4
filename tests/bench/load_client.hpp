#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::bench {

/// One MQTT 3.1.1 client of the load generator: a non-blocking socket with its buffers. Any failure throws: a benchmark
/// with a broken client measures nothing.
class LoadClient {
 public:
  /// Connects and sends CONNECT.
  LoadClient(const std::string& host, std::uint16_t port, const std::string& client_id);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  int fd() const { return fd_; }
  mqtt::ByteBuffer& output() { return output_; }
  /// Sends what the socket takes. True: everything went.
  bool flush();
  /// Reads once and hands on whole packets. False: there was nothing.
  bool receive(const std::function<void(const mqtt::Frame&)>& on_frame);

 private:
  int fd_;
  mqtt::ByteBuffer output_;
  std::string tail_;
};

}  // namespace mqttzoo::bench
