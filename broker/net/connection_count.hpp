#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

namespace mqttzoo::net {

/// How many sockets are open, of one listener or of all, and how many may be. The control thread counts up, any thread
/// down.
struct ConnectionCount {
  std::size_t most = std::numeric_limits<std::size_t>::max();
  std::atomic<std::size_t> open{0};

  bool full() const { return open.load(std::memory_order_relaxed) >= most; }
};

/// The counts that one listener's sockets belong to.
struct ListenerCounts {
  ConnectionCount own;
  std::shared_ptr<ConnectionCount> of_all;
};

/// An open socket's place in the counts of its listener; given back when it is destroyed, on any thread.
class ConnectionPlace {
 public:
  ConnectionPlace() = default;
  /// On the control thread. Taken whether there is room or not.
  explicit ConnectionPlace(std::shared_ptr<ListenerCounts> counts) : counts_(std::move(counts)) {
    counts_->own.open.fetch_add(1, std::memory_order_relaxed);
    counts_->of_all->open.fetch_add(1, std::memory_order_relaxed);
  }
  ConnectionPlace(ConnectionPlace&&) = default;
  ConnectionPlace& operator=(ConnectionPlace&& other) noexcept {
    std::swap(counts_, other.counts_);
    return *this;
  }
  ~ConnectionPlace() {
    if (!counts_) return;
    counts_->own.open.fetch_sub(1, std::memory_order_relaxed);
    counts_->of_all->open.fetch_sub(1, std::memory_order_relaxed);
  }

 private:
  std::shared_ptr<ListenerCounts> counts_;
};

}  // namespace mqttzoo::net
