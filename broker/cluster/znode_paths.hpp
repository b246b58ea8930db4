#pragma once

#include <string>
#include <string_view>

/// Where the cluster's znodes stand, below the chroot.
namespace mqttzoo::cluster::znode {

inline constexpr const char* cluster = "/cluster";            ///< the cluster's id
inline constexpr const char* brokers = "/brokers";            ///< NAME, ephemeral: BrokerInfo
inline constexpr const char* incarnations = "/incarnations";  ///< NAME: its version is the last epoch that was given
inline constexpr const char* leases = "/leases";              ///< NAME: heartbeats
inline constexpr const char* view = "/view";
inline constexpr const char* controller = "/controller";

// Of the retained values.
inline constexpr const char* topics = "/topic";             ///< BB/NAME: RetainedValue (retained_names.hpp)
inline constexpr const char* changes = "/changes";          ///< c-N: RetainedChanges
inline constexpr const char* new_change = "/changes/c-";    ///< to which ZooKeeper adds N
inline constexpr const char* bank = "/bank";                ///< Bank
inline constexpr const char* bank_blocks = "/bank/blocks";  ///< NAME#EPOCH.LANE: BankBlock
inline constexpr const char* time = "/time";                ///< ClusterTime

inline std::string under(const char* parent, std::string_view name) {
  return std::string(parent) + '/' + std::string(name);
}

}  // namespace mqttzoo::cluster::znode
