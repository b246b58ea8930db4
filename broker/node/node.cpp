#include "broker/node/node.hpp"

#include <unistd.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/control/control.hpp"
#include "broker/cluster/control/retained_companion.hpp"
#include "broker/config/values.hpp"
#include "broker/net/client_listeners.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/control_thread.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/mail_room.hpp"
#include "broker/net/peer_listener.hpp"
#include "broker/net/shard_thread.hpp"
#include "broker/net/signals.hpp"
#include "broker/node/node_access.hpp"
#include "broker/node/node_counters.hpp"
#include "broker/node/node_events.hpp"
#include "broker/node/node_housekeeper.hpp"
#include "broker/node/node_process.hpp"
#include "broker/node/node_settings.hpp"
#include "broker/node/node_stop.hpp"
#include "broker/node/node_zookeeper.hpp"
#include "broker/ops/http_server.hpp"
#include "broker/ops/log.hpp"
#include "broker/ops/watchdog.hpp"

namespace mqttzoo {

namespace {

using ops::Level;

core::ClusterMilliseconds wall_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string broker_name_of(const config::Settings& settings) {
  if (!settings.broker_name.empty()) return settings.broker_name;
  try {
    return config::parse_broker_name(host_name());
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("the host name cannot be the broker's name: ") + error.what() +
                             "; set broker_name");
  }
}

// Where others reach a cluster listener on `port`.
std::string advertised(const config::Settings& settings, std::uint16_t port) {
  config::Endpoint endpoint = settings.cluster_advertise.value_or(*settings.cluster_listener);
  if (endpoint.host == "0.0.0.0" || endpoint.host == "::") endpoint.host = host_name();
  if (endpoint.port == 0) endpoint.port = port;
  return config::host_and_port(endpoint);
}

std::size_t client_files() {
  const std::size_t files = raise_open_files_limit();
  return files > net::reserved_files ? files - net::reserved_files : 0;
}

}  // namespace

struct Node::Parts {
  explicit Parts(const config::Settings& given);
  ~Parts();

  void open_ports();
  void make_control();
  void make_shards();
  void join_parts();
  void say_what_stands() const;
  void start_threads();
  void stop_loops();
  ops::HttpAnswer answer(std::string_view target) const;

  const config::Settings settings;
  const std::string name;
  const std::vector<core::ListenerRules> listener_rules;
  std::optional<PidFile> pid_file;
  bool stays_who_it_is = false;  ///< there is a `user`, whom only root could become
  NodeEvents events;
  NodeCounters counters;
  net::MailRoom mail;
  NodeAccess access;
  cluster::ClusterClock clock;
  cluster::LeaseDeadline lease;
  net::ControlThread control_thread;
  net::ClientListeners clients;
  std::unique_ptr<net::PeerListener> peers;
  std::unique_ptr<NodeZooKeeper> zookeeper;
  std::unique_ptr<cluster::RetainedCompanion> retained;
  std::unique_ptr<cluster::Control> control;
  std::vector<std::unique_ptr<net::ShardThread>> shards;
  std::unique_ptr<NodeHousekeeper> housekeeper;
  std::unique_ptr<NodeStop> stop;
  std::unique_ptr<net::Signals> signals;
  std::unique_ptr<ops::HttpServer> http;
  std::unique_ptr<ops::Watchdog> watchdog;
  std::vector<std::thread> threads;
  std::string hopeless;  ///< why this broker cannot take part in its cluster
};

Node::Parts::Parts(const config::Settings& given)
    : settings(given),
      name(broker_name_of(given)),
      listener_rules(listener_rules_of(given)),
      events(given.log.connection_messages),
      mail(shard_count_of(given)),
      access(settings),
      clock(net::steady_now(), wall_now()),
      control_thread(mail, events, counters.net()),
      clients(mail, events, counters.net(), given.connections_max) {
  open_ports();
  if (!settings.pid_file.empty()) pid_file.emplace(settings.pid_file);
  if (!settings.user.empty()) stays_who_it_is = !become_user(settings.user);
  make_control();
  make_shards();
  join_parts();
}

