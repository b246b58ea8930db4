#include "proto/mqtt/encode_publish.hpp"

namespace mqttzoo::mqtt {

void EncodedPublish::assign(const Publish& publish, ProtocolVersion version) {
  frame_.clear();
  packet_id_offset_ = 0;
  Publish first = publish;
  first.dup = false;
  encode(frame_, first, version);
  if (publish.qos == QoS::at_most_once) return;
  packet_id_offset_ = 1 + variable_integer_size(detail::remaining_length(first, version)) + string_size(first.topic);
}

}  // namespace mqttzoo::mqtt
