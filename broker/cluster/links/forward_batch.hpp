#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/cluster/view/view.hpp"
#include "broker/core/message.hpp"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::cluster {

/// The Forward frame that grows for one peer during a turn. Writes protobuf's wire format by hand: each message is
/// encoded once, straight from where it lies, and nothing is allocated once the buffer has grown. The frame has its own
/// buffer, so that the link's output never holds half of one. Lives on one shard.
class ForwardBatch {
 public:
  /// `number` 0: QoS 0, not answered. The caller closes the frame before it adds for another view, and adds numbers in
  /// rising order.
  void add(ViewNumber view, std::uint64_t number, const core::MessageView& message, std::int64_t retained_version);

  bool empty() const { return messages_ == 0; }
  std::size_t messages() const { return messages_; }
  std::size_t bytes() const { return body_.size(); }
  ViewNumber view() const { return view_; }

  /// Appends the frame, with its length, and begins anew.
  void close(mqtt::ByteBuffer& out);
  void discard();

 private:
  /// More memory than that is given back after a frame: it was for one large message.
  static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;

  ViewNumber view_ = 0;
  std::size_t messages_ = 0;
  mqtt::ByteBuffer body_;  ///< Forward.messages, encoded
};

}  // namespace mqttzoo::cluster
