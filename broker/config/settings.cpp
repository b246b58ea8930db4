#include "broker/config/settings.hpp"

#include <algorithm>

namespace mqttzoo::config {

bool Settings::loopback_only() const {
  return std::all_of(listeners.begin(), listeners.end(),
                     [](const ListenerSettings& listener) { return listener.loopback; });
}

}  // namespace mqttzoo::config
