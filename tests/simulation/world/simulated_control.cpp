#include "tests/simulation/world/simulated_control.hpp"

#include <algorithm>

#include "broker/cluster/links/frames.hpp"
#include "tests/simulation/world/broker_process.hpp"

namespace mqttzoo::sim {

namespace {

// As in broker/net and broker/node.
constexpr core::Milliseconds hello_ms = 2'000;
constexpr core::Milliseconds look_at_loops_ms = 250;

cluster::ControlOptions control_options_of(const BrokerProcess& process) {
  cluster::ControlOptions options;
  options.name = process.options().name;
  options.cluster_address = process.place() + ":1";
  options.shard_count = process.options().shards;
  options.version = "simulated";
  options.cluster_id = "cluster-" + process.options().name;
  options.limits = process.options().control_limits;
  return options;
}

}  // namespace

SimulatedControl::SimulatedControl(BrokerProcess& process, std::unique_ptr<support::FakeCoordinator> liveness,
                                   std::unique_ptr<support::FakeCoordinator> bulk)
    : Loop(process.events(), process.random()),
      process_(process),
      liveness_(std::move(liveness), [this](std::function<void()> callback) { post(std::move(callback)); }),
      bulk_(std::move(bulk), [this](std::function<void()> callback) { post(std::move(callback)); }),
      links_(*this, process.network(), process.random(), process.place(), Port::control),
      retained_(cluster::znode_retained(process.options().retained, process.clock(), bulk_,
                                        [this](cluster::ReportLevel level, std::string text) { report(level, text); })),
      control_(std::make_unique<cluster::Control>(control_options_of(process), &liveness_, retained_->store(), links_,
                                                  static_cast<cluster::ControlPort&>(*this), process.lease(),
                                                  static_cast<cluster::ControlReporter&>(*this))) {
  links_.attach(*control_);
}

SimulatedControl::~SimulatedControl() {
  for (Stranger& stranger : strangers_) stranger.stream->ends[Stream::acceptor].wake = nullptr;
}

void SimulatedControl::start() {
  control_->start(process_.steady(events_.now()));
  wake();
}

void SimulatedControl::mail(core::ShardIndex from, cluster::ToControl letter) {
  letters_.emplace_back(from, std::move(letter));
  wake();
}

void SimulatedControl::accept(const StreamRef& stream) {
  accepted_.push_back(stream);
  wake();
}

void SimulatedControl::post(std::function<void()> function) {
  callbacks_.push_back(std::move(function));
  wake();
}

void SimulatedControl::close_sessions(std::function<void()> done) {
  bulk_.close(2'000, [this, done = std::move(done)] { liveness_.close(2'000, done); });
}

void SimulatedControl::turn(core::Milliseconds begin, core::Milliseconds fresh_time) {
  const core::Milliseconds now = process_.steady(begin);
  retained_->turn_begins(now);
  for (const auto& callback : std::exchange(callbacks_, {})) callback();
  take_mail(now);
  links_.turn(now);
  read_strangers(now);
  const core::Milliseconds fresh = process_.steady(fresh_time);
  retained_->turn_ends(fresh);
  if (loops_looked_at_ + look_at_loops_ms <= fresh) {
    loops_looked_at_ = fresh;
    if (process_.all_loops_turn()) control_->loops_alive(fresh);
  }
  control_->tick(fresh);
  links_.flush();
  for (auto& [shard, letter] : std::exchange(to_shards_, {})) process_.shard(shard).mail(std::move(letter));
  process_.step_stop(fresh);
}

void SimulatedControl::take_mail(core::Milliseconds now) {
  for (auto& [shard, letter] : std::exchange(letters_, {})) control_->receive(shard, std::move(letter));
  for (const StreamRef& stream : std::exchange(accepted_, {})) {
    if (stream->port == Port::mqtt) {
      to_shards_.emplace_back(next_shard_, AcceptedClient{stream});
      next_shard_ = static_cast<core::ShardIndex>((next_shard_ + 1) % process_.options().shards);
    } else {
      stream->ends[Stream::acceptor].wake = [this] { wake(); };
      strangers_.push_back({stream, {}, now + hello_ms});
    }
  }
}

void SimulatedControl::read_strangers(core::Milliseconds now) {
  for (Stranger& stranger : strangers_) {
    stranger.unread += stranger.stream->read(Stream::acceptor);
    if (take_hello(stranger)) continue;
    if (stranger.deadline > now && !stranger.stream->ends[Stream::acceptor].over) continue;
    process_.network().close(stranger.stream, Stream::acceptor);
    stranger.stream = nullptr;
  }
  std::erase_if(strangers_, [](const Stranger& stranger) { return !stranger.stream; });
}

bool SimulatedControl::take_hello(Stranger& stranger) {
  if (stranger.unread.size() < cluster::frame_length_bytes) return false;
  const std::size_t size = cluster::frame_length_bytes + cluster::read_frame_length(stranger.unread.data());
  if (stranger.unread.size() < size) return false;
  proto::Hello hello;
  if (!hello.ParseFromString(stranger.unread.substr(cluster::frame_length_bytes, size - cluster::frame_length_bytes)))
    return false;
  stranger.unread.erase(0, size);
  greet(stranger, hello);
  return true;
}

void SimulatedControl::greet(Stranger& stranger, const proto::Hello& hello) {
  const StreamRef stream = std::exchange(stranger.stream, nullptr);
  const proto::HelloAnswer answer = control_->check_hello(hello);
  mqtt::ByteBuffer frame;
  cluster::append_frame(frame, answer);
  process_.network().send(stream, Stream::acceptor, std::string(frame.view()));
  if (!answer.refused().empty()) return process_.network().close(stream, Stream::acceptor);
  if (hello.kind() == proto::CONTROL) return links_.adopt(stream, hello, std::move(stranger.unread));
  stream->ends[Stream::acceptor].wake = nullptr;
  const auto shard = static_cast<core::ShardIndex>(hello.shard() % process_.options().shards);
  to_shards_.emplace_back(shard, AcceptedPeer{stream, hello, std::move(stranger.unread)});
}

core::Milliseconds SimulatedControl::next_deadline() {
  core::Milliseconds next = std::min(control_->next_deadline(), links_.next_deadline());
  for (const Stranger& stranger : strangers_) next = std::min(next, stranger.deadline);
  return process_.world_time(std::min(next, retained_->next_deadline()));
}

void SimulatedControl::send_to_shard(core::ShardIndex to, cluster::ToShard letter) {
  to_shards_.emplace_back(to, std::move(letter));
}

void SimulatedControl::report(cluster::ReportLevel level, std::string text) {
  if (level != cluster::ReportLevel::debug) process_.say(text);
  if (level == cluster::ReportLevel::error) process_.observer().reported_error(process_, text);
}

void SimulatedControl::state_changed(const cluster::ControlStatus& status) { retained_->follow(status); }

void SimulatedControl::cannot_take_part(std::string reason) { process_.say("cannot take part: " + reason); }

}  // namespace mqttzoo::sim
