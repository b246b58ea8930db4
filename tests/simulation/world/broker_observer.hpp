#pragma once

#include <string>
#include <string_view>

#include "broker/core/connection_end.hpp"
#include "tests/simulation/world/network.hpp"

namespace mqttzoo::sim {

class BrokerProcess;

/// Sees what brokers do to their clients at the moment at which they do it.
class BrokerObserver {
 public:
  virtual ~BrokerObserver() = default;
  /// The broker wrote these bytes to a client.
  virtual void written(BrokerProcess& broker, const Stream& stream, std::string_view bytes) = 0;
  /// Its end of the connection is over; nothing is written to it after this.
  virtual void ended(BrokerProcess& broker, const Stream& stream, const core::ConnectionEnd& end) = 0;
  /// It says that something is wrong which it cannot put right, or which nobody but a stranger can have done.
  virtual void reported_error(BrokerProcess& broker, std::string_view text) = 0;
};

}  // namespace mqttzoo::sim
