#include "broker/node/node_settings.hpp"

#include <algorithm>

#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/interest/targets.hpp"
#include "broker/node/node_process.hpp"

namespace mqttzoo {

namespace {

net::Family family_of(config::SocketDomain domain) {
  switch (domain) {
    case config::SocketDomain::ipv4:
      return net::Family::v4;
    case config::SocketDomain::ipv6:
      return net::Family::v6;
    case config::SocketDomain::any:
      break;
  }
  return net::Family::any;
}

}  // namespace

core::ShardIndex shard_count_of(const config::Settings& settings) {
  static_assert(config::threads_max <= cluster::shards_max);
  if (settings.threads != 0) return settings.threads;
  return static_cast<core::ShardIndex>(std::min<unsigned>(usable_cores(), config::threads_max));
}

core::Limits shard_limits_of(const config::Settings&, core::ShardIndex shards, std::size_t client_files) {
  core::Limits limits;
  limits.connections_max = std::clamp<std::size_t>(client_files / shards, 1, limits.connections_max);
  const std::size_t filter_bytes_max = cluster::ControlLimits().peer_interest_bytes_max;
  limits.filter_bytes_max = std::min(limits.filter_bytes_max, filter_bytes_max - filter_bytes_max / 4) / shards;
  return limits;
}

cluster::RetainedOptions retained_options_of(const config::Settings& settings) {
  cluster::RetainedOptions options;
  options.bank_bytes = settings.bank_bytes;
  options.retain_ttl_ms = core::Milliseconds{settings.retain_ttl_seconds} * 1000;
  return options;
}

void open_listeners(net::ClientListeners& clients, const config::Settings& settings) {
  for (const config::ListenerSettings& listener : settings.listeners) {
    const net::Family family = family_of(listener.socket_domain);
    const std::uint16_t port = listener.endpoint.port;
    clients.add(listener.loopback ? net::loopback_addresses(port, family)
                                  : net::listening_addresses(listener.endpoint.host, port, family),
                {.interface = listener.bind_interface, .no_delay = settings.tcp_no_delay}, listener.connections_max);
  }
}

}  // namespace mqttzoo
