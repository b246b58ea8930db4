#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/unordered/unordered_flat_map.hpp>

namespace mqttzoo::core {

/// The QoS 2 PUBLISH packets that a client has sent on one connection and not released: what counts against Receive
/// Maximum (v5 4.9). (What makes exactly once of them outlives the connection: ReceivedQos2.) One thread; at most
/// 65,535.
class UnreleasedPublishes {
 public:
  enum class State : std::uint8_t { unknown, unanswered, answered };

  std::size_t size() const { return answered_.size(); }
  State state_of(std::uint16_t packet_id) const {
    const auto found = answered_.find(packet_id);
    if (found == answered_.end()) return State::unknown;
    return found->second ? State::answered : State::unanswered;
  }
  void begin(std::uint16_t packet_id) { answered_[packet_id] = false; }
  void answer(std::uint16_t packet_id) { answered_[packet_id] = true; }
  /// False if there was none.
  bool release(std::uint16_t packet_id) { return answered_.erase(packet_id) != 0; }

 private:
  boost::unordered_flat_map<std::uint16_t, bool> answered_;
};

}  // namespace mqttzoo::core
