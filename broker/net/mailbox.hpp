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

  void append(Letter letter) { outgoing_.push_back(std::move(letter)); }

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
      backlog_.store(box_.size());
    }
    outgoing_.clear();
    return true;
  }

  // ---------------------------------------------------------------- any thread

  /// Letters that were handed over and not yet taken. Ordered with EventLoop's sleep: no wake-up is lost.
  std::size_t backlog() const { return backlog_.load(); }

  // ---------------------------------------------------------------- the receiver's thread

  /// Takes all letters into `letters`, which is empty. False: there were none.
  bool take(std::vector<Letter>& letters) {
    if (backlog() == 0) return false;
    const std::lock_guard lock(mutex_);
    letters.swap(box_);
    backlog_.store(0);
    return true;
  }

 private:
  alignas(64) std::vector<Letter> outgoing_;  ///< the sender's
  alignas(64) std::mutex mutex_;
  std::vector<Letter> box_;  ///< under the mutex
  std::atomic<std::size_t> backlog_{0};
};

}  // namespace mqttzoo::net
