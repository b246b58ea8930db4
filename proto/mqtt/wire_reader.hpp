#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mqttzoo::mqtt {

/// Reads the data types of v5 1.5 from received bytes, never beyond their end. Each function says whether the value was
/// complete; after false the position and the value mean nothing.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : place_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::size_t size() const { return static_cast<std::size_t>(end_ - place_); }
  bool empty() const { return place_ == end_; }
  std::string_view rest() const { return {place_, size()}; }

  bool byte(std::uint8_t& value) {
    if (empty()) return false;
    value = next();
    return true;
  }
  /// Takes a zero byte, if that is what comes next: the quick way past an empty property block.
  bool skip_zero() {
    if (empty() || *place_ != 0) return false;
    ++place_;
    return true;
  }
  bool two_bytes(std::uint16_t& value) {
    if (size() < 2) return false;
    value = static_cast<std::uint16_t>(next() << 8);
    value = static_cast<std::uint16_t>(value | next());
    return true;
  }
  bool four_bytes(std::uint32_t& value) {
    if (size() < 4) return false;
    value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | next();
    return true;
  }
  /// At most four bytes and no more than the value needs (v5 [MQTT-1.5.5-1]).
  bool variable_integer(std::uint32_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      if (empty()) return false;
      const std::uint8_t byte = next();
      value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return byte != 0 || shift == 0;
    }
    return false;
  }
  bool raw(std::size_t bytes, std::string_view& value) {
    if (size() < bytes) return false;
    value = {place_, bytes};
    place_ += bytes;
    return true;
  }
  /// Binary Data, or a string whose UTF-8 nobody has looked at yet.
  bool binary(std::string_view& value) {
    std::uint16_t length = 0;
    return two_bytes(length) && raw(length, value);
  }

 private:
  std::uint8_t next() { return static_cast<std::uint8_t>(*place_++); }

  const char* place_;
  const char* end_;
};

}  // namespace mqttzoo::mqtt
