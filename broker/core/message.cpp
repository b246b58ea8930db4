#include "broker/core/message.hpp"

#include <cstring>
#include <new>

namespace mqttzoo::core {

namespace {

std::string_view append(char*& to, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  std::string_view copy(to, bytes.size());
  to += bytes.size();
  return copy;
}

}  // namespace

std::size_t MessageView::footprint_bytes() const {
  return sizeof(Message) + topic.size() + payload.size() + properties.size() + source.size();
}

MessageRef MessageRef::copy_of(const MessageView& view) {
  void* memory = ::operator new(view.footprint_bytes());
  auto* message = new (memory) Message(view);
  char* tail = static_cast<char*>(memory) + sizeof(Message);
  message->view_.topic = append(tail, view.topic);
  message->view_.properties = append(tail, view.properties);
  message->view_.payload = append(tail, view.payload);
  message->view_.source = append(tail, view.source);
  return MessageRef(message);
}

void MessageRef::destroy(Message* message) {
  message->~Message();
  ::operator delete(message);
}

}  // namespace mqttzoo::core
