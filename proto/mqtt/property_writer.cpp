#include "proto/mqtt/property_writer.hpp"

#include <stdexcept>

#include "proto/mqtt/wire_writer.hpp"

namespace mqttzoo::mqtt {

namespace {

std::size_t number_size(PropertyType type, std::uint32_t value) {
  switch (type) {
    case PropertyType::byte:
      if (value <= 0xFF) return 1;
      break;
    case PropertyType::two_bytes:
      if (value <= 0xFFFF) return 2;
      break;
    case PropertyType::four_bytes:
      return 4;
    case PropertyType::variable_byte_integer:
      if (value <= remaining_length_max) return variable_integer_size(value);
      break;
    default:
      throw std::invalid_argument("this property is not a number");
  }
  throw std::invalid_argument("the number is too large for this property");
}

}  // namespace

PropertyWriter& PropertyWriter::add_number(PropertyId id, std::uint32_t value) {
  const PropertyType type = info_of(id).type;
  WireWriter writer(block_.extend(1 + number_size(type, value)));
  writer.byte(static_cast<std::uint8_t>(id));
  if (type == PropertyType::byte) {
    writer.byte(static_cast<std::uint8_t>(value));
  } else if (type == PropertyType::two_bytes) {
    writer.two_bytes(static_cast<std::uint16_t>(value));
  } else if (type == PropertyType::four_bytes) {
    writer.four_bytes(value);
  } else {
    writer.variable_integer(value);
  }
  present_.insert(id);
  return *this;
}

PropertyWriter& PropertyWriter::add_string(PropertyId id, std::string_view value) {
  const PropertyType type = info_of(id).type;
  if (type != PropertyType::string && type != PropertyType::binary) {
    throw std::invalid_argument("this property is not a string");
  }
  WireWriter writer(block_.extend(1 + string_size(value)));
  writer.byte(static_cast<std::uint8_t>(id));
  writer.string(value);
  present_.insert(id);
  return *this;
}

PropertyWriter& PropertyWriter::add_user_property(std::string_view name, std::string_view value) {
  WireWriter writer(block_.extend(1 + string_size(name) + string_size(value)));
  writer.byte(static_cast<std::uint8_t>(PropertyId::user_property));
  writer.string(name);
  writer.string(value);
  present_.insert(PropertyId::user_property);
  return *this;
}

PropertyWriter& PropertyWriter::copy(const PropertiesView& properties, PropertySet except) {
  if (!properties.present().intersects(except)) {
    block_.append(properties.raw());
    present_.merge(properties.present());
    return *this;
  }
  for (const Property& property : properties) {
    if (except.contains(property.id)) continue;
    block_.append(property.encoded);
    present_.insert(property.id);
  }
  return *this;
}

}  // namespace mqttzoo::mqtt
