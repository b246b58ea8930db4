#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "broker/cluster/interest/targets.hpp"
#include "broker/core/message.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// The QoS 1 and 2 messages of one shard that other brokers have yet to answer, in the order of their numbers: the
/// stream (incarnation, shard). Numbers begin at 1 and are never used again. Sending goes by a cursor per peer, which
/// only moves forward: so each link carries the stream in order, whatever is new or repeated. A new link sets its
/// peer's cursor back, a new view all of them. Not bounded: the router looks at size() and bytes(). One thread.
class UnfinishedWindow {
 public:
  struct Message {
    std::uint64_t number = 0;
    core::MessageRef message;
    bool sent_before = false;
  };

  /// The new message's number. `targets` is not empty.
  std::uint64_t append(core::MessageRef message, core::PublishTicket ticket, IndexSet targets);

  /// The next message for this peer, and moves its cursor behind it; null: it has all. Good until the next call.
  const Message* next_for(PeerSlot peer);
  bool has_unsent_for(PeerSlot peer) const { return cursors_[peer] < end_number_; }
  /// A new link: what the peer has not answered is sent again.
  void rewind(PeerSlot peer) { cursors_[peer] = 0; }

  /// The peer answered the numbers from `first` to `last` that were sent to it.
  void answered(PeerSlot peer, std::uint64_t first, std::uint64_t last);

  /// A new view: every message, also an answered one that is not acknowledged yet, goes to `match(topic)` of now; all
  /// cursors are set back.
  template <class Match>
  void match_again(Match&& match) {
    finished_.clear();
    cursors_.fill(0);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      Entry& entry = entries_[i];
      if (entry.state == State::gone) continue;
      entry.pending = match(entry.out.message->view().topic);
      entry.state = State::open;
      if (entry.pending.empty()) finish(entry);
    }
  }

  bool has_finished() const { return !finished_.empty(); }
  /// Takes out what all targets have answered, with its tickets in the order in which they finished.
  void take_finished(std::vector<core::PublishTicket>& tickets);

  /// Forgets all messages and begins a new stream. Returns how many were forgotten.
  std::size_t reset();

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

 private:
  enum class State : std::uint8_t { open, finished, gone };
  struct Entry {
    Message out;
    core::PublishTicket ticket;
    IndexSet pending;  ///< who has yet to answer
    IndexSet sent;     ///< to whom it went at least once
    State state = State::gone;
  };

  /// Entries that are gone but stand between others are taken out when they outnumber the others by so many.
  static constexpr std::size_t gone_max = 1024;

  /// The first entry with at least this number.
  std::size_t place_of(std::uint64_t number) const;
  void finish(Entry& entry);
  void remove(Entry& entry);
  void close_gaps();

  core::Ring<Entry> entries_;  ///< numbers rise
  std::size_t size_ = 0;       ///< entries that are not gone
  std::size_t bytes_ = 0;
  std::uint64_t end_number_ = 1;                    ///< of the next message
  std::array<std::uint64_t, peers_max> cursors_{};  ///< per peer: the lowest number that may still have to be sent
  std::vector<std::uint64_t> finished_;
};

}  // namespace mqttzoo::cluster
