#include "broker/cluster/links/forward_reader.hpp"

#include <algorithm>

#include "broker/cluster/links/forward_wire.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::cluster {

namespace {

using namespace forward_wire;

/// Protobuf's wire format, without copying.
class WireInput {
 public:
  explicit WireInput(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool at_end() const { return at_ == end_; }

  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) return false;
      const auto byte = static_cast<std::uint8_t>(*at_++);
      if (shift == 63 && byte > 1) return false;
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool bytes(std::string_view& value) {
    std::uint64_t length = 0;
    if (!varint(length) || length > static_cast<std::uint64_t>(end_ - at_)) return false;
    value = {at_, static_cast<std::size_t>(length)};
    at_ += length;
    return true;
  }

  bool fixed64(std::uint64_t& value) {
    const char* const bytes = at_;
    if (!advance(8)) return false;
    value = 0;
    for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << 8 * i;
    return true;
  }

  /// A field that a newer broker sends and this one does not know.
  bool skip(std::uint64_t field) {
    std::uint64_t ignored = 0;
    std::string_view ignored_bytes;
    switch (field & 7) {
      case varint_type:
        return varint(ignored);
      case fixed64_type:
        return advance(8);
      case bytes_type:
        return bytes(ignored_bytes);
      case fixed32_type:
        return advance(4);
      default:
        return false;
    }
  }

 private:
  bool advance(std::ptrdiff_t count) {
    if (end_ - at_ < count) return false;
    at_ += count;
    return true;
  }

  const char* at_;
  const char* end_;
};

bool read_number_field(WireInput& in, std::uint64_t field, ForwardFrame::Message& out) {
  std::uint64_t value = 0;
  if (!in.varint(value)) return false;
  switch (field) {
    case number_tag:
      out.number = value;
      return true;
    case qos_tag:
      out.view.qos = static_cast<mqtt::QoS>(value);
      return value <= 2;
    case retain_tag:
      out.view.retain = value != 0;
      return true;
    case expires_at_tag:
      out.view.expires_at = static_cast<core::ClusterMilliseconds>(value);
      return true;
    case retained_version_tag:
      out.retained_version = static_cast<std::int64_t>(value);
      return true;
    case attempt_tag:
      out.attempt = static_cast<std::uint8_t>(std::min<std::uint64_t>(value, 0xFF));
      return true;
    default:
      return true;
  }
}

bool read_message(std::string_view bytes, ForwardFrame::Message& out) {
  WireInput in(bytes);
  while (!in.at_end()) {
    std::uint64_t field = 0;
    if (!in.varint(field)) return false;
    bool good = false;
    if ((field & 7) == varint_type) {
      good = read_number_field(in, field, out);
    } else if (field == topic_tag) {
      good = in.bytes(out.view.topic);
    } else if (field == payload_tag) {
      good = in.bytes(out.view.payload);
    } else if (field == properties_tag) {
      good = in.bytes(out.view.properties);
    } else if (field == publisher_tag) {
      good = in.fixed64(out.view.publisher);
    } else if (field == share_tag) {
      good = in.bytes(out.share);
    } else {
      good = in.skip(field);
    }
    if (!good) return false;
  }
  const bool numbered = out.number != 0;
  return !out.view.topic.empty() && out.view.topic.size() <= mqtt::string_bytes_max &&
         numbered == (out.view.qos != mqtt::QoS::at_most_once);
}

}  // namespace

bool is_forward(std::string_view frame) {
  return !frame.empty() && static_cast<std::uint8_t>(frame.front()) == data_frame_forward_tag;
}

bool read_forward(std::string_view frame, ForwardFrame& out) {
  out.view = 0;
  out.finished_below = 0;
  out.messages.clear();
  if (!is_forward(frame)) return false;
  std::string_view forward;
  WireInput outer(frame.substr(1));
  if (!outer.bytes(forward) || !outer.at_end()) return false;

  WireInput in(forward);
  std::uint64_t last_number = 0;
  while (!in.at_end()) {
    std::uint64_t field = 0;
    if (!in.varint(field)) return false;
    if (field == forward_view_tag) {
      if (!in.varint(out.view)) return false;
    } else if (field == finished_below_tag) {
      if (!in.varint(out.finished_below)) return false;
    } else if (field == forward_messages_tag) {
      if (out.messages.size() == messages_max) return false;
      std::string_view bytes;
      ForwardFrame::Message& message = out.messages.emplace_back();
      if (!in.bytes(bytes) || !read_message(bytes, message)) return false;
      if (message.number != 0 && message.number <= last_number) return false;
      if (message.number != 0) last_number = message.number;
    } else if (!in.skip(field)) {
      return false;
    }
  }
  return true;
}

}  // namespace mqttzoo::cluster
