#include "broker/core/counters.hpp"

namespace mqttzoo::core {

const char* to_string(DropReason reason) {
  switch (reason) {
    case DropReason::output_full:
      return "output_full";
    case DropReason::queue_full:
      return "queue_full";
    case DropReason::larger_than_client_takes:
      return "larger_than_client_takes";
    case DropReason::expired:
      return "expired";
    case DropReason::not_authorized:
      return "not_authorized";
    case DropReason::payload_too_long:
      return "payload_too_long";
    case DropReason::payload_format_invalid:
      return "payload_format_invalid";
    case DropReason::connection_ended:
      return "connection_ended";
    case DropReason::session_ended:
      return "session_ended";
    case DropReason::client_away:
      return "client_away";
    case DropReason::may_not_receive:
      return "may_not_receive";
  }
  return "unknown";
}

}  // namespace mqttzoo::core
