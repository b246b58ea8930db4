#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/cluster/view/view.hpp"
#include "broker/core/message.hpp"

namespace mqttzoo::cluster {

/// A Forward that points into the frame it was read from.
struct ForwardFrame {
  struct Message {
    std::uint64_t number = 0;  ///< 0: QoS 0
    std::int64_t retained_version = 0;
    std::string_view share;  ///< for one member of this Shared Subscription; empty: for all who match
    std::uint8_t attempt = 0;
    core::MessageView view;
  };
  ViewNumber view = 0;
  std::uint64_t finished_below = 0;
  std::vector<Message> messages;  ///< numbers other than 0 rise
};

/// Whether a DataFrame holds a Forward, for read_forward; everything else is for the generated code.
bool is_forward(std::string_view frame);

/// Reads a whole frame; `out` is reused from frame to frame, so that nothing is allocated. False: malformed, or against
/// the rules (a topic of 1 to 65,535 bytes; QoS 0 to 2; a number if and only if QoS is not 0; numbers rise; at most
/// forward_wire::messages_max). Then `out` is of no use.
bool read_forward(std::string_view frame, ForwardFrame& out);

}  // namespace mqttzoo::cluster
