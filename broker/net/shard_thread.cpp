#include "broker/net/shard_thread.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "broker/cluster/router/shard_router.hpp"
#include "broker/core/shard.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/mqtt_connections.hpp"
#include "broker/net/peer_links.hpp"

namespace mqttzoo::net {

namespace {

// What a letter keeps in memory beside itself. Only messages come faster than they are taken.
std::size_t content_bytes(const cluster::ShardLetter& letter) {
  if (const auto* delivery = std::get_if<cluster::DeliverLetter>(&letter.content)) {
    return delivery->message->footprint_bytes();
  }
  if (const auto* shared = std::get_if<cluster::DeliverSharedLetter>(&letter.content)) {
    return shared->message->footprint_bytes() + shared->name.size();
  }
  if (const auto* to_home = std::get_if<cluster::PacketsToHomeLetter>(&letter.content)) {
    return to_home->packets.packets.size();
  }
  const auto* to_frontend = std::get_if<cluster::PacketsToFrontendLetter>(&letter.content);
  return to_frontend ? to_frontend->packets.packets.size() : 0;
}

std::size_t retained_messages(const MailToShard& mail) {
  const auto* letter = std::get_if<cluster::ToShard>(&mail);
  const auto* read = letter ? std::get_if<cluster::RetainedRead>(letter) : nullptr;
  return read ? read->matches.size() : 0;
}

}  // namespace

struct ShardThread::Parts {
  Parts(core::ShardIndex index, const ShardParts& given, cluster::ShardPort& port,
        std::unique_ptr<core::Authenticator> authenticator_given, std::unique_ptr<core::RandomSource> random_given)
      : authenticator(std::move(authenticator_given)),
        random(std::move(random_given)),
        read_buffer(std::make_unique_for_overwrite<char[]>(read_buffer_bytes)),
        links(given.mail.shard_loop(index), given.events, given.net_counters, read_buffer.get()),
        router(index, given.mail.shard_count(), given.router_limits, router_counters, port, links, given.lease),
        shard(index, given.limits, router, *authenticator, given.authorizer, *random),
        connections(given.mail.shard_loop(index), shard, given.events, read_buffer.get()) {
    links.attach(router);
    router.attach(shard);
  }

  std::unique_ptr<core::Authenticator> authenticator;
  std::unique_ptr<core::RandomSource> random;
  std::unique_ptr<char[]> read_buffer;
  cluster::RouterCounters router_counters;
  PeerLinks links;
  cluster::ShardRouter router;
  core::Shard shard;
  MqttConnections connections;
  std::vector<MailToShard> mail_of_control;
  std::size_t taken_of_control = 0;  ///< of mail_of_control, which is not empty while more is left
  std::vector<cluster::ShardLetter> letters;
};

ShardThread::ShardThread(core::ShardIndex shard, const ShardParts& parts,
                         std::unique_ptr<core::Authenticator> authenticator, std::unique_ptr<core::RandomSource> random)
    : shard_(shard),
      mail_(parts.mail),
      cluster_time_(parts.clock.offset()),
      parts_(std::make_unique<Parts>(shard, parts, *this, std::move(authenticator), std::move(random))) {}

ShardThread::~ShardThread() = default;

void ShardThread::run() { mail_.shard_loop(shard_).run(*this); }

const core::Counters& ShardThread::counters() const { return parts_->shard.counters(); }
const cluster::RouterCounters& ShardThread::router_counters() const { return parts_->router_counters; }

void ShardThread::turn(core::Milliseconds steady) {
  const core::Now now = at(steady);
  parts_->router.begin_turn(now);
  parts_->shard.tick(now);
  take_mail(now);
  if (!must_not_read()) {
    parts_->links.turn(steady);
    parts_->connections.turn(now);
  }
  const core::Now fresh = at(steady_now());
  parts_->router.end_of_turn(fresh);
  turn_again_ = parts_->connections.flush(fresh);
  parts_->links.flush(fresh.steady);
  if (ending_ && parts_->connections.count() == 0) {
    ending_ = false;
    mail_.to_control(shard_).append(AllClientsGone{});
  }
  hand_over();
}

void ShardThread::take_mail(core::Now now) {
  take_mail_of_control(now);
  for (core::ShardIndex from = 0; from < mail_.shard_count(); ++from) {
    const std::size_t backlog = mail_.between(from, shard_).take(parts_->letters);
    if (backlog == 0) continue;
    for (cluster::ShardLetter& letter : parts_->letters) parts_->router.receive(std::move(letter));
    parts_->letters.clear();
    if (backlog >= mailbox_bytes_max) mail_.shard_loop(from).wake();  // it has stopped reading
  }
}

void ShardThread::take_mail_of_control(core::Now now) {
  std::vector<MailToShard>& letters = parts_->mail_of_control;
  std::size_t& taken = parts_->taken_of_control;
  if (letters.empty()) mail_.from_control(shard_).take(letters);
  for (std::size_t retained = 0; taken < letters.size() && retained < retained_per_turn; ++taken) {
    retained += retained_messages(letters[taken]);
    take(std::move(letters[taken]), now);
  }
  if (taken < letters.size()) return;
  letters.clear();
  taken = 0;
}

void ShardThread::take(MailToShard&& mail, core::Now now) {
  if (auto* letter = std::get_if<cluster::ToShard>(&mail)) {
    parts_->router.receive(std::move(*letter));
  } else if (auto* client = std::get_if<AcceptedClient>(&mail)) {
    parts_->connections.accept(std::move(*client), now);
  } else if (auto* peer = std::get_if<AcceptedPeer>(&mail)) {
    parts_->links.adopt(std::move(*peer), now.steady);
  } else {
    ending_ = true;
    parts_->shard.end_all(mqtt::ReasonCode::server_shutting_down, now);
  }
}

void ShardThread::hand_over() {
  if (mail_.to_control(shard_).hand_over()) mail_.control_loop().wake();
  for (core::ShardIndex to = 0; to < mail_.shard_count(); ++to) {
    if (mail_.between(shard_, to).hand_over()) mail_.shard_loop(to).wake();
  }
}

bool ShardThread::must_not_read() const {
  for (core::ShardIndex to = 0; to < mail_.shard_count(); ++to) {
    if (mail_.between(shard_, to).backlog_bytes() >= mailbox_bytes_max) return true;
  }
  return false;
}

bool ShardThread::has_work() {
  if (parts_->authenticator->has_answers()) return true;
  if (turn_again_ || !parts_->mail_of_control.empty() || mail_.from_control(shard_).backlog_bytes() != 0) return true;
  for (core::ShardIndex from = 0; from < mail_.shard_count(); ++from) {
    if (mail_.between(from, shard_).backlog_bytes() != 0) return true;
  }
  return (parts_->connections.has_work() || parts_->links.has_work()) && !must_not_read();
}

core::Milliseconds ShardThread::next_deadline() {
  core::Milliseconds next = std::min(parts_->router.next_deadline(), parts_->connections.next_deadline());
  next = std::min(next, parts_->shard.next_deadline().value_or(cluster::ShardRouter::no_deadline));
  if (must_not_read()) return std::min(next, steady_now() + blocked_look_ms);
  return std::min(next, parts_->links.next_deadline());
}

void ShardThread::send_to_control(cluster::ToControl letter) { mail_.to_control(shard_).append(std::move(letter)); }

void ShardThread::send_to_shard(core::ShardIndex to, cluster::ShardLetter letter) {
  const std::size_t bytes = content_bytes(letter);
  mail_.between(shard_, to).append(std::move(letter), bytes);
}

}  // namespace mqttzoo::net
