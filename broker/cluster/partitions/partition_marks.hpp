#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "broker/cluster/links/stream_marks.hpp"

namespace mqttzoo::cluster {

/// What the log of a partition has of each stream: read from its records, and so never more than they say. Whatever a
/// record came of is not appended again. Bounded by the members and their shards, since an owner forgets the streams of
/// incarnations that are gone.
class PartitionMarks {
 public:
  /// Numbers rise in a stream, so what is not above the mark is in the log, or was not meant for this partition. A copy
  /// that was not complete has nothing of a stream below the first number that it was told.
  bool has(const StreamId& stream, std::uint64_t number) const {
    const auto found = marks_.find(stream);
    return found != marks_.end() && number >= found->second.first && number <= found->second.last;
  }
  void note(const StreamId& stream, std::uint64_t number, bool complete) {
    Mark& mark = marks_.try_emplace(stream, Mark{complete ? 0 : number, number}).first->second;
    mark.first = std::min(mark.first, complete ? 0 : number);
    mark.last = std::max(mark.last, number);
  }
  /// All that came before the first numbers that it was told is here as well.
  void complete() {
    for (auto& [stream, mark] : marks_) mark.first = 0;
  }

  template <class Gone>
  void forget_if(Gone&& gone) {
    std::erase_if(marks_, [&](const auto& entry) { return gone(entry.first); });
  }
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [stream, mark] : marks_) visit(stream, mark.last);
  }

 private:
  struct Mark {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  std::map<StreamId, Mark> marks_;
};

}  // namespace mqttzoo::cluster
