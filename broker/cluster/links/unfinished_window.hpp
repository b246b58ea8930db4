#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "broker/cluster/interest/share_table.hpp"
#include "broker/cluster/interest/targets.hpp"
#include "broker/core/message.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// The QoS 1 and 2 messages of one shard that other brokers have yet to answer, in the order of their numbers: the
/// stream (incarnation, shard). Numbers begin at 1 and are never used again. Sending goes by a cursor per peer, which
/// only moves forward: so each link carries the stream in order, whatever is new or repeated. A new link sets its
/// peer's cursor back, a new view all of them. Not bounded: the router looks at size() and bytes(). One thread.
///
/// For a member of a Shared Subscription a message is appended on its own, to the one peer that was chosen. If that
/// peer declines, or is no member any more, the router chooses again: what it then appends has a new number, since a
/// later one may have been taken by the new peer already. All that came of one publish finishes together: it counts as
/// parts of the `whole`.
class UnfinishedWindow {
 public:
  /// How a message goes to one member of a Shared Subscription.
  struct SharedPart {
    SharedInterestRef share;
    PeerSlot peer = peers_max;  ///< peers_max: nobody, it has been chosen again, or will be
    SharedAttempt attempt;
    std::uint64_t whole = 0;     ///< 0: it is its own
    bool awaits_choice = false;  ///< from `declined` or `match_again` to `chosen_again`
  };
  struct Message {
    std::uint64_t number = 0;
    core::MessageRef message;
    bool sent_before = false;
    std::unique_ptr<SharedPart> shared;  ///< null: for all subscribers of the targets
  };

  /// For a message that may come to be appended with it, before any other.
  std::uint64_t take_number() { return end_number_++; }
  /// The new message has the number that was taken last. `open_here`: so many parts of this broker have to keep it
  /// first
  /// (`kept_here`); if none does, `targets` is not empty.
  void append(std::uint64_t number, core::MessageRef message, core::PublishTicket ticket, IndexSet targets,
              std::uint32_t open_here = 0);
  std::uint64_t append(core::MessageRef message, core::PublishTicket ticket, IndexSet targets);
  /// More of them, for an unfinished message.
  void open_here(std::uint64_t number, std::size_t parts) {
    entry_of(number).open_parts += static_cast<std::uint32_t>(parts);
  }
  /// One of them does. Ignored if the message is gone, or open for nobody here.
  void kept_here(std::uint64_t number);
  /// For a Shared Subscription. `part.whole` is unfinished; `ticket` counts if it is 0.
  std::uint64_t append_shared(core::MessageRef message, core::PublishTicket ticket, SharedPart part);

  /// The next message for this peer, and moves its cursor behind it; null: it has all. Good until the next call.
  const Message* next_for(PeerSlot peer);
  bool has_unsent_for(PeerSlot peer) const { return cursors_[peer] < end_number_; }
  /// A new link: what the peer has not answered is sent again.
  void rewind(PeerSlot peer) { cursors_[peer] = 0; }

  /// The peer answered the numbers from `first` to `last` that were sent to it.
  void answered(PeerSlot peer, std::uint64_t first, std::uint64_t last);

  /// The peer has nobody for this message to a Shared Subscription. Null: it was not asked in this view. Else good
  /// until the next call: choose again, now or later in this view, append what comes of it with `whole` = `number`,
  /// then call `chosen_again`.
  const Message* declined(PeerSlot peer, std::uint64_t number);
  void chosen_again(std::uint64_t number);
  /// A message that is to be chosen again.
  const Message& at(std::uint64_t number) const { return entries_[place_of(number)].out; }

  /// A new view: every message, also an answered one that is not acknowledged yet, goes to `match(topic)` of now, or to
  /// the same peer as before for its Shared Subscription; all cursors are set back. Returns the numbers of those whose
  /// peer is not in `members`, or that awaited their choice: each to be chosen again, as after `declined`. The others
  /// but for those with a peer are `whole`: this broker has to take them again, each is open for one part of it.
  struct Again {
    std::vector<std::uint64_t> lost;
    std::vector<std::uint64_t> whole;
  };
  template <class Match>
  Again match_again(IndexSet members, Match&& match) {
    begin_view();
    Again again;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      Entry& entry = entries_[i];
      if (entry.state == State::gone) continue;
      if (!entry.out.shared) {
        entry.pending = match(entry.out.message->view().topic) & members;
        ++entry.open_parts;
        again.whole.push_back(entry.out.number);
      } else if (is_lost(entry, members)) {
        again.lost.push_back(entry.out.number);
      }
    }
    finish_again();
    return again;
  }

  /// These peers are not waited for any more in this view. Returns the numbers of those that are to be chosen again, as
  /// after `declined`.
  std::vector<std::uint64_t> do_without(IndexSet peers);

  /// No number below it is sent again.
  std::uint64_t finished_below() const { return entries_.empty() ? end_number_ : entries_[0].out.number; }

  bool has_finished() const { return !finished_.empty(); }
  /// Takes out what all targets have answered, with its tickets in the order in which they finished.
  void take_finished(std::vector<core::PublishTicket>& tickets);

  /// Forgets all messages and begins a new stream. Returns how many were forgotten.
  std::size_t reset();

  /// How many messages one of these peers has yet to answer.
  std::size_t awaited_from(IndexSet peers) const;

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return bytes_; }

 private:
  enum class State : std::uint8_t { open, finished, gone };
  struct Entry {
    Message out;
    core::PublishTicket ticket;
    IndexSet pending;              ///< who has yet to answer
    IndexSet sent;                 ///< to whom it went at least once
    std::uint32_t open_parts = 0;  ///< those that are to be chosen again included
    State state = State::gone;
  };

  /// Entries that are gone but stand between others are taken out when they outnumber the others by so many.
  static constexpr std::size_t gone_max = 1024;

  /// The first entry with at least this number.
  std::size_t place_of(std::uint64_t number) const;
  Entry& entry_of(std::uint64_t number);
  void add(Message message, core::PublishTicket ticket, IndexSet targets, std::uint32_t open_here);
  void await_choice(Entry& entry);
  void begin_view();
  bool is_lost(Entry& entry, IndexSet members);
  void finish_again();
  void finish_if_done(Entry& entry);
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
