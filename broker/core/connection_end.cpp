#include "broker/core/connection_end.hpp"

namespace mqttzoo::core {

const char* to_string(EndCause cause) {
  switch (cause) {
    case EndCause::disconnected:
      return "disconnected";
    case EndCause::lost:
      return "lost";
    case EndCause::connect_timeout:
      return "connect_timeout";
    case EndCause::keep_alive_timeout:
      return "keep_alive_timeout";
    case EndCause::refused:
      return "refused";
    case EndCause::protocol_error:
      return "protocol_error";
    case EndCause::taken_over:
      return "taken_over";
    case EndCause::limit:
      return "limit";
    case EndCause::shutting_down:
      return "shutting_down";
    case EndCause::evicted:
      return "evicted";
  }
  return "unknown";
}

}  // namespace mqttzoo::core
