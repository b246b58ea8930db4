#include "proto/mqtt/encode_publish.hpp"

namespace mqttzoo::mqtt {

void EncodedPublish::assign(const Publish& publish, ProtocolVersion version) {
  frame_.clear();
  Publish first = publish;
  first.dup = false;
  encode(frame_, first, version);
  packet_id_offset_ = 1 + variable_integer_size(detail::remaining_length(first, version)) + string_size(first.topic);
}

}  // namespace mqttzoo::mqtt
