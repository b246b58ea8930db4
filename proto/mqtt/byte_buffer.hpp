#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace mqttzoo::mqtt {

/// Contiguous bytes to send: packets are appended at the back, sent bytes consumed from the front.
/// New memory is never zeroed. Owns nothing until the first append and again after `release()`. Not bounded: the owner
/// looks at `size()`. Not synchronised: it belongs to one thread.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept { swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    ByteBuffer taken(std::move(other));
    swap(taken);
    return *this;
  }

  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return end_ == begin_; }
  std::size_t capacity() const { return capacity_; }
  char* data() { return memory_.get() + begin_; }
  const char* data() const { return memory_.get() + begin_; }
  std::string_view view() const { return {data(), size()}; }

  /// Makes the buffer `bytes` longer and returns where they begin; the caller writes them all.
  /// The pointer is good until the next call that appends.
  char* extend(std::size_t bytes) {
    if (capacity_ - end_ < bytes) [[unlikely]]
      make_room(bytes);
    char* const place = memory_.get() + end_;
    end_ += bytes;
    return place;
  }
  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  }
  void append(char byte) { *extend(1) = byte; }

  /// Room for `bytes` more without another allocation.
  void reserve(std::size_t bytes) {
    if (capacity_ - end_ < bytes) make_room(bytes);
  }

  /// Forgets the first `bytes` bytes (at most `size()`): they have been sent.
  void consume(std::size_t bytes) {
    begin_ += bytes;
    if (begin_ == end_) clear();
  }
  /// Forgets what was appended after the buffer was `size` bytes long.
  void truncate(std::size_t size) { end_ = begin_ + size; }
  /// Forgets the bytes and keeps the memory.
  void clear() { begin_ = end_ = 0; }
  /// Forgets the bytes and gives the memory back.
  void release() {
    clear();
    capacity_ = 0;
    memory_.reset();
  }

  void swap(ByteBuffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void make_room(std::size_t bytes);

  std::unique_ptr<char[]> memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace mqttzoo::mqtt
