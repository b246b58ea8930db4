#include "tests/simulation/world/simulated_links.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "broker/cluster/links/frames.hpp"

namespace mqttzoo::sim {

namespace {

// As in broker/net.
constexpr core::Milliseconds never = std::numeric_limits<core::Milliseconds>::max();
constexpr core::Milliseconds hello_ms = 2'000;
constexpr core::Milliseconds connect_ms = 3'000;
constexpr core::Milliseconds link_proved_ms = 2'000;
// Bytes of a link that the network takes before the other side has read them.
constexpr std::size_t socket_bytes = 256 * 1024;

}  // namespace

SimulatedLinks::~SimulatedLinks() {
  for (auto& [id, link] : links_) {
    if (link.stream) link.stream->ends[link.side].wake = nullptr;
  }
}

SimulatedLinks::Link* SimulatedLinks::find(cluster::LinkId id) {
  const auto found = links_.find(id);
  return found == links_.end() ? nullptr : &found->second;
}

void SimulatedLinks::open(cluster::LinkId id, std::string address, proto::Hello hello) {
  Link& link = links_[id];
  link.address = std::move(address);
  link.hello = std::move(hello);
  dial(link, now_);
}

void SimulatedLinks::dial(Link& link, core::Milliseconds now) {
  link.state = State::greeting;
  link.deadline = now + hello_ms + connect_ms;
  link.unread.clear();
  link.output.clear();
  const Place to = link.address.substr(0, link.address.find(':'));
  link.stream = network_.dial(place_, to, port_, [this] { loop_.wake(); });
  mqtt::ByteBuffer greeting;
  cluster::append_frame(greeting, link.hello);
  network_.send(link.stream, link.side, std::string(greeting.view()));
}

void SimulatedLinks::close(cluster::LinkId id) {
  Link* const link = find(id);
  if (!link) return;
  if (link->stream && link->state == State::up)
    network_.send(link->stream, link->side, std::string(link->output.view()));  // what its owner said last
  drop_stream(*link);
  links_.erase(id);
}

void SimulatedLinks::drop_stream(Link& link) {
  if (link.stream) network_.close(link.stream, link.side);
  link.stream.reset();
  link.unread.clear();
  link.output.clear();
}

mqtt::ByteBuffer& SimulatedLinks::output(cluster::LinkId id) {
  Link* const link = find(id);
  if (link && link->state == State::up) return link->output;
  nowhere_.clear();
  return nowhere_;
}

void SimulatedLinks::adopt(const StreamRef& stream, const proto::Hello& hello, std::string early) {
  const cluster::LinkId id = next_accepted_++;
  Link& link = links_[id];
  link.stream = stream;
  link.side = Stream::acceptor;
  link.state = State::up;
  link.deadline = never;
  link.unread = std::move(early);
  stream->ends[Stream::acceptor].wake = [this] { loop_.wake(); };
  owner_->link_accepted(id, hello);
  loop_.wake();
}

void SimulatedLinks::turn(core::Milliseconds now) {
  now_ = now;
  std::vector<cluster::LinkId> ids;
  for (const auto& [id, link] : links_) ids.push_back(id);
  for (const cluster::LinkId id : ids) {
    if (Link* const link = find(id); link && link->stream) read(id, now);
    Link* const link = find(id);
    if (!link || link->deadline > now) continue;
    if (link->state == State::greeting) {
      end(id, now);
    } else if (link->state == State::resting) {
      dial(*link, now);
    }
  }
}

void SimulatedLinks::read(cluster::LinkId id, core::Milliseconds now) {
  Link* link = find(id);
  const StreamRef stream = link->stream;
  const Stream::End& own = stream->ends[link->side];
  link->unread += stream->read(link->side);
  while (link && link->stream == stream && link->unread.size() >= cluster::frame_length_bytes) {
    const std::size_t size = cluster::frame_length_bytes + cluster::read_frame_length(link->unread.data());
    if (link->unread.size() < size) break;
    const std::string frame = link->unread.substr(cluster::frame_length_bytes, size - cluster::frame_length_bytes);
    link->unread.erase(0, size);
    if (!take_frame(id, frame, now)) return;
    link = find(id);
  }
  if (link && link->stream == stream && own.over) end(id, now);
}

bool SimulatedLinks::take_frame(cluster::LinkId id, std::string_view frame, core::Milliseconds now) {
  Link* const link = find(id);
  if (link->state == State::up) {
    const bool good = owner_->link_frame(id, frame);
    if (!good && find(id)) end(id, now);
    return good && find(id);
  }
  proto::HelloAnswer answer;
  if (!answer.ParseFromArray(frame.data(), static_cast<int>(frame.size())) || !answer.refused().empty()) {
    end(id, now);
    return false;
  }
  link->state = State::up;
  link->up_since = now;
  link->deadline = never;
  owner_->link_up(id, answer);
  return find(id) != nullptr;
}

void SimulatedLinks::end(cluster::LinkId id, core::Milliseconds now) {
  Link* const link = find(id);
  const bool was_up = link->state == State::up;
  drop_stream(*link);
  if (link->side == Stream::opener) {
    if (was_up && now - link->up_since >= link_proved_ms) link->backoff.reset();
    link->state = State::resting;
    link->deadline = now + link->backoff.next_delay_ms(random_);
  } else {
    links_.erase(id);
  }
  if (was_up) owner_->link_down(id);
}

void SimulatedLinks::flush() {
  for (auto& [id, link] : links_) {
    if (link.state != State::up || link.output.empty()) continue;
    const std::size_t on_the_way = network_.unread(*link.stream, link.side);
    if (on_the_way >= socket_bytes) continue;
    const std::size_t taken = std::min(link.output.size(), socket_bytes - on_the_way);
    network_.send(link.stream, link.side, std::string(link.output.view().substr(0, taken)));
    link.output.consume(taken);
  }
}

core::Milliseconds SimulatedLinks::next_deadline() const {
  core::Milliseconds next = never;
  for (const auto& [id, link] : links_) {
    if (link.state != State::up) next = std::min(next, link.deadline);
  }
  return next;
}

}  // namespace mqttzoo::sim
