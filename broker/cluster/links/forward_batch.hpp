#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "broker/cluster/view/view.hpp"
#include "broker/core/message.hpp"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::cluster {

/// The Forward frame that grows for one peer during a turn. Writes protobuf's wire format by hand: each message is
/// encoded once, straight from where it lies, and nothing is allocated once the buffer has grown. The frame has its own
/// buffer, so that the link's output never holds half of one. Lives on one shard.
class ForwardBatch {
 public:
  struct Item {
    std::uint64_t number = 0;  ///< 0: QoS 0, not answered
    std::int64_t retained_version = 0;
    std::string_view share{};  ///< for one member of this Shared Subscription; empty: for all who match
    std::uint8_t attempt = 0;
  };
  /// The caller closes the frame before it adds for another view, and adds numbers in rising order.
  void add(ViewNumber view, const core::MessageView& message, const Item& item);

  bool empty() const { return messages_ == 0; }
  std::size_t messages() const { return messages_; }
  std::size_t bytes() const { return body_.size(); }
  ViewNumber view() const { return view_; }

  /// Appends the frame, with its length, and begins anew. No number under `finished_below` is sent again.
  void close(mqtt::ByteBuffer& out, std::uint64_t finished_below);
  void discard();

 private:
  /// More memory than that is given back after a frame: it was for one large message.
  static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;

  ViewNumber view_ = 0;
  std::size_t messages_ = 0;
  mqtt::ByteBuffer body_;  ///< Forward.messages, encoded
};

}  // namespace mqttzoo::cluster
