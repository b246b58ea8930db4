#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "broker/cluster/shard_port.hpp"
#include "broker/core/ids.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/mail_room.hpp"
#include "broker/net/net_events.hpp"

namespace mqttzoo::cluster {
class Control;
class ControlCompanion;
class LinkTransport;
}  // namespace mqttzoo::cluster

namespace mqttzoo::net {

class ClientListeners;
class PeerListener;

/// The loop of the control thread: brings mail, peer links, listening sockets and time to cluster::Control. What is
/// attached outlives the run.
class ControlThread final : public LoopClient, public cluster::ControlPort {
 public:
  ControlThread(MailRoom& mail, NetEvents& events, NetCounters& counters);
  ~ControlThread() override;

  cluster::LinkTransport& transport();

  /// Before run. `peers` nullptr: a lone broker.
  void attach(cluster::Control& control, ClientListeners& clients, PeerListener* peers);
  void add_companion(cluster::ControlCompanion& companion);
  /// Called on the control thread when all shards have closed all clients after end_clients().
  void on_clients_gone(std::function<void()> callback);

  /// Until the loop is stopped. Begins with Control::start.
  void run();

  // On the control thread.

  /// Stops accepting and tells all clients of all shards that the broker ends.
  void end_clients();

  // From any thread.

  /// Runs it on the control thread, in order.
  void post(std::function<void()> function);

  // LoopClient
  void turn(core::Milliseconds now) override;
  bool has_work() override;
  core::Milliseconds next_deadline() override;

  // ControlPort
  void send_to_shard(core::ShardIndex to, cluster::ToShard letter) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mqttzoo::net
