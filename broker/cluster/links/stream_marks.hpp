#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// The numbered messages of one shard of one incarnation. Numbers rise and are never used again in a stream.
struct StreamId {
  Incarnation origin;
  core::ShardIndex shard = 0;
  auto operator<=>(const StreamId&) const = default;
};

/// What a receiver knows of a stream: the highest number that it took. Messages of a stream arrive in the order of
/// their numbers, on one link at a time, and each new link or view begins again with the first one that is unanswered.
/// So whatever is not above the mark was taken before, or was not meant for this broker when its turn was.
class StreamMark {
 public:
  /// Whether the message is new; then it counts as taken from now on.
  bool take(std::uint64_t number) {
    if (number <= highest_) return false;
    highest_ = number;
    return true;
  }
  std::uint64_t highest() const { return highest_; }

  /// The message that was just taken has nobody here: that is the answer to a repetition, too.
  void decline(std::uint64_t number) { declined_.push_back(number); }
  bool is_declined(std::uint64_t number) const {
    return std::binary_search(declined_.begin(), declined_.end(), number);
  }
  /// No number below it is sent again. So the declined ones are those since the sender's oldest unfinished message,
  /// which waits no longer than it takes to remove whoever does not answer it.
  void finished_below(std::uint64_t number) {
    while (!declined_.empty() && declined_.front() < number) declined_.pop_front();
  }

 private:
  std::uint64_t highest_ = 0;
  std::deque<std::uint64_t> declined_;  ///< they rise
};

/// The marks of all streams that one shard receives. They outlive links: a repeated message is known by them. Bounded
/// by the members and their shards, since an owner forgets the streams of incarnations that are gone.
class StreamMarks {
 public:
  /// The reference is good until the stream is forgotten.
  StreamMark& of(const StreamId& stream) { return marks_[stream]; }

  template <class Gone>
  void forget_if(Gone&& gone) {
    std::erase_if(marks_, [&](const auto& entry) { return gone(entry.first); });
  }
  void forget_all() { marks_.clear(); }
  std::size_t size() const { return marks_.size(); }

 private:
  std::map<StreamId, StreamMark> marks_;
};

}  // namespace mqttzoo::cluster
