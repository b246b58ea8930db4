#include "tests/broker/cluster/control/broker_process.hpp"

#include <utility>

#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster::harness {

BrokerProcess::BrokerProcess(World& world, FakeNetwork& network, ControlOptions options,
                             std::unique_ptr<support::FakeCoordinator> session)
    : world_(world),
      network_(network),
      name_(options.name),
      address_(options.cluster_address),
      shard_count_(options.shard_count) {
  if (session) {
    coordinator_ = std::make_unique<support::InboxCoordinator>(
        std::move(session), [this](std::function<void()> callback) { deliver(std::move(callback)); });
  }
  for (core::ShardIndex shard = 0; shard < shard_count_; ++shard) shards_.emplace_back(shard);
  control_ = std::make_unique<Control>(std::move(options), coordinator_.get(), *this, *this, *this, lease_, *this);
}

BrokerProcess::~BrokerProcess() { network_.end_all_of(*this); }

// ---------------------------------------------------------------- turns

void BrokerProcess::start() {
  deliver([this] { control_->start(world_.now()); });
  tick_later();
}

void BrokerProcess::deliver(std::function<void()> event) {
  if (dead_) return;
  if (stalled_ || in_turn_) return inbox_.push_back(std::move(event));
  in_turn_ = true;
  event();
  end_turn();
  in_turn_ = false;
  while (!stalled_ && !dead_ && !inbox_.empty()) {
    const auto next = std::move(inbox_.front());
    inbox_.pop_front();
    in_turn_ = true;
    next();
    end_turn();
    in_turn_ = false;
  }
}

void BrokerProcess::end_turn() {
  if (!wedged_) control_->loops_alive(world_.now());
  control_->tick(world_.now());
  for (auto& [link, output] : outputs_) {
    if (output.empty()) continue;
    network_.send(*this, link, std::string(output.view()));
    output.clear();
  }
}

void BrokerProcess::tick_later() {
  const core::Milliseconds wait = std::max<core::Milliseconds>(1, control_->next_deadline() - world_.now());
  world_.schedule(wait, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->dead_) return;
    if (!self->stalled_) self->deliver([] {});
    self->tick_later();
  });
}

void BrokerProcess::die() {
  dead_ = true;
  inbox_.clear();  // what waits there may hold this process
}

void BrokerProcess::resume() {
  stalled_ = false;
  deliver([] {});
}

void BrokerProcess::leave() {
  deliver([this] { control_->drain(world_.now()); });
  deliver([this] { control_->leave(world_.now(), [this] { has_left = true; }); });
}

// ---------------------------------------------------------------- shards

void BrokerProcess::send_to_shard(core::ShardIndex to, ToShard letter) {
  world_.schedule(1, [weak = weak_from_this(), to, letter = std::move(letter)] {
    if (const auto self = weak.lock()) self->deliver([&self = *self, to, letter] { self.hand_letter(to, letter); });
  });
}

void BrokerProcess::hand_letter(core::ShardIndex to, const ToShard& letter) { obey(to, shards_[to].receive(letter)); }

void BrokerProcess::obey(core::ShardIndex shard, const ShardOrders& orders) {
  for (const PeerKnown& peer : orders.open) {
    proto::Hello hello;
    hello.set_protocol_version(peer_protocol_version);
    hello.set_kind(proto::DATA);
    to_proto(shards_[shard].self(), *hello.mutable_from());
    to_proto(peer.incarnation, *hello.mutable_to());
    hello.set_shard(shard);
    hello.set_shard_count(shard_count_);
    hello.set_cluster(shards_[shard].cluster());
    network_.open(shared_from_this(), shard, peer.slot, peer.cluster_address, std::move(hello));
  }
  for (const PeerSlot slot : orders.close) network_.close(*this, shard, slot);
  answer_control(shard, orders.answers);
}

void BrokerProcess::answer_control(core::ShardIndex from, std::vector<ToControl> letters) {
  if (letters.empty()) return;
  world_.schedule(1, [weak = weak_from_this(), from, letters = std::move(letters)] {
    const auto self = weak.lock();
    if (!self) return;
    self->deliver([&self = *self, from, letters] {
      for (ToControl letter : letters) self.control_->receive(from, std::move(letter));
    });
  });
}

std::uint64_t BrokerProcess::want(core::ShardIndex shard, const std::string& filter) {
  const InterestChanged changed = shards_[shard].want(filter);
  answer_control(shard, {changed});
  return changed.sequence;
}

std::uint64_t BrokerProcess::want_no_more(core::ShardIndex shard, const std::string& filter) {
  const InterestChanged changed = shards_[shard].want_no_more(filter);
  answer_control(shard, {changed});
  return changed.sequence;
}

// ---------------------------------------------------------------- links

void BrokerProcess::open(LinkId link, std::string address, proto::Hello hello) {
  network_.open(shared_from_this(), -1, link, std::move(address), std::move(hello));
}

void BrokerProcess::close(LinkId link) {
  outputs_.erase(link);
  network_.close(*this, -1, link);
}

void BrokerProcess::link_up(int shard, LinkId link, const proto::HelloAnswer& answer) {
  if (shard < 0) {
    outputs_[link].clear();
    return control_->link_up(link, answer);
  }
  answer_control(static_cast<core::ShardIndex>(shard), {DataLinkState{static_cast<PeerSlot>(link), true}});
}

void BrokerProcess::link_down(int shard, LinkId link) {
  if (shard < 0) {
    outputs_.erase(link);
    return control_->link_down(link);
  }
  answer_control(static_cast<core::ShardIndex>(shard), {DataLinkState{static_cast<PeerSlot>(link), false}});
}

bool BrokerProcess::receive_frames(LinkId link, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint32_t length = read_frame_length(bytes.data() + at);
    at += frame_length_bytes;
    if (!control_->link_frame(link, std::string_view(bytes).substr(at, length))) return false;
    at += length;
  }
  return true;
}

// ---------------------------------------------------------------- reports, retained values

void BrokerProcess::report(ReportLevel level, std::string text) {
  constexpr const char* levels[] = {"debug", "info", "warning", "error"};
  log.push_back(std::to_string(world_.now()) + ' ' + levels[static_cast<int>(level)] + ' ' + name_ + ": " + text);
}

void BrokerProcess::store(core::MessageRef message, bool, StoreCallback done) {
  ++retained_stores;
  message->set_retained_version(retained_stores);
  done(RetainedStored::Outcome::stored, mqtt::ReasonCode::success);
}

void BrokerProcess::read(std::vector<std::string>, ReadCallback done) {
  ++retained_reads;
  done({});
}

}  // namespace mqttzoo::cluster::harness
