#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/core/ring.hpp"

namespace mqttzoo::core {

/// What the sender of a QoS 1 or 2 PUBLISH waits for (v5 and v3.1.1 4.3).
enum class InFlightState : std::uint8_t { acknowledged, awaiting_puback, awaiting_pubrec, awaiting_pubcomp };

/// The PUBLISH packets that a session has sent and its client has not acknowledged, by Packet Identifier. Identifiers
/// are given in order, 1 to 65,535 and round again, so that the window is a ring with one byte per packet. Bounded
/// twice: `count_max` packets (the client's Receive Maximum), and `span_factor` times as many identifiers between the
/// oldest one that is not acknowledged and the newest, for a client that leaves out one acknowledgement for ever.
class InFlightWindow {
 public:
  explicit InFlightWindow(std::uint16_t count_max) : count_max_(count_max) {}

  std::size_t size() const { return count_; }
  bool has_room() const { return count_ < count_max_ && states_.size() < span_max(); }

  /// The identifier that the next `push` takes.
  std::uint16_t next_id() const { return advance(first_id_, states_.size()); }
  void push(InFlightState state) {
    states_.push_back(state);
    ++count_;
  }

  /// Null if no packet with this identifier is in flight.
  InFlightState* find(std::uint16_t id) {
    if (id == 0) return nullptr;
    const std::size_t place = id >= first_id_ ? id - first_id_ : std::size_t{id_count} - first_id_ + id;
    if (place >= states_.size() || states_[place] == InFlightState::acknowledged) return nullptr;
    return &states_[place];
  }

  /// `state` came from `find`.
  void acknowledge(InFlightState* state) {
    *state = InFlightState::acknowledged;
    --count_;
    while (!states_.empty() && states_.front() == InFlightState::acknowledged) {
      states_.pop_front();
      first_id_ = advance(first_id_, 1);
    }
  }

 private:
  static constexpr std::uint32_t id_count = 65'535;
  static constexpr std::size_t span_factor = 4;

  std::size_t span_max() const {
    const std::size_t span = span_factor * count_max_;
    return span < id_count ? span : id_count;
  }
  static std::uint16_t advance(std::uint16_t id, std::size_t by) {
    return static_cast<std::uint16_t>((id - 1U + by) % id_count + 1U);
  }

  Ring<InFlightState> states_;
  std::uint16_t first_id_ = 1;
  std::uint16_t count_ = 0;
  std::uint16_t count_max_;
};

}  // namespace mqttzoo::core