Node::Parts::~Parts() {
  stop_loops();
  for (std::thread& thread : threads) thread.join();
}

void Node::Parts::open_ports() {
  open_listeners(clients, settings, listener_rules);
  if (const auto& endpoint = settings.cluster_listener) {
    peers = std::make_unique<net::PeerListener>(mail.control_loop(), endpoint->host, endpoint->port, events,
                                                counters.net());
  }
  if (const auto& endpoint = settings.http_listener) {
    http = std::make_unique<ops::HttpServer>(endpoint->host, endpoint->port);
  }
}

void Node::Parts::make_control() {
  const auto options = retained_options_of(settings);
  cluster::ControlOptions control_options;
  if (settings.zookeeper.empty()) {
    retained = cluster::local_retained(options, clock);
  } else {
    zookeeper = std::make_unique<NodeZooKeeper>(settings, control_thread);
    retained = cluster::znode_retained(
        options, clock, zookeeper->bulk(),
        [this](cluster::ReportLevel level, std::string text) { events.report(level, std::move(text)); });
    control_options.cluster_address = advertised(settings, peers->port());
  }
  control_options.name = name;
  control_options.shard_count = mail.shard_count();
  control_options.version = MQTTZOO_VERSION;
  control_options.listeners = clients.addresses();
  control_options.client_addresses = client_addresses_of(settings);
  control_options.cluster_id = random_id();
  control_options.limits = control_limits_of(settings);
  control =
      std::make_unique<cluster::Control>(std::move(control_options), zookeeper ? &zookeeper->liveness() : nullptr,
                                         retained->store(), control_thread.transport(), control_thread, lease, events);
}

void Node::Parts::make_shards() {
  const net::ShardParts parts{shard_limits_of(settings, mail.shard_count(), client_files()),
                              router_limits_of(settings),
                              mail,
                              lease,
                              clock,
                              access.authorizer(),
                              events,
                              counters.net()};
  for (core::ShardIndex shard = 0; shard < mail.shard_count(); ++shard) {
    shards.push_back(std::make_unique<net::ShardThread>(
        shard, parts, access.make_authenticator([loop = &mail.shard_loop(shard)] { loop->wake(); }), system_random()));
    counters.add_shard({.counters = &shards.back()->counters(),
                        .router = &shards.back()->router_counters(),
                        .loop = &mail.shard_loop(shard).progress()});
  }
  counters.set_control_loop(mail.control_loop().progress());
}

void Node::Parts::join_parts() {
  housekeeper = std::make_unique<NodeHousekeeper>(counters, *control, control_thread, *retained, mail.shard_count(),
                                                  core::Milliseconds{settings.sys_interval_seconds} * 1000);
  stop = std::make_unique<NodeStop>(NodeStop::Steps{
      .drain = [this](core::Milliseconds now) { control->drain(now); },
      .end_clients = [this] { control_thread.end_clients(); },
      .leave = [this](core::Milliseconds now, std::function<void()> done) { control->leave(now, std::move(done)); },
      .close_sessions =
          [this](const std::function<void()>& done) {
            if (!zookeeper) return done();
            zookeeper->close(done);
          },
      .stop_loops = [this] { stop_loops(); }});
  events.listen(
      [this](const cluster::ControlStatus& status) {
        counters.set_status(status);
        retained->follow(status);
      },
      [this](std::string reason) {
        if (hopeless.empty()) ops::log(Level::error, "this broker cannot take part", {{"reason", reason}});
        hopeless = std::move(reason);
        if (!stop->begun()) stop->begin(net::steady_now());
      });
  signals = std::make_unique<net::Signals>(
      mail.control_loop(),
      [this] {
        ops::log(Level::info, stop->begun() ? "stopping at once" : "stopping");
        stop->begin(net::steady_now());
      },
      [] {
        if (ops::reopen_log_file()) return ops::log(Level::info, "the log file was opened again");
        ops::log(Level::warning, "SIGHUP is ignored: the configuration is only read at the start");
      });
  control_thread.attach(*control, clients, peers.get());
  control_thread.add_companion(*retained);
  control_thread.add_companion(*housekeeper);
  control_thread.add_companion(*stop);
  control_thread.on_clients_gone([this] { stop->clients_gone(); });
}

