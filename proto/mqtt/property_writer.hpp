#pragma once

#include <cstdint>
#include <string_view>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/properties.hpp"

namespace mqttzoo::mqtt {

/// Builds a property block to send. Meant to be kept and reused: `clear()` keeps the memory. Packets refer to `view()`,
/// so the writer must live, unchanged, until they are encoded. Strings over 65,535 bytes throw std::length_error.
/// A property whose value does not have the type that is written throws std::invalid_argument.
class PropertyWriter {
 public:
  /// Any numeric property; the width on the wire follows from the property table.
  PropertyWriter& add_number(PropertyId id, std::uint32_t value);
  /// A string or binary data.
  PropertyWriter& add_string(PropertyId id, std::string_view value);
  PropertyWriter& add_user_property(std::string_view name, std::string_view value);
  /// All properties of `properties`, in order, except those in `except`.
  PropertyWriter& copy(const PropertiesView& properties, PropertySet except = {});

  bool empty() const { return block_.empty(); }
  PropertiesView view() const { return {block_.view(), present_}; }
  void clear() {
    block_.clear();
    present_ = {};
  }

 private:
  ByteBuffer block_;
  PropertySet present_;
};

}  // namespace mqttzoo::mqtt
