#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>

#include "proto/mqtt/decode_error.hpp"
#include "proto/mqtt/property_table.hpp"

namespace mqttzoo::mqtt {

/// A set of property identifiers.
class PropertySet {
 public:
  constexpr PropertySet() = default;
  constexpr PropertySet(std::initializer_list<PropertyId> ids) {
    for (const PropertyId id : ids) insert(id);
  }
  constexpr bool contains(PropertyId id) const { return (bits_ & bit(id)) != 0; }
  constexpr void insert(PropertyId id) { bits_ |= bit(id); }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool intersects(PropertySet other) const { return (bits_ & other.bits_) != 0; }
  constexpr void merge(PropertySet other) { bits_ |= other.bits_; }
  friend constexpr bool operator==(PropertySet, PropertySet) = default;

 private:
  static constexpr std::uint64_t bit(PropertyId id) { return std::uint64_t{1} << static_cast<unsigned>(id); }
  std::uint64_t bits_ = 0;
};

/// One property as it stands in a block. Which members count follows from the type of `id` in the property table.
struct Property {
  PropertyId id{};
  std::uint32_t number = 0;    ///< all numeric types
  std::string_view name{};     ///< the first string of a User Property
  std::string_view value{};    ///< strings, binary data, the second string of a User Property
  std::string_view encoded{};  ///< the whole property on the wire, identifier included
};

/// A block of properties in its encoded form that is known to be valid for its packet (without the Property Length).
/// A view: the bytes belong to the received frame, a PropertyWriter or a stored message. Asking for a property that is
/// absent costs one bit test. 24 bytes, trivially copyable.
class PropertiesView {
 public:
  class Iterator {
   public:
    using value_type = Property;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;

    Iterator() = default;
    explicit Iterator(std::string_view rest) : rest_(rest) { read(); }
    const Property& operator*() const { return property_; }
    const Property* operator->() const { return &property_; }
    Iterator& operator++() {
      rest_.remove_prefix(property_.encoded.size());
      read();
      return *this;
    }
    void operator++(int) { ++*this; }
    /// Meaningful for iterators of one view.
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.rest_.size() == b.rest_.size(); }

   private:
    void read();
    std::string_view rest_;
    Property property_;
  };

  constexpr PropertiesView() = default;
  /// `raw` is valid and holds exactly the properties `present`: from this class, a PropertyWriter or
  /// validate_properties.
  constexpr PropertiesView(std::string_view raw, PropertySet present) : raw_(raw), present_(present) {}

  /// A view of a block that was valid once and has been stored as bytes. (For bytes of a stranger:
  /// validate_properties.)
  static PropertiesView from_valid(std::string_view raw);

  bool empty() const { return raw_.empty(); }
  std::string_view raw() const { return raw_; }
  PropertySet present() const { return present_; }
  bool has(PropertyId id) const { return present_.contains(id); }

  /// The value of a numeric property (Byte to Four Byte Integer, Variable Byte Integer); the first one if repeated.
  std::optional<std::uint32_t> find_number(PropertyId id) const {
    if (!has(id)) return std::nullopt;
    return find_present(id).number;
  }
  std::uint32_t number_or(PropertyId id, std::uint32_t otherwise) const {
    return has(id) ? find_present(id).number : otherwise;
  }
  /// The value of a string or of binary data.
  std::optional<std::string_view> find_string(PropertyId id) const {
    if (!has(id)) return std::nullopt;
    return find_present(id).value;
  }

  /// All properties in the order of the wire, which User Properties must keep (v5 [MQTT-3.3.2-18]).
  Iterator begin() const { return Iterator(raw_); }
  Iterator end() const { return Iterator(); }

 private:
  Property find_present(PropertyId id) const;

  std::string_view raw_;
  PropertySet present_;
};

/// Checks a property block (without its Property Length) for the place where it stands: every property known, allowed
/// there, not repeated unless it may be, its value complete and legal. Unknown, misplaced or cut: 0x81; repeated or
/// with an illegal value: 0x82; Topic Alias 0: 0x94.
DecodeResult<PropertiesView> validate_properties(std::string_view raw, PropertyPlace place);

}  // namespace mqttzoo::mqtt
