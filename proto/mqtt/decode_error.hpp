#pragma once

#include <boost/system/result.hpp>

#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::mqtt {

/// Why a peer's bytes were refused: the Reason Code to answer (v5) and a fixed text for the log.
struct DecodeError {
  ReasonCode reason = ReasonCode::malformed_packet;
  const char* detail = "";
};

template <class T>
using DecodeResult = boost::system::result<T, DecodeError>;

constexpr DecodeError malformed(const char* detail) { return {ReasonCode::malformed_packet, detail}; }
constexpr DecodeError protocol_error(const char* detail) { return {ReasonCode::protocol_error, detail}; }

/// What `result.value()` throws when nobody looked at the error: a std::runtime_error with the detail.
[[noreturn]] void throw_exception_from_error(const DecodeError& error, const boost::source_location& location);

}  // namespace mqttzoo::mqtt
