#include "broker/cluster/links/forward_batch.hpp"

#include <bit>
#include <cstring>

#include "broker/cluster/links/forward_wire.hpp"
#include "broker/cluster/links/frames.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

using namespace forward_wire;

constexpr std::size_t varint_bytes(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

char* put_varint(char* to, std::uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

// Fields with the default value are left out, as in all of proto3.
std::size_t number_field_bytes(std::uint64_t value) { return value == 0 ? 0 : 1 + varint_bytes(value); }
std::size_t bytes_field_bytes(std::string_view bytes) {
  return bytes.empty() ? 0 : 1 + varint_bytes(bytes.size()) + bytes.size();
}

char* put_number_field(char* to, std::uint8_t tag, std::uint64_t value) {
  if (value == 0) return to;
  *to++ = static_cast<char>(tag);
  return put_varint(to, value);
}

std::size_t fixed64_field_bytes(std::uint64_t value) { return value == 0 ? 0 : 1 + sizeof value; }

char* put_fixed64_field(char* to, std::uint8_t tag, std::uint64_t value) {
  if (value == 0) return to;
  *to++ = static_cast<char>(tag);
  for (std::size_t i = 0; i < sizeof value; ++i) *to++ = static_cast<char>(value >> 8 * i);
  return to;
}

char* put_bytes_field(char* to, std::uint8_t tag, std::string_view bytes) {
  if (bytes.empty()) return to;
  *to++ = static_cast<char>(tag);
  to = put_varint(to, bytes.size());
  std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

}  // namespace

void ForwardBatch::add(ViewNumber view, const core::MessageView& message, const Item& item) {
  ensure(empty() || view == view_, "all messages of a Forward are of one view");
  view_ = view;
  ++messages_;
  const auto qos = static_cast<std::uint64_t>(message.qos);
  const auto expires_at = static_cast<std::uint64_t>(message.expires_at);
  const auto version = static_cast<std::uint64_t>(item.retained_version);
  const std::size_t length =
      number_field_bytes(item.number) + number_field_bytes(qos) + number_field_bytes(message.retain) +
      bytes_field_bytes(message.topic) + bytes_field_bytes(message.payload) + bytes_field_bytes(message.properties) +
      number_field_bytes(expires_at) + number_field_bytes(version) + fixed64_field_bytes(message.publisher) +
      bytes_field_bytes(item.share) + number_field_bytes(item.attempt);
  char* to = body_.extend(1 + varint_bytes(length) + length);
  *to++ = forward_messages_tag;
  to = put_varint(to, length);
  to = put_number_field(to, number_tag, item.number);
  to = put_number_field(to, qos_tag, qos);
  to = put_number_field(to, retain_tag, message.retain);
  to = put_bytes_field(to, topic_tag, message.topic);
  to = put_bytes_field(to, payload_tag, message.payload);
  to = put_bytes_field(to, properties_tag, message.properties);
  to = put_number_field(to, expires_at_tag, expires_at);
  to = put_number_field(to, retained_version_tag, version);
  to = put_fixed64_field(to, publisher_tag, message.publisher);
  to = put_bytes_field(to, share_tag, item.share);
  put_number_field(to, attempt_tag, item.attempt);
}

void ForwardBatch::close(mqtt::ByteBuffer& out, std::uint64_t finished_below) {
  if (empty()) return;
  const std::size_t forward_length = number_field_bytes(view_) + number_field_bytes(finished_below) + body_.size();
  const std::size_t frame_length = 1 + varint_bytes(forward_length) + forward_length;
  ensure(frame_length <= peer_frame_bytes_max, "a frame is not longer than its receiver accepts");
  char* to = out.extend(frame_length_bytes + frame_length);
  write_frame_length(to, static_cast<std::uint32_t>(frame_length));
  to += frame_length_bytes;
  *to++ = data_frame_forward_tag;
  to = put_varint(to, forward_length);
  to = put_number_field(to, forward_view_tag, view_);
  to = put_number_field(to, finished_below_tag, finished_below);
  std::memcpy(to, body_.data(), body_.size());
  discard();
}

void ForwardBatch::discard() {
  messages_ = 0;
  if (body_.capacity() > kept_bytes_max) {
    body_.release();
  } else {
    body_.clear();
  }
}

}  // namespace mqttzoo::cluster
