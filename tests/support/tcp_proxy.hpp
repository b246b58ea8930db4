#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace mqttzoo::support {

/// A network on loopback that a test can break: passes connections to a target on, until told otherwise. One thread.
class TcpProxy {
 public:
  explicit TcpProxy(std::uint16_t target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::uint16_t port() const { return port_; }

  /// From now on, what one side sends is read and thrown away.
  void swallow_requests(bool on) { swallow_requests_ = on; }
  void swallow_replies(bool on) { swallow_replies_ = on; }
  /// Whether new connections are taken; others are closed at once.
  void set_open(bool open) { open_ = open; }
  /// Breaks all connections; returns when they are broken.
  void disconnect();

  std::uint64_t bytes_swallowed() const { return bytes_swallowed_; }

 private:
  struct Pair {
    int client = -1;
    int server = -1;
  };

  void run();
  void take();
  bool pass_on(int from, int to, bool swallow);

  std::uint16_t target_port_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int wake_[2] = {-1, -1};
  std::atomic<bool> swallow_requests_ = false;
  std::atomic<bool> swallow_replies_ = false;
  std::atomic<bool> open_ = true;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> bytes_swallowed_ = 0;
  std::mutex mutex_;  ///< held by the thread except while it waits
  std::list<Pair> pairs_;
  std::thread thread_;
};

}  // namespace mqttzoo::support
