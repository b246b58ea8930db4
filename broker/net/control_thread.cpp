#include "broker/net/control_thread.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <limits>

#include "broker/cluster/control/control.hpp"
#include "broker/cluster/control/control_companion.hpp"
#include "broker/net/client_listeners.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/peer_links.hpp"
#include "broker/net/peer_listener.hpp"

namespace mqttzoo::net {

struct ControlThread::Parts {
  Parts(MailRoom& room, NetEvents& events, NetCounters& counters)
      : mail(room),
        read_buffer(std::make_unique_for_overwrite<char[]>(read_buffer_bytes)),
        links(room.control_loop(), events, counters, read_buffer.get()) {}

  MailRoom& mail;
  std::unique_ptr<char[]> read_buffer;
  PeerLinks links;
  cluster::Control* control = nullptr;
  ClientListeners* clients = nullptr;
  PeerListener* peers = nullptr;
  std::vector<cluster::ControlCompanion*> companions;
  std::function<void()> on_clients_gone;
  core::ShardIndex shards_with_clients = 0;
  std::vector<MailToControl> letters;
};

ControlThread::ControlThread(MailRoom& mail, NetEvents& events, NetCounters& counters)
    : parts_(std::make_unique<Parts>(mail, events, counters)) {}

ControlThread::~ControlThread() = default;

cluster::LinkTransport& ControlThread::transport() { return parts_->links; }

void ControlThread::attach(cluster::Control& control, ClientListeners& clients, PeerListener* peers) {
  parts_->control = &control;
  parts_->clients = &clients;
  parts_->peers = peers;
  parts_->links.attach(control);
}

void ControlThread::add_companion(cluster::ControlCompanion& companion) { parts_->companions.push_back(&companion); }

void ControlThread::on_clients_gone(std::function<void()> callback) { parts_->on_clients_gone = std::move(callback); }

void ControlThread::run() {
  Parts& parts = *parts_;
  if (parts.peers) {
    parts.peers->start([&parts](const proto::Hello& hello) { return parts.control->check_hello(hello); },
                       [&parts](AcceptedPeer peer) {
                         if (peer.hello.kind() == proto::CONTROL)
                           return parts.links.adopt(std::move(peer), steady_now());
                         const std::uint32_t shard = peer.hello.shard() % parts.mail.shard_count();
                         parts.mail.from_control(static_cast<core::ShardIndex>(shard)).append(std::move(peer));
                       });
  }
  parts.control->start(steady_now());
  parts.clients->start();
  parts.mail.control_loop().run(*this);
}

void ControlThread::turn(core::Milliseconds now) {
  Parts& parts = *parts_;
  for (cluster::ControlCompanion* companion : parts.companions) companion->turn_begins(now);
  for (core::ShardIndex shard = 0; shard < parts.mail.shard_count(); ++shard) {
    if (parts.mail.to_control(shard).take(parts.letters) == 0) continue;
    for (MailToControl& letter : parts.letters) {
      if (auto* to_control = std::get_if<cluster::ToControl>(&letter)) {
        parts.control->receive(shard, std::move(*to_control));
      } else if (--parts.shards_with_clients == 0) {
        parts.on_clients_gone();
      }
    }
    parts.letters.clear();
  }
  parts.links.turn(now);
  if (parts.peers) parts.peers->turn(now);
  parts.clients->turn(now);
  const core::Milliseconds fresh = steady_now();
  for (cluster::ControlCompanion* companion : parts.companions) companion->turn_ends(fresh);
  parts.control->tick(fresh);
  parts.links.flush(fresh);
  for (core::ShardIndex shard = 0; shard < parts.mail.shard_count(); ++shard) {
    if (parts.mail.from_control(shard).hand_over()) parts.mail.shard_loop(shard).wake();
  }
}

bool ControlThread::has_work() {
  const Parts& parts = *parts_;
  for (core::ShardIndex shard = 0; shard < parts.mail.shard_count(); ++shard) {
    if (parts.mail.to_control(shard).backlog_bytes() != 0) return true;
  }
  return parts.links.has_work() || parts.clients->has_work() || (parts.peers && parts.peers->has_work());
}

core::Milliseconds ControlThread::next_deadline() {
  const Parts& parts = *parts_;
  core::Milliseconds next = std::min(parts.control->next_deadline(), parts.links.next_deadline());
  next = std::min(next, parts.clients->next_deadline());
  if (parts.peers) next = std::min(next, parts.peers->next_deadline());
  for (const cluster::ControlCompanion* companion : parts.companions) next = std::min(next, companion->next_deadline());
  return next;
}

void ControlThread::end_clients() {
  parts_->clients->stop();
  parts_->shards_with_clients = parts_->mail.shard_count();
  for (core::ShardIndex shard = 0; shard < parts_->mail.shard_count(); ++shard) {
    parts_->mail.from_control(shard).append(EndClients{});
  }
}

void ControlThread::post(std::function<void()> function) {
  boost::asio::post(parts_->mail.control_loop().context(), std::move(function));
}

void ControlThread::send_to_shard(core::ShardIndex to, cluster::ToShard letter) {
  parts_->mail.from_control(to).append(std::move(letter));
}

}  // namespace mqttzoo::net
