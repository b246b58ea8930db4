#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/ids.hpp"
#include "tests/simulation/world/event_queue.hpp"
#include "tests/simulation/world/random.hpp"

namespace mqttzoo::sim {

/// Where a process runs: brokers by their keys, clients by a name of their own.
using Place = std::string;

/// What a connection is for.
enum class Port : std::uint8_t { mqtt, control, data };

class Stream;
using StreamRef = std::shared_ptr<Stream>;

/// One TCP connection. Each direction is in order and without loss until it ends. Only Network and the two owners of
/// its ends know it.
class Stream {
 public:
  enum Side : std::uint8_t { opener = 0, acceptor = 1 };
  static Side other(Side side) { return side == opener ? acceptor : opener; }

  struct End {
    Place place;
    std::deque<std::string> arrived;  ///< not read yet
    std::size_t arrived_bytes = 0;
    bool over = false;    ///< nothing comes after `arrived`
    bool broken = false;  ///< over, and by more than a polite close
    bool closed = false;  ///< by its owner, who hears nothing more
    bool silent = false;  ///< its machine is dead: not even a reset comes from it
    std::function<void()> wake;
  };

  std::uint64_t number = 0;  ///< of all connections of the run
  Port port = Port::mqtt;
  End ends[2];

  /// Everything that has arrived at this end, and its owner reads it now.
  std::string read(Side side);

 private:
  friend class Network;
  struct Pipe {
    std::deque<std::function<void()>> under_way;
    core::Milliseconds last_arrival = 0;
    core::Milliseconds stalled_until = 0;
    std::size_t bytes = 0;
  };
  Pipe pipes[2];  ///< by the side that sends
  bool accepted = false;
};

/// Who takes connections at a place.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void accept(const StreamRef& stream) = 0;
};

/// The network between all places: delays at random, and does what faults say. What is sent where the way is cut waits,
/// as with TCP, until the way is open again or the connection is given up.
class Network {
 public:
  Network(EventQueue& events, Random& random) : events_(events), random_(random) {}
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void listen(const Place& place, Listener* listener) { listeners_[place] = listener; }
  void stop_listening(const Place& place) { listeners_.erase(place); }

  StreamRef dial(const Place& from, const Place& to, Port port, std::function<void()> wake);
  void send(const StreamRef& stream, Stream::Side side, std::string bytes);
  /// After what was sent.
  void close(const StreamRef& stream, Stream::Side side);
  /// Bytes on their way from this side or not read yet by the other one.
  std::size_t unread(const Stream& stream, Stream::Side side) const {
    return stream.pipes[side].bytes + stream.ends[Stream::other(side)].arrived_bytes;
  }

  // ---- Faults ----
  void cut(const Place& from, const Place& to);
  void heal(const Place& from, const Place& to);
  void heal_all();
  bool is_cut(const Place& from, const Place& to) const { return cut_.contains({from, to}); }
  /// All connections between the two break, or those for this.
  void break_all(const Place& a, const Place& b);
  void break_one(const StreamRef& stream) { reset(stream, 0); }
  /// Nothing moves in this direction until then.
  void stall(const StreamRef& stream, Stream::Side sender, core::Milliseconds duration);
  /// The process ended. Its kernel closes its connections; a dead machine's do not even do that.
  void leave(const Place& place, bool machine_dies);
  std::vector<StreamRef> between(const Place& a, const Place& b);
  std::vector<StreamRef> all_of(const Place& place);

  core::Milliseconds latency_max_ms = 3;
  /// Every so many sends one is under way for longer; 0: none.
  std::int64_t spikes_one_in = 0;
  core::Milliseconds spike_max_ms = 300;

 private:
  core::Milliseconds latency();
  void push(const StreamRef& stream, Stream::Side side, std::function<void()> arrival);
  void move(const StreamRef& stream, Stream::Side side);
  void flow_again(const StreamRef& stream, Stream::Side side);
  void arrive(const StreamRef& stream);
  void end(const StreamRef& stream, Stream::Side side, bool broken);
  void reset(const StreamRef& stream, core::Milliseconds after);
  void give_up_later(const StreamRef& stream);
  void forget_old();

  EventQueue& events_;
  Random& random_;
  std::map<Place, Listener*> listeners_;
  std::set<std::pair<Place, Place>> cut_;
  std::vector<std::weak_ptr<Stream>> streams_;
  std::uint64_t last_number_ = 0;
};

}  // namespace mqttzoo::sim
