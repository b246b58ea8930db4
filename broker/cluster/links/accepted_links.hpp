#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "broker/cluster/links/links.hpp"
#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/view/view.hpp"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::cluster {

/// A data link that another broker's shard opened to this shard: its stream comes in here, answers go out.
class AcceptedLink {
 public:
  AcceptedLink(LinkId id, StreamId stream, StreamMark& mark) : id_(id), stream_(std::move(stream)), mark_(&mark) {}

  LinkId id() const { return id_; }
  const StreamId& stream() const { return stream_; }
  StreamMark& mark() { return *mark_; }

  /// The message was taken, now or earlier, and all that came of it is kept. What lies between two numbers was not sent
  /// here, or is open: so one range often answers a whole turn.
  void accept(ViewNumber view, std::uint64_t number);
  /// The message is for one member of a Shared Subscription, and there is none here that takes it.
  void decline(ViewNumber view, std::uint64_t number);
  /// Writes the answers since the last time.
  void write_answers(mqtt::ByteBuffer& out);
  bool has_answers() const { return !answers_.empty(); }

 private:
  struct Range {
    ViewNumber view = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool accepted = true;
  };

  LinkId id_;
  StreamId stream_;
  StreamMark* mark_;
  std::vector<Range> answers_;
};

/// All accepted data links of one shard, one per stream: a new link of a stream replaces the one before, of which
/// nothing is read any more. What still lay on it is sent again on the new one, or is QoS 0 and would come out of
/// order. Bounded by the peers and their shards.
class AcceptedLinks {
 public:
  AcceptedLink& add(LinkId id, const StreamId& stream, StreamMark& mark);
  void remove(LinkId id);

  /// Null: unknown, or replaced.
  AcceptedLink* find(LinkId id);
  AcceptedLink* find(const StreamId& stream);
  bool has_origin(const Incarnation& origin) const;

  template <class Visit>
  void for_each(Visit&& visit) {
    for (auto& [id, link] : links_) visit(link);
  }
  void clear() {
    links_.clear();
    by_stream_.clear();
  }

 private:
  std::map<LinkId, AcceptedLink> links_;
  std::map<StreamId, LinkId> by_stream_;
};

}  // namespace mqttzoo::cluster
