#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace mqttzoo::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::size_t publishers = 1;
  std::size_t subscribers_each = 1;
  unsigned qos = 0;
  std::size_t messages = 100'000;
  std::size_t bytes = 64;
  std::size_t window = 500;
  std::size_t rate = 0;  ///< messages published per second by all publishers; 0: as fast as possible
};

/// Publishers and subscribers in one thread, as fast as the subscribers get what is published, within a window.
/// Publisher i publishes on bench/i. Every message carries a number: a lost, repeated or reordered one fails the run,
/// like every other failure, with std::runtime_error.
class Load {
 public:
  explicit Load(const LoadOptions& options);
  ~Load();

  /// Returns when all clients are connected and subscribed.
  void connect();
  /// Returns when everything has been received: after how many seconds.
  double run();

  std::uint64_t received() const;

 private:
  struct Clients;
  std::unique_ptr<Clients> clients_;
};

}  // namespace mqttzoo::bench
