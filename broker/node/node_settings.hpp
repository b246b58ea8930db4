#pragma once

#include <cstddef>
#include <vector>

#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/retained/retained_options.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/config/settings.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/limits.hpp"
#include "broker/core/listener_rules.hpp"
#include "broker/net/client_listeners.hpp"
#include "broker/ops/log.hpp"

/// What the settings mean to the layers, which do not know them.
namespace mqttzoo {

core::ShardIndex shard_count_of(const config::Settings& settings);

/// Of what the process has, a shard's share; asked once, for all shards, which count their sessions together.
/// `client_files` are the files that it may open for clients.
core::Limits shard_limits_of(const config::Settings& settings, core::ShardIndex shards, std::size_t client_files);

cluster::ControlLimits control_limits_of(const config::Settings& settings);
cluster::RouterLimits router_limits_of(const config::Settings& settings);

cluster::RetainedOptions retained_options_of(const config::Settings& settings);

ops::LogOptions log_options_of(const config::LogSettings& log);

/// What holds for the clients of each listener, in the order of the settings.
std::vector<core::ListenerRules> listener_rules_of(const config::Settings& settings);

/// Where clients reach each listener, by its number.
cluster::ClientAddresses client_addresses_of(const config::Settings& settings);

/// `rules` are those of `listener_rules_of` and outlive the clients. Throws std::runtime_error with one line when a
/// port cannot be had.
void open_listeners(net::ClientListeners& clients, const config::Settings& settings,
                    const std::vector<core::ListenerRules>& rules);

}  // namespace mqttzoo