void Node::Parts::say_what_stands() const {
  ops::log(Level::info, "mqttzoo " MQTTZOO_VERSION,
           {{"broker", name}, {"pid", ::getpid()}, {"threads", mail.shard_count()}});
  for (const std::string& address : clients.addresses()) ops::log(Level::info, "listening", {{"mqtt", address}});
  if (http) ops::log(Level::info, "listening", {{"http", http->address()}});
  if (peers) {
    ops::log(Level::info, "listening",
             {{"cluster", config::host_and_port({settings.cluster_listener->host, peers->port()})},
              {"advertised", advertised(settings, peers->port())},
              {"zookeeper", settings.zookeeper}});
  }
  if (settings.loopback_only()) {
    ops::log(Level::info, "only clients on this machine can connect: there is no listener in a configuration file");
  }
  if (stays_who_it_is) ops::log(Level::warning, "user has no effect: it is not root that has started the broker");
  access.say_what_stands();
  ops::log(Level::info, "the limit on open files allows this many clients",
           {{"clients", static_cast<std::int64_t>(client_files())}});
}

void Node::Parts::start_threads() {
  for (core::ShardIndex shard = 0; shard < mail.shard_count(); ++shard) {
    threads.emplace_back([this, shard] {
      name_thread("shard-" + std::to_string(shard));
      shards[shard]->run();
    });
  }
  if (http) http->start([this](std::string_view target) { return answer(target); });
  if (settings.watchdog_seconds == 0) return;
  std::vector<ops::Watchdog::Loop> loops{
      {"control", [loop = &mail.control_loop()] { return loop->progress().busy_since(); }}};
  for (core::ShardIndex shard = 0; shard < mail.shard_count(); ++shard) {
    loops.push_back(
        {"shard " + std::to_string(shard), [loop = &mail.shard_loop(shard)] { return loop->progress().busy_since(); }});
  }
  watchdog = std::make_unique<ops::Watchdog>(
      std::move(loops), std::int64_t{settings.watchdog_seconds} * 1000, 1000, [](const std::string& stuck) {
        ops::log(Level::error, "a thread is stuck: the process ends", {{"thread", stuck}});
        ops::flush_log();
        ::_exit(1);
      });
}

void Node::Parts::stop_loops() {
  for (core::ShardIndex shard = 0; shard < mail.shard_count(); ++shard) mail.shard_loop(shard).stop();
  mail.control_loop().stop();
}

ops::HttpAnswer Node::Parts::answer(std::string_view target) const {
  target = target.substr(0, target.find('?'));
  if (target == "/healthz") return counters.health(net::steady_now());
  if (target == "/readyz") return counters.readiness(net::steady_now());
  if (target == "/metrics") return counters.metrics();
  return {.status = 404, .content_type = "text/plain; charset=utf-8", .body = "try /healthz, /readyz or /metrics\n"};
}

Node::Node(const config::Settings& settings) : parts_(std::make_unique<Parts>(settings)) {}

Node::~Node() = default;

int Node::run() {
  parts_->say_what_stands();
  parts_->start_threads();  // this thread is control, and keeps the name by which ps and pkill know the process
  parts_->control_thread.run();
  ops::log(Level::info, "stopped");
  return parts_->hopeless.empty() ? 0 : 1;
}

}  // namespace mqttzoo
