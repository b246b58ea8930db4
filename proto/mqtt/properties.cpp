#include "proto/mqtt/properties.hpp"

#include "proto/mqtt/utf8.hpp"
#include "proto/mqtt/wire_reader.hpp"

namespace mqttzoo::mqtt {

namespace {

bool read_value(WireReader& reader, PropertyType type, Property& property) {
  switch (type) {
    case PropertyType::byte: {
      std::uint8_t value = 0;
      const bool complete = reader.byte(value);
      property.number = value;
      return complete;
    }
    case PropertyType::two_bytes: {
      std::uint16_t value = 0;
      const bool complete = reader.two_bytes(value);
      property.number = value;
      return complete;
    }
    case PropertyType::four_bytes:
      return reader.four_bytes(property.number);
    case PropertyType::variable_byte_integer:
      return reader.variable_integer(property.number);
    case PropertyType::string:
    case PropertyType::binary:
      return reader.binary(property.value);
    case PropertyType::string_pair:
      return reader.binary(property.name) && reader.binary(property.value);
  }
  return false;
}

/// Takes one property from the reader; false if it is unknown or cut.
bool read_property(WireReader& reader, Property& property) {
  const std::string_view before = reader.rest();
  std::uint8_t id = 0;
  if (!reader.byte(id) || id > property_id_max || property_table[id].name == nullptr) return false;
  property = Property{};
  property.id = static_cast<PropertyId>(id);
  if (!read_value(reader, property_table[id].type, property)) return false;
  property.encoded = before.substr(0, before.size() - reader.size());
  return true;
}

bool valid_text(const Property& property, PropertyType type) {
  if (type == PropertyType::string) return valid_utf8(property.value);
  if (type == PropertyType::string_pair) return valid_utf8(property.name) && valid_utf8(property.value);
  return true;
}

bool obeys(const Property& property, PropertyRule rule) {
  switch (rule) {
    case PropertyRule::any:
      return true;
    case PropertyRule::zero_or_one:
      return property.number <= 1;
    case PropertyRule::not_zero:
      return property.number != 0;
    case PropertyRule::topic_name:
      return !property.value.empty() && property.value.find_first_of("+#") == std::string_view::npos;
  }
  return false;
}

}  // namespace

void PropertiesView::Iterator::read() {
  if (rest_.empty()) return;
  WireReader reader(rest_);
  if (!read_property(reader, property_)) rest_ = {};  // not a valid block: end here rather than read on
}

PropertiesView PropertiesView::from_valid(std::string_view raw) {
  PropertySet present;
  for (const Property& property : PropertiesView(raw, {})) present.insert(property.id);
  return {raw, present};
}

Property PropertiesView::find_present(PropertyId id) const {
  for (const Property& property : *this) {
    if (property.id == id) return property;
  }
  return {};
}

DecodeResult<PropertiesView> validate_properties(std::string_view raw, PropertyPlace place) {
  WireReader reader(raw);
  PropertySet present;
  while (!reader.empty()) {
    Property property;
    if (!read_property(reader, property)) return malformed("Property unknown or incomplete");
    const PropertyInfo& info = info_of(property.id);
    if (!info.allowed_in(place)) return malformed("Property not allowed in this packet");
    if (present.contains(property.id) && !info.repeatable_in(place)) return protocol_error("Property repeated");
    present.insert(property.id);
    if (!valid_text(property, info.type)) return malformed("Property is not valid UTF-8");
    if (!obeys(property, info.rule)) {
      if (property.id == PropertyId::topic_alias)
        return DecodeError{ReasonCode::topic_alias_invalid, "Topic Alias is 0"};
      return protocol_error("Property has an illegal value");
    }
  }
  return PropertiesView(raw, present);
}

}  // namespace mqttzoo::mqtt
