#include "tests/simulation/world/network.hpp"

#include <algorithm>

namespace mqttzoo::sim {

namespace {

// How long TCP goes on without an answer: peer_user_timeout_ms of broker/net, and what keep-alive probes add.
constexpr core::Milliseconds patience_ms = 5'000;
constexpr core::Milliseconds patience_spread_ms = 1'500;
// How long an attempt to connect waits for an answer.
constexpr core::Milliseconds connect_ms = 3'000;

}  // namespace

std::string Stream::read(Side side) {
  End& end = ends[side];
  std::string all;
  for (const std::string& bytes : end.arrived) all += bytes;
  end.arrived.clear();
  const bool was_full = end.arrived_bytes != 0;
  end.arrived_bytes = 0;
  if (was_full && ends[other(side)].wake) ends[other(side)].wake();
  return all;
}

Network::~Network() {
  for (const auto& weak : streams_) {
    const StreamRef stream = weak.lock();
    if (!stream) continue;
    for (Stream::Pipe& pipe : stream->pipes) pipe.under_way.clear();  // what is under way holds its stream
  }
}

core::Milliseconds Network::latency() {
  if (spikes_one_in != 0 && random_.one_in(spikes_one_in)) return random_.between(1, spike_max_ms);
  return random_.between(1, latency_max_ms);
}

StreamRef Network::dial(const Place& from, const Place& to, Port port, std::function<void()> wake) {
  auto stream = std::make_shared<Stream>();
  stream->number = ++last_number_;
  stream->port = port;
  stream->ends[Stream::opener].place = from;
  stream->ends[Stream::opener].wake = std::move(wake);
  stream->ends[Stream::acceptor].place = to;
  forget_old();
  streams_.push_back(stream);
  push(stream, Stream::opener, [this, stream] { arrive(stream); });
  events_.schedule(connect_ms, [this, weak = std::weak_ptr(stream)] {
    const StreamRef waiting = weak.lock();
    if (waiting && !waiting->accepted) end(waiting, Stream::opener, true);
  });
  return stream;
}

void Network::arrive(const StreamRef& stream) {
  const auto listener = listeners_.find(stream->ends[Stream::acceptor].place);
  if (stream->ends[Stream::opener].over) return;
  if (stream->ends[Stream::acceptor].closed) return;  // who listens there now is another process
  if (listener == listeners_.end()) {
    events_.schedule(latency(), [this, stream] { end(stream, Stream::opener, true); });
    return;
  }
  stream->accepted = true;
  listener->second->accept(stream);
}

void Network::send(const StreamRef& stream, Stream::Side side, std::string bytes) {
  Stream::End& own = stream->ends[side];
  if (own.closed || own.broken || bytes.empty()) return;
  const std::size_t size = bytes.size();
  stream->pipes[side].bytes += size;
  push(stream, side, [this, stream, side, size, bytes = std::move(bytes)]() mutable {
    stream->pipes[side].bytes -= size;
    Stream::End& receiver = stream->ends[Stream::other(side)];
    if (receiver.closed) {  // its kernel answers with a reset
      if (receiver.silent) return;
      push(stream, Stream::other(side), [this, stream, side] { end(stream, side, true); });
      return;
    }
    if (receiver.over) return;
    receiver.arrived_bytes += size;
    receiver.arrived.push_back(std::move(bytes));
    if (receiver.wake) receiver.wake();
  });
}

void Network::close(const StreamRef& stream, Stream::Side side) {
  Stream::End& own = stream->ends[side];
  if (own.closed) return;
  own.closed = true;
  own.wake = nullptr;
  own.arrived.clear();
  own.arrived_bytes = 0;
  if (own.broken) return;
  push(stream, side, [this, stream, side] { end(stream, Stream::other(side), false); });
}

void Network::push(const StreamRef& stream, Stream::Side side, std::function<void()> arrival) {
  Stream::Pipe& pipe = stream->pipes[side];
  pipe.under_way.push_back(std::move(arrival));
  pipe.last_arrival = std::max(pipe.last_arrival, events_.now() + latency());
  events_.schedule(pipe.last_arrival - events_.now(), [this, stream, side] { move(stream, side); });
}

void Network::move(const StreamRef& stream, Stream::Side side) {
  Stream::Pipe& pipe = stream->pipes[side];
  if (pipe.under_way.empty()) return;
  if (is_cut(stream->ends[side].place, stream->ends[Stream::other(side)].place)) return;
  if (pipe.stalled_until > events_.now()) return;
  const auto arrival = std::move(pipe.under_way.front());
  pipe.under_way.pop_front();
  arrival();
}

void Network::end(const StreamRef& stream, Stream::Side side, bool broken) {
  Stream::End& told = stream->ends[side];
  if (told.over && (told.broken || !broken)) return;
  told.over = true;
  told.broken |= broken;
  if (told.wake) told.wake();
}

/// Each side finds out in its own time, the one perhaps long before the other.
void Network::reset(const StreamRef& stream, core::Milliseconds after) {
  for (const Stream::Side side : {Stream::opener, Stream::acceptor}) {
    const core::Milliseconds delay = after == 0 ? latency() : after + random_.below(patience_spread_ms);
    events_.schedule(delay, [this, stream, side] {
      stream->pipes[Stream::other(side)].under_way.clear();
      stream->pipes[Stream::other(side)].bytes = 0;
      end(stream, side, true);
    });
  }
}

// ---------------------------------------------------------------- faults

void Network::give_up_later(const StreamRef& stream) {
  events_.schedule(patience_ms, [this, weak = std::weak_ptr(stream)] {
    const StreamRef cut_off = weak.lock();
    if (!cut_off) return;
    const Place& a = cut_off->ends[0].place;
    const Place& b = cut_off->ends[1].place;
    if (is_cut(a, b) || is_cut(b, a)) reset(cut_off, 1);
  });
}

void Network::cut(const Place& from, const Place& to) {
  cut_.insert({from, to});
  for (const StreamRef& stream : between(from, to)) give_up_later(stream);
}

void Network::heal(const Place& from, const Place& to) {
  cut_.erase({from, to});
  for (const StreamRef& stream : between(from, to)) {
    const Stream::Side side = stream->ends[Stream::opener].place == from ? Stream::opener : Stream::acceptor;
    flow_again(stream, side);
  }
}

/// What has waited goes on, in its order.
void Network::flow_again(const StreamRef& stream, Stream::Side side) {
  const std::size_t waiting = stream->pipes[side].under_way.size();
  for (std::size_t i = 0; i < waiting; ++i) events_.schedule(1, [this, stream, side] { move(stream, side); });
}

void Network::heal_all() {
  const auto all = cut_;
  for (const auto& [from, to] : all) heal(from, to);
  for (const auto& weak : streams_) {
    const StreamRef stream = weak.lock();
    if (!stream) continue;
    for (const Stream::Side side : {Stream::opener, Stream::acceptor}) {
      stream->pipes[side].stalled_until = 0;
      flow_again(stream, side);
    }
  }
}

void Network::break_all(const Place& a, const Place& b) {
  for (const StreamRef& stream : between(a, b)) reset(stream, 0);
}

void Network::stall(const StreamRef& stream, Stream::Side sender, core::Milliseconds duration) {
  Stream::Pipe& pipe = stream->pipes[sender];
  pipe.stalled_until = std::max(pipe.stalled_until, events_.now() + duration);
  events_.schedule(duration, [this, weak = std::weak_ptr(stream), sender] {
    if (const StreamRef stalled = weak.lock()) flow_again(stalled, sender);
  });
}

void Network::leave(const Place& place, bool machine_dies) {
  stop_listening(place);
  for (const StreamRef& stream : all_of(place)) {
    const Stream::Side side = stream->ends[Stream::opener].place == place ? Stream::opener : Stream::acceptor;
    Stream::End& own = stream->ends[side];
    if (own.closed) continue;
    own.wake = nullptr;
    if (!machine_dies) {
      close(stream, side);
      continue;
    }
    own.closed = own.silent = true;
    stream->pipes[side].under_way.clear();
    events_.schedule(patience_ms + random_.below(patience_spread_ms),
                     [this, stream, side] { end(stream, Stream::other(side), true); });
  }
}

std::vector<StreamRef> Network::between(const Place& a, const Place& b) {
  std::vector<StreamRef> found;
  for (const StreamRef& stream : all_of(a)) {
    if (stream->ends[0].place == b || stream->ends[1].place == b) found.push_back(stream);
  }
  return found;
}

std::vector<StreamRef> Network::all_of(const Place& place) {
  std::vector<StreamRef> found;
  for (const auto& weak : streams_) {
    StreamRef stream = weak.lock();
    if (stream && (stream->ends[0].place == place || stream->ends[1].place == place)) found.push_back(stream);
  }
  return found;
}

void Network::forget_old() {
  std::erase_if(streams_, [](const std::weak_ptr<Stream>& stream) { return stream.expired(); });
}

}  // namespace mqttzoo::sim
