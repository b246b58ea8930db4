#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "broker/core/ring.hpp"

namespace mqttzoo::core {

/// What the sender of a QoS 1 or 2 PUBLISH waits for (v5 and v3.1.1 4.3).
enum class InFlightState : std::uint8_t { acknowledged, awaiting_puback, awaiting_pubrec, awaiting_pubcomp };

/// The PUBLISH packets that a session has sent and its client has not acknowledged, by Packet Identifier. Identifiers
/// follow from the delivery numbers, which rise: 1 to 65,535 and round again. So the window is a ring with one byte per
/// number; a packet is named by its place in it, the oldest one's is 0.
///
/// Bounded by the packets under way on the present connection (`begin_again`), by their payloads (`bound_bytes`), and
/// by the identifiers between the oldest one that is not acknowledged and the newest, for a client that leaves out one
/// acknowledgement for ever.
class InFlightWindow {
 public:
  /// Before the first packet. Once so many bytes of payloads are under way there is no room, so that one payload may be
  /// larger; 0: no bound.
  void bound_bytes(std::size_t bytes_max) { bytes_max_ = bytes_max; }
  /// Before the first packet: so many numbers at most, from the oldest one that is not acknowledged to the newest.
  void bound_span(std::size_t span_max) { span_bound_ = span_max; }

  /// Packets that are not acknowledged.
  std::size_t size() const { return count_; }
  /// Places, those of acknowledged packets between others included.
  std::size_t span() const { return states_.size(); }

  /// Whether one more packet may be sent. Not while some have to be sent again.
  bool has_room() const { return may_send() && again_ == states_.size() && span() < span_max(); }
  /// And for so many others before it.
  bool has_room_beside(std::size_t others) const { return has_room() && under_way_ + others < count_max_; }
  /// The delivery number that the next `push` takes, and its identifier.
  std::uint64_t next_number() const { return first_number_ + states_.size(); }
  std::uint16_t next_id() const { return id_at(states_.size()); }
  /// Whether the packet with this number may be sent: not below `next_number`.
  bool has_room_for(std::uint64_t number) const {
    return states_.empty() ? has_room() : has_room() && number - first_number_ < span_max();
  }
  /// The numbers between are not sent: as if they were acknowledged. Returns by how much the window has grown.
  std::size_t skip_to(std::uint64_t number) {
    if (states_.empty()) {
      first_number_ = number;
      return 0;
    }
    std::size_t skipped = 0;
    for (; next_number() < number; ++skipped) {
      states_.push_back(InFlightState::acknowledged);
      if (bytes_max_ != 0) payload_bytes_.push_back(0);
    }
    again_ = states_.size();
    return skipped;
  }
  void push(InFlightState state, std::uint32_t payload_bytes) {
    if (bytes_max_ != 0) {
      payload_bytes_.push_back(payload_bytes);
      bytes_under_way_ += payload_bytes;
    }
    states_.push_back(state);
    again_ = states_.size();
    ++count_;
    ++under_way_;
  }

  /// The place of the packet with this identifier, if it is in flight.
  std::optional<std::size_t> find(std::uint16_t id) const {
    if (id == 0) return std::nullopt;
    const std::uint16_t first_id = id_at(0);
    const std::size_t place = id >= first_id ? id - first_id : std::size_t{id_count} - first_id + id;
    if (place >= states_.size() || states_[place] == InFlightState::acknowledged) return std::nullopt;
    return place;
  }
  InFlightState& operator[](std::size_t place) { return states_[place]; }
  InFlightState operator[](std::size_t place) const { return states_[place]; }
  std::uint16_t id_at(std::size_t place) const {
    return static_cast<std::uint16_t>((number_at(place) - 1) % id_count + 1);
  }
  std::uint64_t number_at(std::size_t place) const { return first_number_ + place; }

  /// `place` came from `find`. Returns how many places fell away at the front.
  std::size_t acknowledge(std::size_t place) {
    if (place < again_) {
      --under_way_;
      if (bytes_max_ != 0) bytes_under_way_ -= payload_bytes_[place];
    }
    states_[place] = InFlightState::acknowledged;
    --count_;
    std::size_t gone = 0;
    for (; !states_.empty() && states_.front() == InFlightState::acknowledged; ++gone) {
      states_.pop_front();
      if (bytes_max_ != 0) payload_bytes_.pop_front();
    }
    first_number_ += gone;
    again_ = again_ > gone ? again_ - gone : 0;
    return gone;
  }

  // A new connection of the same session (v5 and v3.1.1 4.4).

  /// Nothing is under way; everything that is not acknowledged has to be sent again before anything new. `count_max`:
  /// the new connection's Receive Maximum.
  void begin_again(std::uint16_t count_max) {
    count_max_ = count_max;
    under_way_ = 0;
    bytes_under_way_ = 0;
    again_ = 0;
  }
  bool all_sent_again() const { return again_ == states_.size(); }
  /// The next one to send again, if there is one and it may go now.
  std::optional<std::size_t> next_again() {
    while (again_ < states_.size() && states_[again_] == InFlightState::acknowledged) ++again_;
    if (again_ == states_.size() || !may_send()) return std::nullopt;
    return again_;
  }
  void sent_again() {
    if (bytes_max_ != 0) bytes_under_way_ += payload_bytes_[again_];
    ++again_;
    ++under_way_;
  }

 private:
  static constexpr std::uint32_t id_count = 65'535;
  static constexpr std::size_t span_factor = 4;

  bool may_send() const { return under_way_ < count_max_ && (bytes_max_ == 0 || bytes_under_way_ < bytes_max_); }
  std::size_t span_max() const {
    const std::size_t span = span_factor * count_max_;
    return span < span_bound_ ? span : span_bound_;
  }

  Ring<InFlightState> states_;
  std::size_t again_ = 0;  ///< the place up to which packets were sent on the present connection
  std::uint64_t first_number_ = 1;
  std::size_t span_bound_ = id_count;
  std::uint16_t count_ = 0;
  std::uint16_t under_way_ = 0;  ///< not acknowledged, and sent on the present connection
  std::uint16_t count_max_ = 0;
  std::size_t bytes_max_ = 0;
  std::size_t bytes_under_way_ = 0;
  Ring<std::uint32_t> payload_bytes_;  ///< as states_, where they are bounded; else empty
};

}  // namespace mqttzoo::core
