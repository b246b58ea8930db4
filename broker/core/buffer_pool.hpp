#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::core {

/// Empty buffers of one shard that keep their memory: an idle connection owns none, a busy one gets the one that was
/// used last (and is still in the cache). Bounded in bytes.
class BufferPool {
 public:
  BufferPool(std::size_t bytes_max, std::size_t buffer_bytes_max)
      : bytes_max_(bytes_max), buffer_bytes_max_(buffer_bytes_max) {}

  /// Gives memory to a buffer that has none, if there is some; else the buffer allocates for itself.
  void lend(mqtt::ByteBuffer& buffer) {
    if (buffer.capacity() != 0 || free_.empty()) return;
    bytes_ -= free_.back().capacity();
    buffer = std::move(free_.back());
    free_.pop_back();
  }

  /// Takes the memory of a buffer that is not needed now; the buffer is empty afterwards.
  void take_back(mqtt::ByteBuffer& buffer) {
    const std::size_t capacity = buffer.capacity();
    if (capacity == 0) return;
    if (capacity > buffer_bytes_max_ || bytes_ + capacity > bytes_max_) {
      buffer.release();
      return;
    }
    buffer.clear();
    bytes_ += capacity;
    free_.push_back(std::move(buffer));
  }

  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_max_;
  std::size_t buffer_bytes_max_;
  std::size_t bytes_ = 0;
  std::vector<mqtt::ByteBuffer> free_;
};

}  // namespace mqttzoo::core
