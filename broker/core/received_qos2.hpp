#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/unordered/unordered_flat_map.hpp>

namespace mqttzoo::core {

/// The Packet Identifiers of QoS 2 PUBLISH packets that a client has sent and not yet released with PUBREL: what makes
/// exactly once of a repeated PUBLISH (v5 and v3.1.1 4.3.3, method B). At most 65,535; v5 clients are held to Receive
/// Maximum.
class ReceivedQos2 {
 public:
  enum class State : std::uint8_t {
    unknown,
    routing,   ///< PUBREC has not been sent
    received,  ///< PUBREC has been sent
  };

  std::size_t size() const { return states_.size(); }
  State state_of(std::uint16_t packet_id) const {
    const auto found = states_.find(packet_id);
    return found == states_.end() ? State::unknown : found->second;
  }
  void set(std::uint16_t packet_id, State state) { states_[packet_id] = state; }
  void release(std::uint16_t packet_id) { states_.erase(packet_id); }
  template <class Visit>
  void for_each_received(Visit&& visit) const {
    for (const auto& [packet_id, state] : states_)
      if (state == State::received) visit(packet_id);
  }

 private:
  boost::unordered_flat_map<std::uint16_t, State> states_;
};

}  // namespace mqttzoo::core
