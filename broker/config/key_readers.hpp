#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/config/settings.hpp"
#include "broker/config/values.hpp"

/// What the tables of keys are written with: functions that read a value into a member of Settings or of a part of it.
namespace mqttzoo::config {

inline constexpr std::uint32_t day_seconds = 86'400;

/// A member that takes what `parse` makes of the text.
template <class Owner, class Member, class Parse>
auto parsed(Member Owner::*member, Parse parse) {
  return [=](Owner& owner, std::string_view text) { owner.*member = static_cast<Member>(parse(text)); };
}

template <class Owner, class Member>
auto integer(Member Owner::*member, std::uint64_t least, std::uint64_t most) {
  return parsed(member, [=](std::string_view text) { return parse_integer(text, least, most); });
}

template <class Owner, class Member>
auto bytes(Member Owner::*member, std::uint64_t least, std::uint64_t most) {
  return parsed(member, [=](std::string_view text) { return parse_bytes(text, least, most); });
}

template <class Owner>
auto flag(bool Owner::*member) {
  return parsed(member, parse_bool);
}

template <class Owner>
auto count_or_unlimited(std::optional<std::uint32_t> Owner::*member) {
  return parsed(member, parse_count_or_unlimited);
}

/// What `read` does to the part `part` of its owner.
template <class Owner, class Part, class Read>
auto within(Part Owner::*part, Read read) {
  return [=](Owner& owner, std::string_view value) { read(owner.*part, value); };
}

}  // namespace mqttzoo::config
