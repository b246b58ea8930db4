#pragma once

#include <cstddef>
#include <string_view>

#include "broker/cluster/links/frames.hpp"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::net {

/// Cuts the byte stream of a peer link into frames. Whole frames are handed on where they lie in the read buffer; only
/// an unfinished tail is copied, and it grows with what has arrived, never with what a length announces.
class FrameReader {
 public:
  /// Frames longer than this, without their length, are refused. May be raised between two frames.
  explicit FrameReader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}
  void set_frame_bytes_max(std::size_t bytes) { frame_bytes_max_ = bytes; }

  enum class Result {
    wants_more,  ///< everything was handed on or kept
    too_long,    ///< a frame is longer than it may be
    stopped,     ///< `on_frame` returned false
  };

  /// Calls `bool on_frame(std::string_view frame)` for each frame that `bytes` completes.
  template <class OnFrame>
  Result feed(std::string_view bytes, OnFrame&& on_frame) {
    while (!bytes.empty()) {
      if (tail_.empty()) {
        const std::size_t size = frame_size(bytes);
        if (size == too_long_frame) return Result::too_long;
        if (size == unknown_size || size > bytes.size()) {
          tail_.append(bytes);
          return Result::wants_more;
        }
        if (!on_frame(bytes.substr(cluster::frame_length_bytes, size - cluster::frame_length_bytes))) {
          return Result::stopped;
        }
        bytes.remove_prefix(size);
      } else if (const Result result = feed_tail(bytes, on_frame); result != Result::wants_more) {
        return result;
      }
    }
    return Result::wants_more;
  }

 private:
  static constexpr std::size_t unknown_size = 0;
  static constexpr std::size_t too_long_frame = ~std::size_t{0};

  // With its length.
  std::size_t frame_size(std::string_view bytes) const {
    if (bytes.size() < cluster::frame_length_bytes) return unknown_size;
    const std::size_t length = cluster::read_frame_length(bytes.data());
    return length > frame_bytes_max_ ? too_long_frame : cluster::frame_length_bytes + length;
  }

  // Takes from `bytes` what the unfinished frame lacks.
  template <class OnFrame>
  Result feed_tail(std::string_view& bytes, OnFrame& on_frame) {
    const std::size_t known = frame_size(tail_.view());
    const std::size_t wanted = (known == unknown_size ? cluster::frame_length_bytes : known) - tail_.size();
    const std::string_view part = bytes.substr(0, wanted);
    tail_.append(part);
    bytes.remove_prefix(part.size());
    const std::size_t size = frame_size(tail_.view());
    if (size == too_long_frame) return Result::too_long;
    if (size != tail_.size()) return Result::wants_more;

    mqtt::ByteBuffer frame;  // `on_frame` may end the link
    frame.swap(tail_);
    return on_frame(frame.view().substr(cluster::frame_length_bytes)) ? Result::wants_more : Result::stopped;
  }

  std::size_t frame_bytes_max_;
  mqtt::ByteBuffer tail_;
};

}  // namespace mqttzoo::net
