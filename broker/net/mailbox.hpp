#pragma once

#include <atomic>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace mqttzoo::net {

/// Letters from one thread to one other, in order. The sender appends during its turn without any lock and hands over
/// at its end; the receiver takes all at once. Unbounded by itself: senders look at `backlog()`, which is exact for
/// what was handed over, and stop reading from clients when the receiver does not keep up.
template <class Letter>
class Mailbox {
 public:
  // ---------------------------------------------------------------- the sender's thread

  /// `bytes`: what the letter keeps in memory beside itself.
  template <class L>
  void append(L&& letter, std::size_t bytes = 0) {
    outgoing_.emplace_back(std::forward<L>(letter));
    outgoing_bytes_ += sizeof(Letter) + bytes;
  }

  /// True: there was something, and the receiver may have to be woken.
  bool hand_over() {
    if (outgoing_.empty()) return false;
    {
      const std::lock_guard lock(mutex_);
      if (box_.empty()) {
        box_.swap(outgoing_);  // and get back what the receiver emptied last: a steady flow allocates nothing
      } else {
        box_.insert(box_.end(), std::move_iterator(outgoing_.begin()), std::move_iterator(outgoing_.end()));
      }
      backlog_bytes_.store(backlog_bytes_.load(std::memory_order_relaxed) + outgoing_bytes_);
    }
    outgoing_.clear();
    outgoing_bytes_ = 0;
    return true;
  }

  // ---------------------------------------------------------------- any thread

  /// Of the letters that were handed over and not yet taken. Ordered with EventLoop's sleep: no wake-up is lost.
  std::size_t backlog_bytes() const { return backlog_bytes_.load(); }

  // ---------------------------------------------------------------- the receiver's thread

  /// Takes all letters into `letters`, which is empty. Returns what their backlog was; 0: there were none.
  std::size_t take(std::vector<Letter>& letters) {
    if (backlog_bytes() == 0) return 0;
    const std::lock_guard lock(mutex_);
    letters.swap(box_);
    return backlog_bytes_.exchange(0);
  }

 private:
  alignas(64) std::vector<Letter> outgoing_;  ///< the sender's
  std::size_t outgoing_bytes_ = 0;            ///< the sender's
  alignas(64) std::mutex mutex_;
  std::vector<Letter> box_;  ///< under the mutex
  std::atomic<std::size_t> backlog_bytes_{0};
};

}  // namespace mqttzoo::net
