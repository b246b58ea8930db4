#include "proto/mqtt/byte_buffer.hpp"

#include <algorithm>

namespace mqttzoo::mqtt {

namespace {
constexpr std::size_t first_capacity = 512;
}

void ByteBuffer::make_room(std::size_t bytes) {
  const std::size_t used = size();
  // Moving to the front pays when at least half of the memory lies before the bytes: each byte moves once per byte
  // sent.
  if (used + bytes <= capacity_ && begin_ >= capacity_ / 2) {
    std::memmove(memory_.get(), data(), used);
  } else {
    const std::size_t capacity = std::max({first_capacity, 2 * capacity_, used + bytes});
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    if (used != 0) std::memcpy(memory.get(), data(), used);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = used;
}

}  // namespace mqttzoo::mqtt
