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

/// A message of a stream that a shard took, and has to answer when it is kept.
struct TakenMessage {
  StreamId stream;
  std::uint64_t number = 0;
  core::ShardIndex handed_on_by = 0;  ///< the shard of this broker that has the stream, or the link by which it came
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

  // Messages that were taken, and cannot be answered yet.

  void open(std::uint64_t number, std::size_t parts) { open_[number] = parts; }
  bool is_open(std::uint64_t number) const { return open_.contains(number); }
  /// One part is done. True: it was the last one.
  bool part_done(std::uint64_t number) {
    const auto open = open_.find(number);
    if (open == open_.end() || --open->second != 0) return false;
    open_.erase(open);
    return true;
  }
  /// Some number above `low` and below `high` is open.
  bool any_open_between(std::uint64_t low, std::uint64_t high) const {
    const auto next = open_.upper_bound(low);
    return next != open_.end() && next->first < high;
  }
  /// A new view: they come again.
  void forget_open() { open_.clear(); }

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
  std::map<std::uint64_t, std::size_t> open_;  ///< parts by number
  std::deque<std::uint64_t> declined_;         ///< they rise
};

/// The marks of all streams that one shard receives. They outlive links: a repeated message is known by them. Bounded
/// by the members and their shards, since an owner forgets the streams of incarnations that are gone.
class StreamMarks {
 public:
  /// The reference is good until the stream is forgotten.
  StreamMark& of(const StreamId& stream) { return marks_[stream]; }

  StreamMark* find(const StreamId& stream) {
    const auto found = marks_.find(stream);
    return found == marks_.end() ? nullptr : &found->second;
  }
  void forget_open() {
    for (auto& [stream, mark] : marks_) mark.forget_open();
  }

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
