#include "proto/mqtt/decode_error.hpp"

#include <stdexcept>
#include <string>

namespace mqttzoo::mqtt {

void throw_exception_from_error(const DecodeError& error, const boost::source_location&) {
  throw std::runtime_error(std::string(to_string(error.reason)) + ": " + error.detail);
}

}  // namespace mqttzoo::mqtt
