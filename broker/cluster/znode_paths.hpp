#pragma once

#include <string>
#include <string_view>

/// Where the control part's znodes stand, below the chroot. (The retained store has its own, in retained_names.hpp.)
namespace mqttzoo::cluster::znode {

inline constexpr const char* cluster = "/cluster";            ///< the cluster's id
inline constexpr const char* brokers = "/brokers";            ///< NAME, ephemeral: BrokerInfo
inline constexpr const char* incarnations = "/incarnations";  ///< NAME: its version is the last epoch that was given
inline constexpr const char* leases = "/leases";              ///< NAME: heartbeats
inline constexpr const char* view = "/view";
inline constexpr const char* controller = "/controller";

inline std::string under(const char* parent, std::string_view name) {
  return std::string(parent) + '/' + std::string(name);
}

}  // namespace mqttzoo::cluster::znode
